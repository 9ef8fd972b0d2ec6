"""What the application sends, held against the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator, ValidationError, validators

JsonObject: TypeAlias = dict[str, Any]
SCHEMA_FILE = "space.schema.json"
NULL = {"type": "null"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One place of a document that does not fit: its JSON path (`$.unfurls[0].content`) and what is wrong."""

    path: str
    message: str


class Contract:
    """Validators by definition name, each compiled once."""

    def __init__(self, definitions: JsonObject) -> None:
        self._expanded: JsonObject = {}
        self._definitions = definitions
        self._validators = {name: ByClassName(self._expand_name(name)) for name in definitions}

    @classmethod
    def load(cls) -> Contract:
        """The schema that lies beside this module."""
        text = resources.files(__package__).joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
        return cls(json.loads(text)["$defs"])

    def faults(self, definition: str, document: object) -> list[Fault]:
        """Every fault of `document` as a `definition`; empty where it fits. Raises KeyError for an unknown name."""
        return [Fault(error.json_path, error.message) for error in self._validators[definition].iter_errors(document)]

    def _expand_name(self, name: str) -> Any:
        if name not in self._expanded:
            self._expanded[name] = self._expand(self._definitions[name])
        return self._expanded[name]

    def _expand(self, schema: Any) -> Any:
        # The definitions do not recurse, so references can be put in place once instead of looked up at every node.
        if isinstance(schema, list):
            return [self._expand(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return self._expand_name(schema["$ref"].rsplit("/", 1)[-1])
        return {key: self._expand(part) for key, part in schema.items()}


def class_name(branch: JsonObject) -> object:
    return branch.get("properties", {}).get("className", {}).get("const")


def choose_branch(
    validator: Any, branches: list[JsonObject], instance: object, schema: JsonObject
) -> Iterator[ValidationError]:
    """`oneOf` and `anyOf` that go straight to the branch of the instance's `className`.

    The schema's unions are told apart by it; a fault is then named at its own place, and not as "fits none of these".
    """
    if instance is None and NULL in branches:
        return
    if isinstance(instance, dict) and isinstance(instance.get("className"), str):
        for branch in branches:
            if class_name(branch) == instance["className"]:
                yield from validator.descend(instance, branch)
                return
    others = [branch for branch in branches if branch != NULL]
    if len(others) == 1:
        yield from validator.descend(instance, others[0])
        return
    yield from Draft202012Validator.VALIDATORS["oneOf"](validator, branches, instance, schema)


ByClassName: Any = validators.extend(  # type: ignore[no-untyped-call]  # its stub has no types
    Draft202012Validator, {"oneOf": choose_branch, "anyOf": choose_branch}
)
