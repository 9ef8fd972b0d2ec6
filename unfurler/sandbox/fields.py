"""The `$fields` parameter, which says what of an answer is wanted."""

from __future__ import annotations

from typing import Any, TypeAlias

from .refusal import Refusal

Tree: TypeAlias = "dict[str, Tree]"


def parse_fields(text: str) -> Tree:
    """`id,name(firstName)` as `{"id": {}, "name": {"firstName": {}}}`. Raises Refusal for anything else."""
    tree, rest = _parse_level(text.replace(" ", ""))
    if rest:
        raise Refusal(400, "request-error", f"Cannot parse $fields at {rest[:20]!r}")
    return tree


def _parse_level(text: str) -> tuple[Tree, str]:
    tree: Tree = {}
    while True:
        end = next((at for at, letter in enumerate(text) if letter in ",()"), len(text))
        name, text = text[:end], text[end:]
        if not name:
            raise Refusal(400, "request-error", "Cannot parse $fields: a name is missing")
        tree[name] = {}
        if text.startswith("("):
            tree[name], text = _parse_level(text[1:])
            if not text.startswith(")"):
                raise Refusal(400, "request-error", "Cannot parse $fields: a bracket is not closed")
            text = text[1:]
        if not text.startswith(","):
            return tree, text
        text = text[1:]


def shape(value: Any, tree: Tree) -> Any:
    """Only what was asked for: `*` brings the members of a level, value objects whole.

    `className` of the answer itself comes only where it is named, as the SDKs name it for polymorphic answers.
    """
    if isinstance(value, list):
        return [shape(element, tree) for element in value]
    if not isinstance(value, dict) or not tree:
        return value
    return {
        name: shape(member, tree.get(name, {}))
        for name, member in value.items()
        if name in tree or ("*" in tree and name != "className")
    }
