"""A card as Space content (PROTOCOL 5): a message beside the link, or a block in a direct message.

What it looks like from top to bottom, each part left out where the card has nothing for it:

    compact and full                            line
      outline   icon  kicker                      title, linked · status · kicker
      section   quote's author and time           buttons, where there are any
                > what they said
                title, linked            image
                [status] fact · fact · time
                excerpt
                code with line numbers
                fields                           full only
                note
                buttons                          five a row

- The bar at the left has the status' colour, and the status is a coloured tag with its word in it, so that colour is
  never the only sign.
- Compact stays within about four lines: an excerpt of 200 characters that flow, a quote of three lines. Full keeps the
  line breaks of an excerpt of 500 characters and shows the image beside the excerpt, where there is more room for it.
- The line of facts and the note are small and dimmed. Times are elements of Space's, so each reader sees local time.
- Old servers know neither inline groups nor times: facts without tag and time are plain Markdown.
- Nothing depends on the place: documents and issues show the same content as a tooltip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from unfurler.engine.ports import Preview
from unfurler.sdk.card import Button, ButtonStyle, Code, Fact, Field, Quote, Status, Tone
from unfurler.space import markup

JsonObject: TypeAlias = dict[str, Any]

# The names seen in working code (PROTOCOL 5.4); what another one does is unknown.
ICONS = frozenset({"slack", "space", "smile", "happiness", "checkbox-checked", "clock", "book", "twitter"})
ICONS |= {"automation", "info-small", "animals-category"}
TITLE_CHARS = 200
KICKER_CHARS = 100
LABEL_CHARS = 64
FACT_CHARS = 100
FIELD_NAME_CHARS = 64
FIELD_CHARS = 300
NOTE_CHARS = 300
EXCERPT_CHARS = 200
LONG_EXCERPT_CHARS = 500
LONG_EXCERPT_LINES = 8
QUOTE_LINES = 3
CODE_LINES = 10
FACTS = 12
FIELDS = 20
BUTTONS_A_GROUP = 5
GROUPS = 4

_STYLES: dict[Tone, str] = {
    "neutral": "SECONDARY",
    "info": "PRIMARY",
    "success": "SUCCESS",
    "warning": "WARNING",
    "error": "ERROR",
}
_BUTTON_STYLES: dict[ButtonStyle, str] = {"primary": "PRIMARY", "regular": "REGULAR", "danger": "DANGER"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def render(preview: Preview) -> JsonObject:
    """The preview as an `ApplicationUnfurlContent.Message`."""
    return {"className": "ApplicationUnfurlContent.Message", "style": "PRIMARY", **_body(preview)}


def render_message(preview: Preview) -> JsonObject:
    """The preview as a `ChatMessage.Block` for a direct message."""
    return {"className": "ChatMessage.Block", "style": "PRIMARY", **_body(preview)}


def render_text(sentence: str) -> JsonObject:
    """A sentence, whoever's words are in it, as a `ChatMessage.Text`."""
    return {"className": "ChatMessage.Text", "text": markup.escape(sentence) or "…"}


def _body(preview: Preview) -> JsonObject:
    card = preview.card
    elements = list(_line(preview) if preview.size == "line" else _elements(preview))
    elements.extend(_buttons(card.buttons, preview.record))
    section: JsonObject = {"className": "MessageSection", "elements": elements}
    if card.status is not None:
        section["style"] = _STYLES[card.status.tone]
    body: JsonObject = {"sections": [section]}
    if preview.size != "line":
        outline = _outline(card.kicker, preview.icon)
        if outline is not None:
            body["outline"] = outline
    return body


def _outline(kicker: str, icon: str | None) -> JsonObject | None:
    text = markup.escape_line(kicker, KICKER_CHARS)
    if not text:
        return None
    outline: JsonObject = {"className": "MessageOutline", "text": text}
    if icon in ICONS:
        outline["icon"] = {"icon": icon}
    return outline


def _line(preview: Preview) -> Iterator[JsonObject]:
    card = preview.card
    parts = [
        _title(preview),
        markup.escape_line(card.status.text, LABEL_CHARS) if card.status else "",
        markup.escape_line(card.kicker, KICKER_CHARS),
    ]
    yield _text(" · ".join(part for part in parts if part))


def _elements(preview: Preview) -> Iterator[JsonObject]:
    card = preview.card
    full = preview.size == "full"
    if card.quote is not None:
        yield from _quote(card.quote, full)
    excerpt = (
        markup.escape_lines(card.text, LONG_EXCERPT_CHARS, LONG_EXCERPT_LINES)
        if full
        else markup.escape_line(card.text, EXCERPT_CHARS)
    )
    image = markup.safe_url(card.image)
    beside_excerpt = full and bool(excerpt)
    yield _text(_title(preview), image=None if beside_excerpt else image)
    yield from _facts(card.status, card.facts)
    if excerpt:
        yield _text(excerpt, image=image if beside_excerpt else None)
    if card.code is not None:
        yield from _code(card.code)
    if full:
        yield from _fields(card.fields)
    if card.note and card.note_at is not None:
        yield from _facts(None, [Fact(card.note, at=card.note_at)])
    elif note := markup.escape_line(card.note, NOTE_CHARS):
        yield _small(note)


