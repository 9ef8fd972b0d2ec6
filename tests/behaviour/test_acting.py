"""A button of a card works in the other system as the one who pressed it, once, or not at all."""

from __future__ import annotations

import time

import pytest

from tests.world.browser import Browser
from tests.world.people import (
    choose,
    homepage,
    invited,
    sign_in,
    sign_in_on_homepage,
)
from tests.world.space import buttons, texts, wait_for
from tests.world.system import Told


@pytest.fixture(scope="module")
def repository(hub):
    """Ann and Bob may write, Carla may look."""
    return hub.repository("acting/private", readers=["act-carla"], writers=["act-ann", "act-bob"])


@pytest.fixture
def number(repository):
    return 1 + len(repository.issues) + len(repository.pulls)


@pytest.fixture
def issue(team, office, hub, repository, ann, number):
    """The item of a private issue that Ann shows to all."""
    link = hub.issue(repository, number, f"Acting on {number}")
    return shown(team, office, hub, ann, link)


@pytest.fixture
def pull(team, office, hub, repository, ann, number):
    """The same of a pull request."""
    link = hub.pull(repository, number, f"Merging {number}")
    return shown(team, office, hub, ann, link)


def shown(team, office, hub, ann, link) -> str:
    choose(office, team, ann, hub, "show")
    sign_in_on_homepage(office, team, ann, hub, "act-ann")
    (item,) = team.someone_posts(link)
    assert team.card(item)
    return item


def changes(hub, number):
    """Writing requests about one thing: whose token, what."""
    writes = [*hub.done("PATCH"), *hub.done("PUT"), *hub.done("POST", "/api/v3/")]
    return [(one.person, one.method) for one in writes if f"/{number}" in one.path]


def says(team, item, *words):
    """The card, once it says all of that."""
    found = wait_for(lambda: all(word in texts(team.item(item)["content"]) for word in words))
    assert found, texts(team.item(item)["content"])
    return team.item(item)["content"]


def told(team, person, word, earlier=0):
    """The direct messages to a person after `earlier`, once one says that."""
    assert wait_for(lambda: word in str(team.messages(person)[earlier:])), team.messages(person)
    return team.messages(person)[earlier:]


def aged(office, item, seconds):
    """Our record of an item becomes older, and what was asked about it too."""
    with office.sql() as database:
        database.execute("update queue_items set received_at = received_at - ? where item = ?", (seconds, item))
        older = "set at = at - ?, same_until = same_until - ?"
        mine = "record = (select id from queue_items where item = ?)"
        database.execute(f"update clicks {older} where {mine}", (seconds, seconds, item))


# As the one who pressed


def test_the_author_acts_with_their_account_and_the_card_says_who(team, issue, hub, number, ann):
    team.press(issue, "Close as completed", ann)
    content = says(team, issue, "Closed", f"Closed #{number}", "by act-ann")
    assert buttons(content)[0] == "Undo"
    assert changes(hub, number) == [("act-ann", "PATCH")]
    assert team.messages(ann) == []


def test_undo_takes_it_back(team, issue, hub, repository, number, ann):
    team.press(issue, "Close as completed")
    says(team, issue, "by act-ann")
    team.press(issue, "Undo")
    says(team, issue, f"Reopened #{number}")
    assert repository.issues[number]["state"] == "open"


def test_somebody_elses_press_never_uses_the_authors_account(team, office, issue, hub, repository, number, bob):
    team.press(issue, "Close as completed", bob)
    address = invited(team, bob)
    wait_for(lambda: False, 0.5)
    assert changes(hub, number) == [] and repository.issues[number]["state"] == "open"
    assert team.posts(issue) == 1
    sign_in(address, hub, "act-bob")
    wait_for(lambda: False, 0.5)
    assert changes(hub, number) == []
    team.press(issue, "Close as completed", bob)
    says(team, issue, "by act-bob")
    assert changes(hub, number) == [("act-bob", "PATCH")]


def test_refresh_by_somebody_uses_their_account_too(team, office, issue, hub, number, bob):
    before = len(hub.asked)
    team.press(issue, "Refresh", bob)
    assert invited(team, bob)
    assert "act-ann" not in {one.person for one in hub.asked[before:]}
    assert team.posts(issue) == 1


