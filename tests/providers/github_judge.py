"""GitHub's own descriptions as judges of what is sent: an API that takes no request that GitHub does not know.

tests/providers/github/README.md says where the two extracts come from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from graphql import GraphQLSchema, build_schema, parse, validate
from graphql.execution.values import get_variable_values
from jsonschema import Draft202012Validator

from tests.providers.kit import Recorded, RecordedApi
from unfurler.sdk import Reply
from unfurler.sdk.link import quote_segments

FOLDER = Path(__file__).parent / "github"
OPENAPI: dict[str, Any] = json.loads((FOLDER / "openapi-extract.json").read_text(encoding="utf-8"))
# Holds slashes, and is left out for the root of a repository; the description has no way to say either.
_WHOLE_PATH = "/{path}"


@dataclass
class JudgedApi(RecordedApi):
    """Answers like RecordedApi, and fails the test on a request that GitHub's descriptions do not have.

    `operations` are those that were used, as `GET /template` or the name of a GraphQL operation.
    """

    operations: list[str] = field(default_factory=list)

    def get(
        self,
        *segments: str | int,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        self._judge("get", quote_segments(segments), params or {}, None)
        return super().get(*segments, params=params, headers=headers)

    def graphql(self, query: str, variables: Mapping[str, object] | None = None) -> Any:
        judge_graphql(query, variables or {})
        found = super().graphql(query, variables)
        self.operations.append(self.calls[-1])
        return found

    def _write(self, method: str, segments: tuple[str | int, ...], sent: object) -> Reply:
        self._judge(method.lower(), quote_segments(segments), {}, sent)
        return super()._write(method, segments, sent)

    def _judge(self, method: str, path: str, params: Mapping[str, str | int], body: object) -> None:
        self.operations.append(judge_rest(method, path, params, body))


def judge_rest(method: str, path: str, params: Mapping[str, str | int], body: object) -> str:
    """The operation, as `GET /template`. Raises AssertionError where GitHub has none, or not with these values."""
    for template, operations in OPENAPI["paths"].items():
        found = _pattern(template).fullmatch(urlsplit(path).path)
        if found is None or method not in operations:
            continue
        operation = operations[method]
        known = {(one["in"], one["name"]): one["schema"] for one in operation["parameters"]}
        for name, value in found.groupdict("").items():
            _fits(_typed(unquote(value)), known["path", name], f"{template}: {name}")
        for name, given in params.items():
            assert ("query", name) in known, f"{template} has no parameter {name}"
            _fits(given, known["query", name], f"{template}: {name}")
        _judge_body(template, operation.get("body"), body)
        return f"{method.upper()} {template}"
    raise AssertionError(f"GitHub has no {method.upper()} {path}")


def judge_graphql(query: str, variables: Mapping[str, object]) -> None:
    """Raises AssertionError where the document or its variables do not fit GitHub's schema."""
    document = parse(query)
    assert validate(_schema(), document) == []
    definitions = document.definitions[0].variable_definitions  # type: ignore[attr-defined]
    coerced = get_variable_values(_schema(), definitions, dict(variables))
    assert not isinstance(coerced, list), coerced
    assert set(variables) == {one.variable.name.value for one in definitions}


def _judge_body(template: str, schema: Any, body: object) -> None:
    if body is None:
        assert schema is None or not schema["required"], f"{template} wants a body"
        return
    assert schema is not None, f"{template} takes no body"
    _fits(body, schema["schema"], template)
    assert isinstance(body, dict)
    assert set(body) <= set(schema["schema"]["properties"]), f"{template} takes no {sorted(body)}"


def _fits(value: object, schema: Any, where: str) -> None:
    faults = [error.message for error in Draft202012Validator(schema).iter_errors(value)]
    assert not faults, f"{where}: {faults}"


def _typed(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdigit() else text


@cache
def _pattern(template: str) -> re.Pattern[str]:
    shape = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template.replace(_WHOLE_PATH, "PATH"))
    return re.compile(shape.replace("PATH", "(?:/(?P<path>.+))?"))


@cache
def _schema() -> GraphQLSchema:
    return build_schema((FOLDER / "graphql-extract.graphql").read_text(encoding="utf-8"))


def judged(replies: Mapping[str, Recorded]) -> JudgedApi:
    """An API with these replies."""
    return JudgedApi(replies, site_url="https://github.com")