def _title(preview: Preview) -> str:
    """The title, leading to the card's page or else to the link as written; the host stands for a missing title."""
    card, link = preview.card, preview.link
    title = card.title if markup.escape_line(card.title, TITLE_CHARS) else link.host
    return markup.link(title, markup.safe_url(card.url) or markup.written_url(link), TITLE_CHARS)


def _quote(quote: Quote, full: bool) -> Iterator[JsonObject]:
    chars = LONG_EXCERPT_CHARS if full else EXCERPT_CHARS
    text = markup.quoted(quote.text, chars, LONG_EXCERPT_LINES if full else QUOTE_LINES)
    if not text:
        return
    yield from _facts(None, [Fact(quote.author, at=quote.at)])
    yield _text(text)


def _facts(status: Status | None, facts: Sequence[Fact]) -> Iterator[JsonObject]:
    tag = markup.plain(status.text, LABEL_CHARS) if status else ""
    shown = [fact for fact in facts[:FACTS] if markup.plain(fact.text, FACT_CHARS) or fact.at]
    if not tag and not any(fact.at or fact.tone for fact in shown):
        if shown:
            yield _small(" · ".join(markup.escape_line(fact.text, FACT_CHARS) for fact in shown))
        return
    elements: list[JsonObject] = []
    if status and tag:
        elements.append(_tag(tag, status.tone))
    for fact in shown:
        text = markup.plain(fact.text, FACT_CHARS)
        if fact.tone is not None and text:
            elements.append(_tag(text, fact.tone))
            text = ""
        if not text and fact.at is None:
            continue
        follows_text = bool(elements) and elements[-1]["className"] != "MessageTag"
        words = f"· {text}" if follows_text else text
        if words and follows_text and elements[-1]["className"] == "MessageInlineText":
            elements[-1]["text"] += f" {words}"
        elif words:
            elements.append({"className": "MessageInlineText", "text": words})
        if fact.at is not None:
            elements.append(_time(fact.at, "RELATIVE_TO_NOW"))
    yield {
        "className": "MessageInlineGroup",
        "elements": elements,
        "textSize": "SMALL",
        "textStyle": "SECONDARY",
    }


def _code(code: Code) -> Iterator[JsonObject]:
    lines = markup.code_lines(code.text)
    numbered = _numbered(lines[:CODE_LINES], code.first_line)
    if not any(line.strip() for line in lines):
        return
    yield _text(markup.code_block(numbered))
    more = code.more_lines + len(lines) - len(numbered)
    if more > 0:
        yield _small(f"\\+{more:,} more {'line' if more == 1 else 'lines'}")


def _numbered(lines: Sequence[str], first: int) -> list[str]:
    width = len(str(first + len(lines) - 1))
    return [f"{number:>{width}}  {line}".rstrip() for number, line in enumerate(lines, first)]


def _fields(fields: Sequence[Field]) -> Iterator[JsonObject]:
    shown = [made for field in fields[:FIELDS] if (made := _field(field)) is not None]
    if shown:
        yield {"className": "MessageFields", "fields": shown}


def _field(field: Field) -> JsonObject | None:
    name = markup.plain(field.name, FIELD_NAME_CHARS)
    if field.at is not None and name:
        return {
            "className": "MessageFieldV2",
            "first": [{"className": "MessageInlineText", "text": name}],
            "second": [_time(field.at, "FULL")],
        }
    value = markup.escape_line(field.value, FIELD_CHARS)
    if not name or not value:
        return None
    return {"className": "MessageField", "first": name, "second": value}


def _buttons(buttons: Sequence[Button], record: str) -> Iterator[JsonObject]:
    shown = [made for button in buttons if (made := _button(button, record)) is not None]
    for start in range(0, min(len(shown), BUTTONS_A_GROUP * GROUPS), BUTTONS_A_GROUP):
        yield {"className": "MessageControlGroup", "elements": shown[start : start + BUTTONS_A_GROUP]}


def _button(button: Button, record: str) -> JsonObject | None:
    text = markup.plain(button.text, LABEL_CHARS)
    if not text:
        return None
    action: JsonObject
    if button.action is not None:
        action = {"className": "PostMessageAction", "actionId": button.action, "payload": record}
    elif (url := markup.safe_url(button.url)) is not None:
        returns = button.returns
        action = {"className": "NavigateUrlAction", "url": url, "withBackUrl": returns, "openInNewTab": not returns}
    else:
        return None
    return {"className": "MessageButton", "text": text, "style": _BUTTON_STYLES[button.style], "action": action}


def _text(content: str, image: str | None = None) -> JsonObject:
    text: JsonObject = {"className": "MessageText", "content": content}
    if image is not None:
        text["accessory"] = {"className": "MessageImage", "src": image}
    return text


def _small(content: str) -> JsonObject:
    return {"className": "MessageText", "content": content, "style": "SECONDARY", "size": "SMALL"}


def _tag(text: str, tone: Tone) -> JsonObject:
    return {"className": "MessageTag", "text": text, "style": _STYLES[tone]}


def _time(at: datetime, form: str) -> JsonObject:
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    milliseconds = (aware - _EPOCH) // timedelta(milliseconds=1)
    return {"className": "MessageTimestamp", "ts": milliseconds, "format": form, "strikethrough": False}