def test_missing_rights_come_back_as_a_sentence(team, office, issue, hub, repository, number, bob):
    sign_in_on_homepage(office, team, bob, hub, "act-carla")
    team.press(issue, "Close as completed", bob)
    told(team, bob, "does not let this account do that")
    assert repository.issues[number]["state"] == "open"
    assert team.posts(issue) == 1


def test_the_request_to_sign_in_is_sent_once_for_a_click(team, issue, bob):
    team.press(issue, "Close as completed", bob, times=3, sameBytes=False)
    invited(team, bob)
    wait_for(lambda: False, 1.0)
    assert len(team.messages(bob)) == 1


def test_a_withdrawn_token_asks_the_clicker_and_does_nothing(team, office, issue, hub, repository, number, ann):
    hub.withdraw("act-ann")
    team.press(issue, "Close as completed")
    told(team, ann, "does not accept your account")
    assert repository.issues[number]["state"] == "open"
    assert changes(hub, number) == []
    wait_for(lambda: False, 0.5)
    assert len(team.messages(ann)) == 1
    sign_in(invited(team, ann), hub, "act-ann")
    time.sleep(0.1)


def test_an_expired_token_is_renewed_and_acts(team, office, lab, ann):
    project = lab.project("acting/renewed", writers=["lab-actor"])
    link = lab.issue(project, 1, "To be closed")
    choose(office, team, ann, lab, "show")
    place = {"provider": "gitlab", "site": lab.url}
    sign_in(homepage(office, team, ann, "sign-in", **place)["url"], lab, "lab-actor")
    (item,) = team.someone_posts(link)
    team.card(item)
    team.press(item, "Close")
    sign_in(invited(team, ann), lab, "lab-actor")
    lab.expire("lab-actor")
    used = len(lab.refresh_tokens)
    team.press(item, "Assign to me")
    wait_for(lambda: len(lab.refresh_tokens) > used)
    assert len(lab.refresh_tokens) == used + 1
    team.press(item, "Close")
    assert wait_for(lambda: project.issues[1]["state"] == "closed")
    assert lab.refusals.count("refresh_token used twice") == 0


# Once


@pytest.mark.parametrize("same_bytes", [True, False])
@pytest.mark.parametrize("parallel", [True, False])
def test_the_same_click_delivered_three_times_merges_once(team, pull, hub, number, ann, same_bytes, parallel):
    delivered = {"times": 3, "sameBytes": same_bytes, "parallel": parallel}
    team.press(pull, "Squash and merge", **delivered)
    says(team, pull, "Squash all commits")
    assert changes(hub, number) == []
    team.press(pull, "Yes", **delivered)
    says(team, pull, "Merged", "by act-ann")
    wait_for(lambda: False, 1.0)
    assert changes(hub, number) == [("act-ann", "PUT")]
    assert not any("Only who" in str(message) for message in team.messages(ann))


def test_after_a_lost_answer_the_state_is_looked_at_first(team, office, pull, hub, number, ann):
    hub.lose_answers = 1
    team.press(pull, "Squash and merge")
    says(team, pull, "Squash all commits")
    team.press(pull, "Yes")
    told(team, ann, "out of order")
    says(team, pull, "Merged")
    assert changes(hub, number) == [("act-ann", "PUT")]


def test_a_second_press_after_a_lost_answer_looks_first(team, office, issue, hub, repository, number, ann):
    path = f"/api/v3/repos/acting/private/issues/{number}"

    def lost(asked):
        repository.issues[number] |= asked.json
        return Told(502)

    hub.route("PATCH", path, lost)
    team.press(issue, "Close as completed")
    told(team, ann, "out of order")
    aged(office, issue, 40)
    team.press(issue, "Close as completed")
    says(team, issue, "closed already")
    assert changes(hub, number) == [("act-ann", "PATCH")]


def test_a_press_that_was_refused_may_be_tried_again_soon(team, office, issue, hub, repository, number, ann):
    refusals = [Told(422, {"message": "Validation Failed"})]
    found = repository.issues[number]
    answer = lambda asked: refusals.pop() if refusals else found.update(asked.json) or found  # noqa: E731
    hub.route("PATCH", f"/api/v3/repos/acting/private/issues/{number}", answer)
    team.press(issue, "Close as completed", times=3, sameBytes=False)
    told(team, ann, "does not accept this in the present state")
    wait_for(lambda: False, 0.5)
    assert len(changes(hub, number)) == 1 and len(team.messages(ann)) == 1
    aged(office, issue, 4)
    team.press(issue, "Close as completed")
    says(team, issue, "by act-ann")
    assert found["state"] == "closed"


