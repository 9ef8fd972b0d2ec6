"""Which Space servers may talk to us."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfurler.space.hosts import ServerRefused, SpaceHosts

HOSTS = SpaceHosts.parse(["*.jetbrains.space", "space.corp.example", "http://127.0.0.1:9000", "https://s.example:8443"])


@pytest.mark.parametrize(
    ("server", "origin"),
    [
        ("https://acme.jetbrains.space", "https://acme.jetbrains.space"),
        ("https://ACME.JetBrains.space/", "https://acme.jetbrains.space"),
        ("https://a.b.jetbrains.space", "https://a.b.jetbrains.space"),
        ("https://space.corp.example", "https://space.corp.example"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        ("https://s.example:8443", "https://s.example:8443"),
    ],
)
def test_a_server_that_is_named_may(server, origin):
    assert HOSTS.judge(server) == origin


@pytest.mark.parametrize(
    "server",
    [
        "http://acme.jetbrains.space",
        "https://jetbrains.space",
        "https://jetbrains.space.evil.example",
        "https://evil-jetbrains.space",
        "https://evil.example/.jetbrains.space",
        "https://evil.example#.jetbrains.space",
        "https://evil.example?.jetbrains.space",
        "https://acme.jetbrains.space:8443",
        "https://acme.jetbrains.space@evil.example",
        "https://u:p@acme.jetbrains.space",
        "https://acme.jetbrains.space/path",
        "https://acme.jetbrains.space/?",
        "https://acme.jetbrains.space/#",
        "https://acme.jetbrains.space\\.evil.example",
        "https://a.space.corp.example",
        "http://space.corp.example",
        "http://127.0.0.1:9001",
        "https://127.0.0.1:9000",
        "http://localhost:9000",
        "http://2130706433:9000",
        "https://[::1]",
        "https://10.0.0.1",
        "https://s.example",
        "https://ａcme.jetbrains.space.evil.example",
        "ftp://acme.jetbrains.space",
        "//acme.jetbrains.space",
        "acme.jetbrains.space",
        "",
    ],
)
def test_any_other_may_not(server):
    with pytest.raises(ServerRefused):
        HOSTS.judge(server)


@given(st.text(max_size=40))
def test_whatever_is_let_through_ends_at_a_label_of_what_is_named(text):
    for server in (text, f"https://{text}", f"https://{text}.jetbrains.space", f"https://acme.jetbrains.space{text}"):
        try:
            origin = HOSTS.judge(server)
        except ServerRefused:
            continue
        assert origin.startswith("https://")
        assert origin.endswith(".jetbrains.space")


@pytest.mark.parametrize(
    "entry", ["https://s.example/path", "s.example:8443", "*", "*.", "a b", "https://u@s.example", "**.x"]
)
def test_an_entry_that_is_wrong_is_named(entry):
    with pytest.raises(ValueError, match="write"):
        SpaceHosts.parse([entry])


def test_the_servers_that_may_frame_us_are_those_that_are_named():
    assert HOSTS.frame_ancestors == (
        "https://*.jetbrains.space http://127.0.0.1:9000 https://s.example:8443 https://space.corp.example"
    )
