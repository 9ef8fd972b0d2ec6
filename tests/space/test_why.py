"""The words for why a link has no preview."""

from __future__ import annotations

import re

from tests.world.service import ROOT
from unfurler.engine.outcomes import ASKED, NOTHING, POSTED, End
from unfurler.engine.story import Look, Owner, Request, Story
from unfurler.space.why import in_lines, reason_of, steps

REASON = re.compile(r"(?:reason ?= ?|SILENT = |_refuse\()\"([a-z-]+)\"")
# They end a click, a sign-in or a picture, never a link.
OF_SOMETHING_ELSE = {
    "action-refused", "another-person", "miss", "no-such-sign-in", "not-a-picture", "oauth-refused", "signed-out"
}  # fmt: skip


def told(*looks: Look, end: End | None = None, **more) -> str:
    owner = Owner("github", "GitHub", "/<owner>/<repo>", "repository", {"owner": "o"})
    story = Story(1.0, "https://x.example/o/r", "https://x.example/o/r", owner, looks=list(looks))
    return in_lines(steps(story, end, **more))


def test_every_reason_that_can_end_a_link_has_words():
    sources = [path for layer in ("sdk", "fetch", "engine") for path in (ROOT / "unfurler" / layer).rglob("*.py")]
    reasons = {reason for path in sources for reason in REASON.findall(path.read_text(encoding="utf-8"))}
    assert len(reasons) > 30
    without = {reason for reason in reasons if reason_of(reason).said.startswith("There is nothing to show for it (")}
    assert without - OF_SOMETHING_ELSE == set()


def test_a_reason_of_a_providers_own_has_its_sentence_or_at_least_its_name():
    assert reason_of("not-a-gist", "This is no gist.").said == "This is no gist."
    assert "not-a-gist" in reason_of("not-a-gist").said


def test_a_look_says_with_whose_account():
    assert "without an account" in told(Look(False, remembered="miss"))
    assert "with the service account" in told(Look(False, service_account=True, remembered="miss"))
    assert "with the author's account" in told(Look(True, remembered="fresh"))


def test_a_remembered_failure_and_a_card_that_stood_in_are_told_apart():
    assert "A failure (not-found) was remembered" in told(Look(False, remembered="failure", outcome="not-found"))
    assert "the card of before stands in" in told(Look(False, remembered="stale", stood_in_for="upstream-down"))


def test_a_request_is_told_with_what_came_of_it():
    failed = Request("GET", "x.example", "https://x.example/a", None, "upstream-slow", 3000.0, 0)
    assert "GET https://x.example/a: no answer (upstream-slow) in 3,000 ms" in told(
        Look(False, remembered="miss", requests=[failed], unseen_requests=3)
    )


def test_how_it_ended_comes_last_with_what_helps():
    assert told(end=End(POSTED), card="A card").splitlines()[-1].split() == ["Card:", "A", "card"]
    assert told(end=End(ASKED, "sign-in-asked")).splitlines()[-1].startswith("What helps: Sign in")
    assert told(end=End(NOTHING, "gone")).splitlines()[-1].split() == ["reason:", "gone"]