# Asked once more


def test_nobody_else_confirms(team, office, pull, hub, number, bob):
    sign_in_on_homepage(office, team, bob, hub, "act-bob")
    team.press(pull, "Squash and merge")
    says(team, pull, "Squash all commits")
    team.press(pull, "Yes", bob)
    told(team, bob, "Only who pressed the button")
    assert changes(hub, number) == []


def test_a_confirmation_lasts_five_minutes(team, office, pull, hub, number, ann):
    team.press(pull, "Squash and merge")
    says(team, pull, "Squash all commits")
    aged(office, pull, 301)
    team.press(pull, "Yes")
    told(team, ann, "within five minutes")
    assert changes(hub, number) == []


def test_cancel_takes_the_question_back(team, pull, hub, number, ann):
    team.press(pull, "Squash and merge")
    content = says(team, pull, "Squash all commits")
    assert buttons(content) == ["Yes", "Cancel"]
    record = next(
        button["action"]["payload"]
        for section in content["sections"]
        for group in section["elements"]
        if group["className"] == "MessageControlGroup"
        for button in group["elements"]
    )
    team.press(pull, "Cancel")
    assert wait_for(lambda: "Yes" not in buttons(team.item(pull)["content"]))
    posted = team.item(pull)
    late = {"actionId": "confirm:github.merge-squash", "actionValue": record, "userId": ann}
    team.call("press-raw", link=posted["target"], context=posted["context"], **late)
    wait_for(lambda: False, 0.5)
    assert changes(hub, number) == []
    # And may be asked again at once.
    team.press(pull, "Squash and merge")
    says(team, pull, "Squash all commits")


def test_after_the_items_life_the_question_comes_as_a_message(team, office, pull, hub, number, ann):
    team.server.post("clock", advance_s=3 * 86_400)
    aged(office, pull, 3 * 86_400)
    team.press(pull, "Squash and merge")
    message = told(team, ann, "Squash all commits")[-1]
    team.call("press-message", messageId=message["id"], button="Yes", userId=ann)
    told(team, ann, "Squashed and merged")
    assert changes(hub, number) == [("act-ann", "PUT")]


def test_a_click_on_a_card_three_days_old_acts_and_says_so_in_chat(team, office, issue, hub, repository, number, ann):
    team.server.post("clock", advance_s=3 * 86_400)
    aged(office, issue, 3 * 86_400)
    team.press(issue, "Close as completed")
    told(team, ann, "Closed ")
    assert repository.issues[number]["state"] == "closed"
    assert changes(hub, number) == [("act-ann", "PATCH")]


def test_what_was_done_after_the_items_life_is_undone_in_chat(team, office, issue, hub, repository, number, ann, bob):
    team.server.post("clock", advance_s=3 * 86_400)
    aged(office, issue, 3 * 86_400)
    team.press(issue, "Close as completed")
    message = told(team, ann, "Closed ")[-1]
    assert buttons(message["content"]) == ["Undo"]
    team.call("press-message", messageId=message["id"], button="Undo", userId=ann)
    told(team, ann, "Reopened ", earlier=1)
    assert repository.issues[number]["state"] == "open"
    assert changes(hub, number) == [("act-ann", "PATCH")] * 2
    assert team.messages(bob) == []


def test_what_was_done_to_a_withheld_thing_is_undone_in_chat(team, office, hub, repository, number, ann):
    link = hub.issue(repository, number, f"Withheld {number}")
    item = shown(team, office, hub, ann, link)
    choose(office, team, ann, hub, "title")
    team.press(item, "Close as completed")
    message = told(team, ann, "Closed ")[-1]
    assert buttons(message["content"]) == ["Undo"]
    assert "Undo" not in buttons(team.item(item)["content"])
    team.call("press-message", messageId=message["id"], button="Undo", userId=ann)
    told(team, ann, "Reopened ", earlier=1)
    assert repository.issues[number]["state"] == "open"


# Writing


