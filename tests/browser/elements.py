"""Every element class of the content constructor, and hostile texts to put into them."""

from __future__ import annotations

from typing import Any

from tests.browser.person import button, message, text

STYLES = ["PRIMARY", "SECONDARY", "SUCCESS", "ERROR", "WARNING"]
ICONS = ["slack", "space", "smile", "happiness", "checkbox-checked", "clock", "book", "twitter"]
ICONS += ["automation", "info-small", "animals-category"]
AT = 1716310893767
PICTURE = "https://pictures.example/one.svg"  # answered by the test
OPEN = {
    "className": "NavigateUrlAction",
    "url": "https://tracker.example/1",
    "withBackUrl": True,
    "openInNewTab": False,
}


def words(said: str, **more: Any) -> dict[str, Any]:
    return {"className": "MessageInlineText", "text": said, **more}


def icon(name: str, **more: Any) -> dict[str, Any]:
    return {"className": "MessageIcon", "icon": {"icon": name}, **more}


def tag(said: str, **more: Any) -> dict[str, Any]:
    return {"className": "MessageTag", "text": said, **more}


def moment(form: str | None = None, *, struck: bool = False, **more: Any) -> dict[str, Any]:
    return {"className": "MessageTimestamp", "ts": AT, "strikethrough": struck, "format": form, **more}


def section(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"className": "MessageSection", "elements": list(elements), **more}


IMAGE = {"className": "MessageImage", "src": PICTURE}
DIVIDER = {"className": "MessageDivider"}
MARKDOWN = """\
**bold**, _italic_, *slanted*, ~~struck~~, `code`, [a link](https://tracker.example/2) and https://tracker.example/3.
A second line with \\*stars\\* and snake_case_names and 2 * 3 * 4.

> a quotation
> of two lines

* one
* two
   * within two
1. first
2. second

```
if a < b:
    print("a long line of code that is wider than every narrow screen, and has to scroll by itself")
```
"""


def everything() -> dict[str, Any]:
    """One message with all of them."""
    fields = [
        {"className": "MessageField", "first": "Status", "second": "**In progress**"},
        {
            "className": "MessageFieldV2",
            "first": [icon("clock"), words("Due")],
            "second": [moment("FULL"), tag("late")],
        },
        {"className": "MessageField", "first": "Assignee", "second": "Ann Lee"},
    ]
    inline = {
        "className": "MessageInlineGroup",
        "elements": [words("by Ann"), icon("smile"), tag("bug", style="ERROR"), moment("DATE_ONLY"), button("Inline")],
        "textSize": "SMALL",
        "textStyle": "SECONDARY",
        "elementsStyle": "WARNING",
        "accessory": tag("aside", style="SUCCESS"),
    }
    times = {
        "className": "MessageInlineGroup",
        "elements": [
            moment("RELATIVE_TO_NOW"),
            moment("FULL"),
            moment("DATE_ONLY"),
            moment("TIME_ONLY"),
            moment(None, struck=True),
        ],
    }
    kinds = [button(style.capitalize(), style) for style in ("PRIMARY", "REGULAR", "SECONDARY", "DANGER")]
    controls = {
        "className": "MessageControlGroup",
        "elements": [*kinds, button("Disabled", disabled=True), button("Open", action=OPEN)],
    }
    return {
        "className": "ApplicationUnfurlContent.Message",
        "style": "SECONDARY",
        "outline": {
            "className": "MessageOutlineElements",
            "elements": [icon("space"), words("Release train"), tag("outline", style="PRIMARY"), moment("TIME_ONLY")],
        },
        "sections": [
            section(
                text("Deploy the May release", accessory=IMAGE),
                text("with an icon", accessory=icon("book", style="SUCCESS")),
                text("with a tag", accessory=tag("beside")),
                DIVIDER,
                {"className": "MessageFields", "fields": fields, "nameTextSize": "SMALL", "valueTextSize": "LARGE"},
                inline,
                times,
                controls,
                header="A header in a large font",
                footer="A small and dimmed footer",
                style="SUCCESS",
                textSize="REGULAR",
            ),
            DIVIDER,
            *[section(text(f"A bar and a text: {style}", style=style), style=style) for style in STYLES],
            section(*[text(f"Size {size}", size=size) for size in ("LARGE", "REGULAR", "SMALL")]),
            section({"className": "MessageInlineGroup", "elements": [icon(name) for name in [*ICONS, "no-such-icon"]]}),
            section({"className": "MessageInlineGroup", "elements": [tag(style, style=style) for style in STYLES]}),
            section(text(MARKDOWN)),
            section(),
        ],
    }


def plain_outline() -> dict[str, Any]:
    """The older form of an outline."""
    outline = {"className": "MessageOutline", "icon": {"icon": "checkbox-checked"}, "text": "**TSK-1** in *Release*"}
    return message(text("Below an outline"), outline=outline)


def picture() -> dict[str, Any]:
    return {
        "className": "ApplicationUnfurlContent.Image",
        "title": "A picture of a harbour",
        "url": PICTURE,
        "icon": {"icon": "smile"},
    }


HOSTILE = {
    "markup": "<img src=x onerror=\"document.title='run'\"><b>bold</b>",
    "script": "<script>document.title='run'</script>",
    "style": "</style><style>*{display:none}</style>",
    "link of a script": "[press me](javascript:document.title='run')",
    "data": "[press me](data:text/html,<script>1</script>)",
    "link that lies": "[https://bank.example](https://evil.example/x)",
    "right to left": "\u202egnp.exe \u2066isolated\u2069 \u200fnext",
    "unseen": "pass\u200bw\u2060or\ufeffd\u00ad \U000e0041\u0000".replace("\u0000", ""),
    "long word": "W" * 10_000,
    "long text": "many words " * 900,
    "stars": "**" * 5_000,
    "brackets": "[" * 5_000 + "](" * 2_000,
    "ticks": "`" * 3_001 + "a" + "``" * 2_000,
    "quotes": "> " * 3_000 + "deep",
    "combining": "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334" * 50,
    "entities": "&lt;b&gt; &#x6a;avascript",
}


def hostile(said: str) -> dict[str, Any]:
    """The text in every place that takes one."""
    return {
        "className": "ApplicationUnfurlContent.Message",
        "style": "PRIMARY",
        "outline": {"className": "MessageOutline", "icon": {"icon": said[:50] or "x"}, "text": said},
        "sections": [
            section(
                text(said, accessory=tag(said)),
                {
                    "className": "MessageFields",
                    "fields": [
                        {"className": "MessageField", "first": said, "second": said},
                        {"className": "MessageFieldV2", "first": [words(said)], "second": [tag(said), words(said)]},
                    ],
                },
                {"className": "MessageInlineGroup", "elements": [words(said), tag(said), button(said)]},
                {
                    "className": "MessageControlGroup",
                    "elements": [
                        button(said),
                        button("Away", action=OPEN | {"url": "javascript:document.title='run'"}),
                        button(said, "DANGER"),
                    ],
                },
                header=said,
                footer=said,
            )
        ],
    }
