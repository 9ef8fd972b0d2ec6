"""The homepage inside Space: who looks at it is proved, and each sees and changes what is theirs."""

from __future__ import annotations

import base64
import csv
import io
import json
import time

import pytest
import requests

from tests.world.people import call_homepage, choose, homepage, sign_in_on_homepage, user_token
from tests.world.space import wait_for

ENDPOINTS = ["state", "sign-in", "sign-out", "choice", "rule", "clicks", "language"]
FOR_ADMINISTRATORS = ["rule", "clicks", "language"]


def forged(token: str, **claims) -> str:
    """The same token with other claims, and a signature that does not fit them."""
    head, payload, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))) | claims
    return ".".join((head, base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode(), signature))


def proofs(team) -> int:
    """How often Space was asked to vouch for a person's token; set-ups ask for the application itself meanwhile."""
    asked = team.server.get("requests", path="check-permission")["requests"]
    return sum("Superadmin" in str(one["body"]) for one in asked)


# Whose token


@pytest.mark.parametrize("what", ENDPOINTS)
@pytest.mark.parametrize("token", [None, "", "x", "a.b.c", "..", "e30.e30.e30", "ey" * 2_000])
def test_without_a_token_nothing_is_said(office, what, token):
    answer = call_homepage(office, token, what)
    assert answer.status_code in (400, 401)
    assert "systems" not in answer.text


@pytest.mark.parametrize("what", ENDPOINTS)
def test_get_changes_nothing(office, team, ann, what):
    headers = {"Authorization": f"Bearer {user_token(team, ann)}"}
    assert requests.get(f"{office.url}/space/homepage/{what}", headers=headers, timeout=60).status_code == 405


@pytest.mark.parametrize("what", ENDPOINTS)
def test_a_forged_token_is_refused(office, team, ann, bob, what):
    token = user_token(team, bob)
    for one in (
        forged(token, sub=ann),
        forged(token, exp=time.time() + 9_999),
        forged(token, aud=[team.id, "other"]),
        forged(token, aud="nobody"),
        forged(token, iss="https://evil.example"),
        token.rpartition(".")[0] + ".",
    ):
        assert call_homepage(office, one, what).status_code == 401, one


def test_a_token_of_another_organization_is_none_here(office, team, space_server, ann):
    other = space_server.install(office.endpoint)
    theirs = user_token(other, other.people[0])
    assert call_homepage(office, forged(theirs, aud=team.id), "state").status_code == 401
    assert call_homepage(office, forged(theirs, aud=team.id, sub=ann), "state").status_code == 401
    assert call_homepage(office, theirs, "state").status_code == 200


def test_a_token_that_ran_out_is_refused_without_asking(office, team, ann):
    asked = proofs(team)
    token = forged(user_token(team, ann), exp=time.time() - 1)
    assert call_homepage(office, token, "state").status_code == 401
    assert proofs(team) == asked


def test_a_proof_is_remembered_for_this_token_alone(office, team, ann):
    token = user_token(team, ann)
    assert call_homepage(office, token, "state").ok
    asked = proofs(team)
    assert call_homepage(office, token, "state").ok
    assert proofs(team) == asked
    assert call_homepage(office, user_token(team, ann), "state").ok
    assert proofs(team) == asked + 1


def test_an_applications_own_token_is_nobodys(office, team):
    answer = requests.post(
        f"{team.server.url}/oauth/token",
        data={"grant_type": "client_credentials", "scope": "**"},
        auth=(team.id, team.secret),
        timeout=60,
    )
    assert call_homepage(office, answer.json()["access_token"], "state").status_code == 401


def test_after_uninstalling_no_token_counts(office, space_server):
    organization = space_server.install(office.endpoint, codeFlow=False)
    token = user_token(organization, organization.people[0])
    assert call_homepage(office, token, "state").ok
    organization.call("uninstall")
    assert call_homepage(office, token, "state").status_code == 401


def test_while_space_does_not_answer_it_is_503(office, team, ann):
    token = user_token(team, ann)
    team.server.post("faults", path="check-permission", status=500, error="internal-server-error", times=20)
    try:
        assert call_homepage(office, token, "state").status_code == 503
    finally:
        team.server.delete("faults")


# What is there


def test_people_see_their_own_sign_ins(office, team, hub, other_hub, lab, board, ann, bob):
    sign_in_on_homepage(office, team, ann, hub, "home-ann")
    state = homepage(office, team, ann)
    assert {one["site"] for one in state["systems"]} == {hub.url, other_hub.url, lab.url, board.url}
    assert [one["account"]["name"] for one in state["systems"] if one["account"]] == ["home-ann"]
    assert all(one["account"] is None for one in homepage(office, team, bob)["systems"])
    assert "at-" not in json.dumps(state)


