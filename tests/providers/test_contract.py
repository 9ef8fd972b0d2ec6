"""What holds for every provider in `providers/`, whoever wrote it."""

from __future__ import annotations

import ast
import copy
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.providers.kit import Recorded, RecordedApi, card_of, claims_of, match
from unfurler.engine.loading import load_providers
from unfurler.sdk import Card, NothingToShow, Provider, UnfurlError

HERE = Path(__file__).parent
FOLDER = HERE.parent.parent / "providers"
LOADED = load_providers(FOLDER)
PROVIDERS = [
    provider for provider in LOADED.providers if provider.links[0].function.__module__.split(".")[0] == "providers"
]
ODD: list[Any] = [None, -1, "odd", [None], {"odd": {}}]

each_provider = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)


def test_every_file_in_the_folder_is_a_provider():
    assert LOADED.broken == ()
    assert PROVIDERS


@each_provider
def test_it_has_a_test_file_with_claims_and_refusals(provider: Provider):
    tests = suite_of(provider)
    assert tests.CLAIMS
    assert tests.REFUSES


@each_provider
def test_every_rule_is_claimed_by_a_link(provider: Provider):
    claimed = {found.rule.rule for url, _, _ in claims_of(suite_of(provider)) if (found := match(provider, url))}
    assert claimed == {rule.rule for rule in provider.links}


@each_provider
def test_a_claimed_link_reaches_its_function_with_its_arguments(provider: Provider):
    for url, name, arguments in claims_of(suite_of(provider)):
        found = match(provider, url)
        assert found is not None, url
        assert (found.rule.function.__name__, dict(found.arguments)) == (name, arguments), url


@each_provider
def test_a_refused_link_is_nobodys_or_ends_before_anything_is_asked_for(provider: Provider):
    for url in suite_of(provider).REFUSES:
        api = RecordedApi()
        if match(provider, url) is not None:
            with pytest.raises(NothingToShow):
                card_of(provider, url, api=api)
        assert api.calls == [], url


@each_provider
def test_every_function_says_what_its_card_shows(provider: Provider):
    for function in [rule.function for rule in provider.links] + [each.function for each in provider.actions.values()]:
        assert inspect.getdoc(function), function.__name__


@each_provider
def test_it_says_where_its_knowledge_comes_from(provider: Provider):
    module = sys.modules[provider.links[0].function.__module__]
    assert "Source: " in (module.__doc__ or "")


@each_provider
def test_it_imports_nothing_of_ours_but_the_sdk(provider: Provider):
    for file in files_of(provider):
        for name in imported_names(file):
            if name.split(".")[0] == "unfurler":
                assert name == "unfurler.sdk" or name.startswith("unfurler.sdk."), f"{file.name} imports {name}"
            assert name.split(".")[0] not in ("requests", "urllib3", "http", "socket", "flask"), f"{file.name}: {name}"


@each_provider
def test_every_claimed_link_becomes_a_card_and_nothing_is_written(provider: Provider):
    for url, _, _ in claims_of(suite_of(provider)):
        api = recorded(provider)
        card = card_of(provider, url, api=api)
        assert card.title, url
        assert api.writes == [], url


@each_provider
def test_a_reply_with_a_member_less_or_odd_gives_a_card_or_a_named_error(provider: Provider):
    for url, replies, path in askings(provider):
        for changed in changes(replies[path]):
            assert_card_or_named_error(provider, url, {**replies, path: changed})


@each_provider
def test_a_reply_with_a_member_more_gives_the_same_card(provider: Provider):
    for url, _, _ in claims_of(suite_of(provider)):
        api = recorded(provider)
        card = card_of(provider, url, api=api)
        more = {path: with_more(reply) for path, reply in api.replies.items()}
        assert card_of(provider, url, more, pages=api.pages) == card, url


@each_provider
def test_a_failing_source_gives_a_card_or_a_named_error(provider: Provider):
    for url, replies, path in askings(provider):
        for failure in (401, 403, 404, 429, 500, 504, b"", b"<html>", b"[" * 100_000, b"null", b"[]"):
            assert_card_or_named_error(provider, url, {**replies, path: failure})


def suite_of(provider: Provider) -> ModuleType:
    """The test file of a provider, `test_<name>.py` beside this one."""
    path = HERE / f"test_{provider.name.replace('-', '_')}.py"
    assert path.exists(), f"{provider.name} has no {path.name}"
    return load(path)


@cache
def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"contract_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recorded(provider: Provider) -> RecordedApi:
    """An API that has everything that the claimed links need: REPLIES and PAGES of the test file."""
    tests = suite_of(provider)
    return RecordedApi(getattr(tests, "REPLIES", {}), getattr(tests, "PAGES", {}))


def askings(provider: Provider) -> Iterator[tuple[str, dict[str, Recorded], str]]:
    """Once for each function and each recorded reply that it uses: a link, all replies, the path of that reply."""
    seen: set[tuple[str, str]] = set()
    for url, name, _ in claims_of(suite_of(provider)):
        api = recorded(provider)
        card_of(provider, url, api=api)
        for path in used(api):
            if (name, path) not in seen:
                seen.add((name, path))
                yield url, dict(api.replies), path


def used(api: RecordedApi) -> list[str]:
    """The recorded replies that were asked for."""
    asked = [call.partition(" ")[2] for call in api.calls if call.startswith(("GET ", "QUERY "))]
    return [key for call in asked for key in (call, call.partition("?")[0]) if key in api.replies]


def assert_card_or_named_error(provider: Provider, url: str, replies: dict[str, Recorded]) -> None:
    try:
        assert isinstance(card_of(provider, url, replies), Card)
    except UnfurlError as error:
        assert error.reason, url


def changes(reply: Recorded) -> Iterator[Recorded]:
    """The reply with each of its members, and each of theirs, left out, and made odd in every way."""
    for path in members(reply, depth=2 if isinstance(reply, dict) else 3):
        yield changed(reply, path, None, leave_out=True)
        for odd in ODD:
            yield changed(reply, path, odd)


def members(value: Any, depth: int) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, item in items:
        yield (key,)
        if depth > 1:
            yield from ((key, *rest) for rest in members(item, depth - 1))


def changed(value: Any, path: tuple[Any, ...], odd: Any, *, leave_out: bool = False) -> Any:
    whole = copy.copy(value)
    if len(path) > 1:
        whole[path[0]] = changed(whole[path[0]], path[1:], odd, leave_out=leave_out)
    elif leave_out:
        del whole[path[0]]
    else:
        whole[path[0]] = odd
    return whole


def with_more(reply: Recorded) -> Recorded:
    """The reply with a member more in each of its objects."""
    if isinstance(reply, dict):
        return {**{key: with_more(item) for key, item in reply.items()}, "one_more": {"than": ["before"]}}
    return [with_more(item) for item in reply] if isinstance(reply, list) else reply


def files_of(provider: Provider) -> list[Path]:
    module = provider.links[0].function.__module__.split(".")[1]
    package = FOLDER / module
    return sorted(package.glob("**/*.py")) if package.is_dir() else [FOLDER / f"{module}.py"]


def imported_names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
