"""The environment: every fault is named at once, with what would be right and without any secret."""

from __future__ import annotations

import base64

import pytest

from unfurler.config import WrongSettings, read_configuration
from unfurler.engine.loading import load_providers

PROVIDERS = load_providers().providers
KEY = base64.urlsafe_b64encode(b"k" * 32).decode()


def read(**settings: str):
    return read_configuration({"UNFURLER_SECRET_KEYS": KEY, **settings}, PROVIDERS)


def faults(**settings: str) -> list[str]:
    with pytest.raises(WrongSettings) as wrong:
        read(**settings)
    return wrong.value.faults


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEYS", ","),
        ("SECRET_KEYS", "short"),
        ("BASE_URL", "unfurl.example"),
        ("BASE_URL", "https://unfurl.example/path"),
        ("BASE_URL", "http://unfurl.example"),
        ("BASE_URL", "http://127.evil.example"),
        ("DATABASE_URL", "mysql://h/x"),
        ("DATABASE_URL", "postgresql+asyncpg://h/x"),
        ("DATABASE_URL", "nonsense"),
        ("SPACE_HOSTS", "a b"),
        ("SPACE_SERVER_URL", "space.example"),
        ("FETCH_ALLOW", "https://x"),
        ("FETCH_PROXY", "socks5://x"),
        ("DOMAINS", "*.example.com"),
        ("DOMAINS", "https://example.com/x"),
        ("CACHE_TTL", "soon"),
        ("CACHE_TTL", "-1"),
        ("PLAYGROUND", "yes"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("GITHUB_URL", "ghe.example"),
        ("GITHUB_URL", "https://ghe.example/?x"),
        ("GITHUB_URL", "https://ghe.example,http://ghe.example/"),
        ("GITHUB_URL", "https://github.com,https://www.github.com"),
        ("GITHUB_API_URL", "api"),
        ("GITHUB_TOKEN", "a,b"),
        ("DISABLED_PROVIDERS", "nobody"),
        ("SPACE_CLIENT_SECRET", "s"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_its_variable(name, value):
    said = [fault for fault in faults(**{f"UNFURLER_{name}": value}) if fault.startswith(f"UNFURLER_{name}: ")]
    assert len(said) == 1
    assert "\n" not in said[0]


def test_every_fault_is_named_at_once():
    said = faults(UNFURLER_CACHE_TTL="x", UNFURLER_DOMAINS="*.a,*.b", UNFURLER_GITHUB_URL="x", UNFURLER_BASE_URL="x")
    assert [fault.partition(":")[0] for fault in said] == [
        "UNFURLER_BASE_URL",
        "UNFURLER_CACHE_TTL",
        "UNFURLER_DOMAINS",
        "UNFURLER_DOMAINS",
        "UNFURLER_GITHUB_URL",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEYS", "canary"),
        ("DATABASE_URL", "mysql://u:canary@h/x"),
        ("BASE_URL", "https://u:canary@h"),
        ("SPACE_SERVER_URL", "https://u:canary@h"),
        ("GITHUB_URL", "https://u:canary@h"),
        ("GITHUB_TOKEN", "canary,canary"),
        ("FETCH_PROXY", "socks5://u:canary@h"),
        ("SPACE_SIGNING_KEY", "canary"),
    ],
)
def test_no_fault_quotes_a_secret(name, value):
    assert "canary" not in "\n".join(faults(**{f"UNFURLER_{name}": value}))


def test_no_secret_shows_in_the_settings():
    secrets = dict.fromkeys(["SPACE_CLIENT_SECRET", "SPACE_SIGNING_KEY", "SPACE_TOKEN", "GITHUB_TOKEN"], "canary")
    more = {"SPACE_SERVER_URL": "https://s.example", "SPACE_CLIENT_ID": "c", "FETCH_PROXY": "http://u:canary@h:1"}
    database = {"DATABASE_URL": "postgresql://u:canary@h/x"}
    shown = repr(read(**{f"UNFURLER_{name}": value for name, value in (secrets | more | database).items()}))
    assert "canary" not in shown
    assert KEY not in shown


def test_a_token_goes_to_the_address_it_was_given_for():
    state = next(
        state
        for state in read(
            UNFURLER_GITHUB_URL="https://a.example,https://b.example,https://github.com", UNFURLER_GITHUB_TOKEN="ta,,tc"
        ).providers
        if state.provider.name == "github"
    )
    tokens = [(one.site.url, one.token.get_secret_value() if one.token else None) for one in state.instances]
    assert tokens == [("https://a.example", "ta"), ("https://b.example", None), ("https://github.com", "tc")]


def test_the_usual_port_written_out_means_that_port():
    assert read(UNFURLER_DOMAINS="a.example:443,b.example:80,c.example").settings.domains == [
        "a.example:443",
        "b.example:80",
        "c.example",
    ]


def test_a_variable_that_means_nothing_is_named():
    assert read(UNFURLER_NONSENSE="1").unknown == ("UNFURLER_NONSENSE",)


def test_an_empty_variable_is_none():
    assert read(UNFURLER_DOMAINS=" ", UNFURLER_CACHE_TTL="").settings.domains == []