def test_a_choice_is_kept_for_one_person_and_system(office, team, hub, ann, bob):
    choose(office, team, ann, hub, "title", never_ask=True)
    mine = {one["site"]: (one["audience"], one["never_ask"]) for one in homepage(office, team, ann)["systems"]}
    assert mine.pop(hub.url) == ("title", True)
    assert set(mine.values()) == {(None, False)}
    assert {one["audience"] for one in homepage(office, team, bob)["systems"]} == {None}


@pytest.mark.parametrize(
    "sent",
    [
        {"audience": "everyone", "never_ask": False},
        {"audience": "show", "never_ask": "yes"},
        {"audience": "show"},
        {"audience": ["show"], "never_ask": False},
        {"audience": "show", "never_ask": False, "site": "https://elsewhere.example"},
        {"audience": "show", "never_ask": False, "provider": None},
    ],
)
def test_an_odd_choice_is_refused(office, team, hub, ann, sent):
    body = {"provider": "github", "site": hub.url, **sent}
    assert call_homepage(office, user_token(team, ann), "choice", **body).status_code == 400


def test_signing_in_on_the_homepage_holds_back_no_request_in_chat(office, team, hub, ann):
    """A link that was made there is before nobody's eyes in chat."""
    place = {"provider": "github", "site": hub.url}
    homepage(office, team, ann, "sign-in", **place)
    (item,) = team.someone_posts(hub.issue(hub.repository("homely/private", readers=["home-ann"]), 1, "Private"))
    assert wait_for(lambda: team.item(item)["prompt"])


def test_a_system_that_is_not_there_gives_no_link(office, team, ann):
    token = user_token(team, ann)
    assert call_homepage(office, token, "sign-in", provider="github", site="https://evil.example").status_code == 404


# Administrators


@pytest.mark.parametrize("what", FOR_ADMINISTRATORS)
def test_what_administrators_do_nobody_else_does(office, team, bob, what):
    assert homepage(office, team, bob)["administers"] is False
    answer = call_homepage(office, user_token(team, bob), what, rule="never", language="de", form="csv")
    assert answer.status_code == 403


def test_an_administrator_sets_the_rule_and_the_language(office, team, ann):
    homepage(office, team, ann, "rule", rule="title")
    homepage(office, team, ann, "language", language="de")
    state = homepage(office, team, ann)
    assert (state["rule"], state["language"], state["administers"]) == ("title", "de", True)
    for body in ({"rule": "everything"}, {"rule": None}, {}):
        assert call_homepage(office, user_token(team, ann), "rule", **body).status_code == 400
    assert call_homepage(office, user_token(team, ann), "language", language="../de").status_code == 400


def test_the_export_holds_no_formula(office, team, ann):
    outcomes = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "plain, with a comma"]
    with office.sql() as database:
        database.executemany(
            "insert into clicks (id, organization, record, person, action, at, outcome, sentence)"
            " values (?, ?, 'r', ?, 'github.close', ?, 'done', ?)",
            [(f"{team.id[:8]}{n}", team.id, ann, time.time(), said) for n, said in enumerate(outcomes)],
        )
    answer = call_homepage(office, user_token(team, ann), "clicks", form="csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=clicks.csv"
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(rows) == len(outcomes)
    assert not any(cell[:1] in "=+-@\t\r" for row in rows for cell in row.values() if cell)
    assert "plain, with a comma" in {row["said"] for row in rows}


def test_an_empty_export_has_its_columns(office, team, ann):
    assert homepage(office, team, ann, "clicks", form="csv").split(",")[:3] == ["when", "person", "account"]


def test_the_record_is_the_organizations_own(office, team, space_server, ann):
    with office.sql() as database:
        database.execute(
            "insert into clicks (id, organization, record, person, action, at, outcome)"
            " values (?, ?, 'r', ?, 'a.b', ?, 'done')",
            (f"x{team.id[:8]}", team.id, ann, time.time()),
        )
    other = space_server.install(office.endpoint)
    assert homepage(office, other, other.people[0], "clicks")["clicks"] == []
    assert len(homepage(office, team, ann, "clicks")["clicks"]) == 1


# The page


def test_only_space_may_frame_it_and_nothing_is_inline(office, team):
    page = requests.get(f"{office.url}/space/homepage", timeout=60)
    policy = page.headers["Content-Security-Policy"]
    assert f"frame-ancestors {team.server.url}" in policy
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert "X-Frame-Options" not in page.headers
    assert page.headers["X-Content-Type-Options"] == "nosniff"