def test_a_comment_is_written_on_a_page_of_ones_own_once(team, issue, hub, repository, number, ann, bob):
    team.press(issue, "Comment", ann)
    address, browser = invited(team, ann), Browser()
    assert team.messages(bob) == []
    page = browser.open(address)
    assert page.headers["Cache-Control"] == "no-store"
    assert team.server.url.partition("//")[2] in page.says
    assert browser.submit(page, text="   ").status == 400
    done = browser.submit(page, text="Looks <b>good</b> to me")
    assert f"Commented on #{number}" in done.says
    assert browser.submit(page, text="Twice").status == 404
    assert browser.open(address).status == 404
    assert [said["body"] for said in repository.issues[number]["said"]] == ["Looks <b>good</b> to me"]
    assert hub.people_of("POST", f"/issues/{number}/comments") == ["act-ann"]
    says(team, issue, f"Commented on #{number}")


def test_a_form_is_bound_to_its_person(team, office, issue, hub, repository, number, ann, bob):
    """Whoever has the address writes as the person it was sent to: an account that is gone does not write at all."""
    team.press(issue, "Comment", ann)
    address, browser = invited(team, ann), Browser()
    place = next(one for one in homepage(office, team, ann)["systems"] if one["site"] == hub.url)
    homepage(office, team, ann, "sign-out", id=place["account"]["id"])
    sign_in_on_homepage(office, team, bob, hub, "act-bob")
    browser.submit(browser.open(address), text="As whom?")
    assert repository.issues[number]["said"] == []


def test_a_form_lasts_an_hour(team, office, issue, repository, number, ann):
    team.press(issue, "Comment", ann)
    address, browser = invited(team, ann), Browser()
    page = browser.open(address)
    with office.sql() as database:
        (until,) = database.execute("select expires_at from forms where person = ?", (ann,)).fetchone()
        assert 3_500 < until - time.time() <= 3_600
        database.execute("update forms set expires_at = ? where person = ?", (time.time() - 1, ann))
    assert browser.open(address).status == 404
    assert browser.submit(page, text="Too late").status == 404
    assert repository.issues[number]["said"] == []


def test_writing_without_an_account_asks_to_sign_in_first(team, issue, bob):
    team.press(issue, "Comment", bob)
    assert "/oauth/github/start" in invited(team, bob)
    assert not any("/write/" in str(message) for message in team.messages(bob))


# The record


def test_each_click_is_recorded(team, office, issue, hub, number, ann, bob):
    sign_in_on_homepage(office, team, bob, hub, "act-carla")
    team.press(issue, "Close as completed", bob)
    told(team, bob, "does not let")
    team.press(issue, "Close as completed", ann)
    says(team, issue, "by act-ann")
    wait_for(lambda: homepage(office, team, ann, "clicks")["clicks"][0]["after"])
    last, first = homepage(office, team, ann, "clicks")["clicks"]
    assert (last["person"], last["account"], last["action"]) == (ann, "github:act-ann", "github.close-completed")
    assert (last["before"], last["after"], last["outcome"]) == ("Open", "Closed as completed", "done")
    assert last["link"] == team.item(issue)["target"]
    assert (first["person"], first["outcome"]) == (bob, "access-denied")


# A provider of the operator's own


def test_a_provider_of_one_file_acts_the_same(team, office, board, ann, bob):
    notes: dict[str, bool] = {}
    board.route("GET", "/api/me", lambda asked: {"id": 5, "name": asked.person} if asked.person else Told(401))
    board.route("GET", "/api/notes/2", lambda asked: {"title": "A note", "pinned": notes.get("2", False)})
    board.route("PUT", "/api/notes/2/pin", lambda asked: notes.update({"2": True}) or {})
    board.route("POST", "/api/notes/2/remarks", lambda asked: {})
    (item,) = team.someone_posts(f"{board.url}/notes/2")
    team.card(item)
    team.press(item, "Pin", bob)
    browser, token = Browser(), board.issue_token("pin-bob")
    browser.submit(browser.submit(browser.open(invited(team, bob)), token=token))
    team.press(item, "Pin", bob)
    content = says(team, item, "Pinned note 2", "by pin-bob")
    assert buttons(content)[:2] == ["Undo", "Unpin"]
    assert board.people_of("PUT", "/notes/2") == ["pin-bob"]
    earlier = len(team.messages(bob))
    team.press(item, "More", bob)
    assert wait_for(lambda: "Less" in buttons(team.item(item)["content"]))
    team.press(item, "Write", bob)
    browser.submit(browser.open(invited(team, bob, earlier)), text="mine")
    assert board.people_of("POST", "/notes/2/remarks") == ["pin-bob"]
