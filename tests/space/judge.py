"""What a reader sees of Markdown that we send, judged by a CommonMark parser that is not ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

HERE = Path(__file__).parent
SCHEMA = json.loads((HERE / "../../unfurler/sandbox/space.schema.json").resolve().read_text(encoding="utf-8"))
SPOKEN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
WANTED = {"paragraph_open", "paragraph_close", "inline", "text", "softbreak", "code_inline"} | {
    "link_open",
    "link_close",
}
# What chat systems make live without being asked (GFM's autolinks, schemes of desktop programs, mentions).
LIVE = re.compile(
    r"[a-z][a-z0-9+.-]*://[^\s\0]|(?<![^\W_])(?:(?:www\.|mailto:|xmpp:|javascript:)[^\s\0]|[@＠﹫][^\s\0])", re.I
)


@dataclass
class Seen:
    """Text as a reader sees it, links with their titles, and the kinds of markup that took effect."""

    text: str = ""
    plain: str = ""
    links: dict[str, str] = field(default_factory=dict)
    markup: set[str] = field(default_factory=set)


def read(markdown: str) -> Seen:
    seen = Seen()
    blocks = []
    for block in SPOKEN.parse(markdown):
        if block.type != "inline":
            if block.type not in WANTED:
                seen.markup.add(block.type)
            if block.type == "fence":
                blocks.append(block.content)
            continue
        blocks.append("")
        target = None
        for token in block.children or []:
            if token.type == "link_open":
                target = str(token.attrs["href"])
                seen.links[target] = ""
            elif token.type == "link_close":
                target = None
            elif token.type not in WANTED:
                seen.markup.add(token.type)
            content = "\n" if token.type == "softbreak" else token.content
            blocks[-1] += content
            if token.type == "text":
                seen.plain += content
            else:
                seen.plain += "\x00"
            if target is not None:
                seen.links[target] += content
        seen.plain += "\x00"
    seen.text = "\n\n".join(blocks)
    return seen


def live_things(markdown: str) -> list[str]:
    """Addresses and mentions that stand in `markdown` as text, not as code."""
    return LIVE.findall(read(markdown).plain)


def faults(definition: str, document: object) -> list[str]:
    schema = {"$ref": f"#/$defs/{definition}", "$defs": SCHEMA["$defs"]}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(document)]


def sample(name: str) -> Any:
    return json.loads((HERE / "samples" / f"{name}.json").read_text(encoding="utf-8"))


def parts(content: object, class_name: str) -> Iterator[dict[str, Any]]:
    """Every element of a class, in order."""
    if isinstance(content, list):
        for each in content:
            yield from parts(each, class_name)
    elif isinstance(content, dict):
        if content.get("className") == class_name:
            yield content
        for each in content.values():
            yield from parts(each, class_name)
