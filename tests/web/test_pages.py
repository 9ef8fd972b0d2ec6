"""The pages of ours, and the headers under which browsers show them."""

from __future__ import annotations

import pytest

from unfurler.web.app import create_app


def policy(answer) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


@pytest.mark.parametrize(
    "path", ["/", "/space/homepage", "/healthz", "/readyz", "/metrics", "/nowhere", "/playground", "/api/space"]
)
def test_no_page_runs_foreign_scripts_or_says_where_its_reader_came_from(web, path):
    answer = web.get(path)
    said = policy(answer)
    assert said["default-src"] == "'none'"
    assert said.get("script-src", "'self'") == "'self'"
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/nowhere", "/playground"])
def test_no_page_but_the_homepage_may_be_framed(web, path):
    assert policy(web.get(path))["frame-ancestors"] == "'none'"


def test_the_homepage_may_be_framed_by_the_space_servers_alone(web, site):
    assert policy(web.get("/space/homepage"))["frame-ancestors"] == site.url


def test_the_server_that_was_registered_by_hand_may_frame_the_homepage_too(build):
    by_hand = {"SERVER_URL": "https://space.corp.example", "CLIENT_ID": "c", "CLIENT_SECRET": "s"}
    service = build(**{f"UNFURLER_SPACE_{name}": value for name, value in by_hand.items()})
    framed_by = policy(create_app(service).test_client().get("/space/homepage"))["frame-ancestors"]
    assert "https://space.corp.example" in framed_by.split()


def test_plain_http_on_loopback_promises_no_https(build):
    service = build(UNFURLER_BASE_URL="http://127.0.0.1:8080")
    assert "Strict-Transport-Security" not in create_app(service).test_client().get("/").headers


def test_the_playground_is_not_there_unless_switched_on(web):
    assert web.get("/playground").status_code == 404


def test_the_playground_shows_what_it_is_given_as_text(build):
    web = create_app(build(UNFURLER_PLAYGROUND="on")).test_client()
    page = web.get("/playground", query_string={"url": '"><script>alert(1)</script>'}).text
    assert "<script>" not in page


def test_the_host_header_makes_no_address(web):
    assert "evil.example" not in web.get("/", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}).text
