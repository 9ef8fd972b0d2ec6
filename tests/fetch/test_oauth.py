"""OAuth 2 as a client, against a strict server: what is sent, what is refused, where nothing goes."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from tests.world.people import query_of
from tests.world.system import System, Told
from unfurler.fetch import Allow, Guard, Outbound
from unfurler.fetch.oauth import GRANT_REFUSED, OAuthClient
from unfurler.limits import Limits
from unfurler.sdk.errors import AccessDenied, UnfurlError, Upstream, UpstreamDown, UpstreamOdd
from unfurler.sdk.sign_in import OAuth2

CALLBACK = "https://us.example/oauth/tracker/callback"
VERIFIER = "v" * 64


@pytest.fixture
def system():
    made = System(life_s=3_600)
    made.application("client", "CANARYSECRET", CALLBACK)
    yield made
    made.close()


@pytest.fixture
def elsewhere():
    made = System()
    yield made
    made.close()


@pytest.fixture
def client(system):
    outbound = Outbound(Limits(), Guard.make(Allow.parse("127.0.0.1"), own_origin="https://us.example"), user_agent="t")
    declared = OAuth2("/oauth/authorize", "/oauth/token", ["read"], ["write"], revoke="/oauth/revoke")
    yield OAuthClient(declared, system.url, "client", SecretStr("CANARYSECRET"), CALLBACK, outbound)
    outbound.close()


def code(client, system, *, writes=False, person="ann") -> str:
    return query_of(system.agree(client.authorization_url("state", VERIFIER, writes=writes), person))["code"]


def test_the_whole_way(client, system):
    asked = query_of(client.authorization_url("state", VERIFIER, writes=True))
    assert (asked["scope"], asked["state"], asked["redirect_uri"]) == ("read write", "state", CALLBACK)
    assert VERIFIER not in str(asked) and "CANARYSECRET" not in str(asked)
    token = client.exchange(code(client, system), VERIFIER)
    assert (token.expires_in_s, token.scopes) == (3_600.0, ("read",))
    renewed = client.renew(token.refresh)
    assert renewed.access != token.access and system.live_tokens("ann") == [renewed.access]
    client.revoke(renewed.refresh)
    client.revoke(renewed.access)
    assert system.live_tokens("ann") == [] and system.live_refresh_tokens("ann") == []


def test_a_refresh_token_that_does_not_rotate_is_kept(client, system):
    system.rotates = False
    token = client.exchange(code(client, system), VERIFIER)
    assert client.renew(token.refresh).refresh == token.refresh


@pytest.mark.parametrize("wrong", ["verifier", "code", "used"])
def test_a_refused_code_says_so(client, system, wrong):
    got = code(client, system)
    if wrong == "used":
        client.exchange(got, VERIFIER)
    with pytest.raises(AccessDenied) as refused:
        client.exchange("x" if wrong == "code" else got, "w" * 64 if wrong == "verifier" else VERIFIER)
    assert refused.value.reason == GRANT_REFUSED
    assert got not in str(refused.value)


def test_an_application_that_is_not_accepted_ends_nobodys_account(client, system):
    token = client.exchange(code(client, system), VERIFIER)
    system.application("client", "another", CALLBACK)
    with pytest.raises(UpstreamOdd):
        client.renew(token.refresh)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_with_our_secret(client, system, elsewhere, status):
    got = code(client, system)
    system.faults["/oauth/token"] = [Told(status, {}, {"Location": f"{elsewhere.url}/oauth/token"})]
    with pytest.raises(UpstreamOdd):
        client.exchange(got, VERIFIER)
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Told(500, {"error": "server_error"}), UpstreamDown),
        (Told(429, {}), UpstreamDown),
        (Told(503, b"<html>"), UpstreamDown),
        (Told(200, b"<html>"), UpstreamOdd),
        (Told(200, []), Upstream),
        (Told(200, {}), UpstreamOdd),
        (Told(200, {"access_token": ""}), UpstreamOdd),
        (Told(200, {"access_token": "a\r\nX: y"}), UpstreamOdd),
        (Told(200, {"access_token": {"a": 1}}), UpstreamOdd),
        (Told(200, {"access_token": "x", "expires_in": "soon"}), UpstreamOdd),
        (Told(200, {"error": "bad_verification_code"}), AccessDenied),
        (Told(400, {"error": "temporarily_unavailable"}), UpstreamOdd),
        (Told(400, {"error": ["x"]}), UnfurlError),
        (Told(200, b"[" * 100_000), Upstream),
    ],
)
def test_odd_answers(client, system, answer, error):
    got = code(client, system)
    system.faults["/oauth/token"] = [answer]
    with pytest.raises(error) as refused:
        client.exchange(got, VERIFIER)
    assert "CANARY" not in str(refused.value) + repr(refused.value.__cause__)


def test_nothing_prints_a_token(client, system):
    token = client.exchange(code(client, system), VERIFIER)
    assert token.access not in repr(token) and token.refresh not in repr(token)


@pytest.mark.parametrize("issuer", ["https://evil.example", "x", "", "//", "http://127.0.0.1:1"])
def test_an_answer_of_another_issuer_is_told_apart(client, system, issuer):
    assert client.may_be_from(system.url) and client.may_be_from(f"{system.url}/login/oauth")
    assert not client.may_be_from(issuer)
