"""`dev`: the cards of a provider from recorded replies, and recording them."""

from __future__ import annotations

import json

import pytest
import requests

from tests.world.workshop import Workshop
from unfurler.cli.recording import cleaner


@pytest.fixture
def workshop(tmp_path):
    made = Workshop(tmp_path)
    yield made
    made.close()


@pytest.fixture
def real(github):
    """The real system, as far as there is one here."""
    github.answers("/api/things/7", json_body={"title": "A real thing", "state": "open", "clone_token": "canary-1"})
    return github


def test_what_the_real_system_answers_is_recorded_without_its_secrets(workshop, real):
    real.answers(
        "/api/things/8",
        json_body={
            "title": "Ask ann@corp.example, with canary-t",
            "text": "see https://u:canary-2@x.example/?private_token=canary-3&page=2 and ghp_canarycanarycanarycanary",
            "accessToken": "canary-4",
        },
    )
    url = {"UNFURLER_MINE_URL": real.url, "UNFURLER_MINE_TOKEN": "canary-t"}
    links = ["--link", f"{real.url}/things/7", "--link", f"{real.url}/things/8", "--link", f"{real.url}/things/9"]
    workshop.opens("--record", *links, **url)
    text = workshop.recorded.read_text()
    recorded = json.loads(text)
    assert "canary" not in text
    assert recorded["replies"]["/things/9"] == 404
    assert recorded["replies"]["/things/8"] == {
        "title": "Ask somebody@example.com, with removed",
        "text": "see https://x.example/?private_token=removed&page=2 and removed",
        "accessToken": "removed",
    }
    assert recorded["links"][0] == "https://mine.example/things/7"
    assert {"Authorization": "Bearer canary-t"}.items() <= {
        "Authorization": real.asked[-1].headers["authorization"]
    }.items()


def test_what_is_recorded_is_what_the_providers_test_reads(workshop, real):
    workshop.opens("--record", "--link", f"{real.url}/things/7", UNFURLER_MINE_URL=real.url)
    recorded = json.loads(workshop.recorded.read_text())
    assert recorded["replies"]["/things/7"]["title"] == "A real thing"
    assert recorded["replies"]["/things/7"]["clone_token"] == "removed"
    assert "A real thing" in requests.get(workshop.url, timeout=60).text


def test_without_a_network_recording_says_so_in_one_line(workshop):
    before = workshop.recorded.read_text()
    said = workshop.fails("--record").strip().splitlines()
    assert said[-1].startswith("Error: --record needs a network: The site's name")
    assert workshop.recorded.read_text() == before


def test_a_provider_that_cannot_be_loaded_is_recorded_nothing_of_and_its_line_is_named(workshop):
    workshop.saves("@mine.link(", "@mine.lnk(")
    assert "providers/mine.py, line " in workshop.fails("--record")


def test_a_save_is_another_version(workshop):
    workshop.opens()
    before = requests.get(f"{workshop.url}/version", timeout=60).text
    workshop.saves("A thing: its title", "A thing: its name")
    assert requests.get(f"{workshop.url}/version", timeout=60).text != before


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("title", "Rotate the tokens and secrets", True),
        ("html_url", "https://x.example/a?page=2&q=key", True),
        ("author", "Ann", True),
        ("password", "hunter2", False),
        ("temp_clone_token", "abc", False),
        ("clientSecret", "abc", False),
        ("avatar", "https://x.example/a.png?X-Amz-Signature=abc", False),
        ("text", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", False),
        ("key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", False),
    ],
)
def test_what_looks_like_a_secret_is_removed_and_nothing_else(name, value, kept):
    assert (cleaner([])({name: [value]}) == {name: [value]}) is kept
