"""The few questions and changes of GitHub's GraphQL that the forge knows, told by the fields they name.

Source: https://docs.github.com/graphql
"""

from __future__ import annotations

from .contract import JsonObject
from .forge import NOT_EMULATED, Agreement, Forge
from .forge_threads import Thread


def answer(forge: Forge, asked: JsonObject, whose: Agreement) -> JsonObject:
    """`{data}`, or `{data, errors}`."""
    query, variables = str(asked.get("query", "")), asked.get("variables")
    given: JsonObject = variables if isinstance(variables, dict) else {}
    if "viewerDefaultMergeMethod" in query:
        return merge_ways(find(forge, given, whose))
    if "viewerSubscription" in query:
        return subscription(forge, find(forge, given, whose), whose.login)
    if "updateSubscription" in query:
        return update_subscription(forge, given, whose.login)
    return error("FORBIDDEN", NOT_EMULATED)


def find(forge: Forge, given: JsonObject, whose: Agreement) -> Thread | None:
    """The thread that is asked about, None where there is none for whoever asks."""
    at, number = f"repos/{given.get('owner')}/{given.get('repo')}", given.get("number")
    found = Thread(forge.replies, at, number if isinstance(number, int) else 0)
    return found if forge.sees(whose, at) and found.issue is not None else None


def merge_ways(found: Thread | None) -> JsonObject:
    pull = None if found is None else found.pull
    if found is None or pull is None:
        return error("NOT_FOUND", "Could not resolve to a PullRequest")
    state = "MERGED" if pull["merged"] else str(pull["state"]).upper()
    told = {"id": node(found), "state": state, "autoMergeRequest": None}
    repository: JsonObject = {"viewerDefaultMergeMethod": "SQUASH", "autoMergeAllowed": False, "pullRequest": told}
    return {"data": {"repository": repository}}


def subscription(forge: Forge, found: Thread | None, login: str) -> JsonObject:
    if found is None:
        return error("NOT_FOUND", "Could not resolve to an issue or pull request")
    is_subscribed = (login, node(found)) in forge.subscribed
    told = {"id": node(found), "viewerSubscription": "SUBSCRIBED" if is_subscribed else "UNSUBSCRIBED"}
    return {"data": {"repository": {"issueOrPullRequest": told}}}


def update_subscription(forge: Forge, given: JsonObject, login: str) -> JsonObject:
    entry = (login, str(given.get("thread")))
    with forge.lock:
        forge.subscribed.discard(entry)
        if given.get("state") == "SUBSCRIBED":
            forge.subscribed.add(entry)
    return {"data": {"updateSubscription": {"clientMutationId": None}}}


def node(found: Thread) -> str:
    return f"{found.at}#{found.number}"


def error(kind: str, message: str) -> JsonObject:
    return {"data": None, "errors": [{"type": kind, "message": message}]}
