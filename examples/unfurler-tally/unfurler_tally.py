"""Tally, a small web application for polls, as a provider in a package of its own.

Source: the API that Tally describes of itself. `GET /api/polls/7` answers `{"number": 7, "question": "Move to Porto?",
"open": true, "yes": 3, "no": 1}`; `PUT /api/polls/7/votes/<person>` with `{"answer": "yes"}` sets that person's vote.
"""

from __future__ import annotations

from pydantic import BaseModel

from unfurler.sdk import Api, Card, Click, Fact, Link, Provider, Sites, Status, plural

tally = Provider("tally", title="Tally", sites=Sites(instance_api="/api"))  # self-hosted only: UNFURLER_TALLY_URL


class Poll(BaseModel, frozen=True):
    number: int
    question: str
    open: bool = True
    yes: int = 0
    no: int = 0


@tally.link("/polls/<int:number>")
def poll(link: Link, api: Api, number: int) -> Card:
    """A poll: its question and its votes, and while it is open, buttons to vote."""
    return poll_card(api.get("polls", number).parse(Poll))


@tally.action
def vote_yes(click: Click, api: Api, number: int) -> str:
    """Vote yes, in place of an earlier vote of the same person."""
    return vote(click, api, number, "yes")


@tally.action
def vote_no(click: Click, api: Api, number: int) -> str:
    """Vote no, in place of an earlier vote of the same person."""
    return vote(click, api, number, "no")


def vote(click: Click, api: Api, number: int, answer: str) -> str:
    api.put("polls", number, "votes", click.person, json={"answer": answer})
    return f"You voted {answer} in poll #{number}."


def poll_card(found: Poll) -> Card:
    return Card(
        kicker=f"Poll #{found.number}",
        title=found.question,
        status=Status("Open", "success") if found.open else Status("Closed"),
        facts=[Fact(f"{found.yes:,} yes"), Fact(f"{found.no:,} no"), Fact(plural(found.yes + found.no, "vote"))],
        buttons=[vote_yes.button("Yes", "primary"), vote_no.button("No")] if found.open else [],
    )
