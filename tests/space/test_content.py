"""A card as Space content: valid, within the limits, and with no live link but its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.space.judge import HERE, faults, live_things, parts, read, sample
from tests.space.test_markup import HOSTILE
from unfurler.engine.ports import Preview, RecordId, Size
from unfurler.sdk.card import Button, Card, Code, Fact, Field, Quote, Status
from unfurler.sdk.link import Link
from unfurler.space.content import ICONS, render, render_message, render_text
from unfurler.space.markup import safe_url

POSTED = "https://github.com/octocat/hello/issues/7"
LINK = Link.parse(POSTED)
RECORD = RecordId("rec_42")
AT = datetime(2024, 5, 21, 17, 1, 33, 767000, tzinfo=UTC)
ISSUE = Card(
    "#7 Crash on start",
    kicker="octocat/hello",
    status=Status("Open", "success"),
    facts=[Fact("ann"), Fact("opened", at=AT), Fact("bug", tone="error"), Fact("3 comments")],
    text="It crashes.\nEvery time.",
    fields=[Field("Assignee", "Ann *Lee*"), Field("Due", at=AT)],
    image="https://host.example/a.png",
    buttons=[Button("Close", action="github.close", style="danger"), Button.open("Files", "https://github.com/f_(1)")],
    note="Closed by Bob",
)


def preview(card: Card, size: Size = "compact", *, link: Link = LINK, icon: str | None = None) -> Preview:
    return Preview(card, size, link, RECORD, icon)


def elements(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [element for section in content["sections"] for element in section["elements"]]


def test_a_compact_card_from_top_to_bottom() -> None:
    content = render(preview(ISSUE, icon="book"))
    assert content == {
        "className": "ApplicationUnfurlContent.Message",
        "style": "PRIMARY",
        "outline": {"className": "MessageOutline", "text": "octocat/hello", "icon": {"icon": "book"}},
        "sections": [
            {
                "className": "MessageSection",
                "style": "SUCCESS",
                "elements": [
                    {
                        "className": "MessageText",
                        "content": f"[\\#7 Crash on start]({POSTED})",
                        "accessory": {"className": "MessageImage", "src": "https://host.example/a.png"},
                    },
                    {
                        "className": "MessageInlineGroup",
                        "elements": [
                            {"className": "MessageTag", "text": "Open", "style": "SUCCESS"},
                            {"className": "MessageInlineText", "text": "ann · opened"},
                            {
                                "className": "MessageTimestamp",
                                "ts": 1716310893767,
                                "format": "RELATIVE_TO_NOW",
                                "strikethrough": False,
                            },
                            {"className": "MessageTag", "text": "bug", "style": "ERROR"},
                            {"className": "MessageInlineText", "text": "3 comments"},
                        ],
                        "textSize": "SMALL",
                        "textStyle": "SECONDARY",
                    },
                    {"className": "MessageText", "content": "It crashes. Every time."},
                    {
                        "className": "MessageText",
                        "content": "Closed by Bob",
                        "style": "SECONDARY",
                        "size": "SMALL",
                    },
                    {
                        "className": "MessageControlGroup",
                        "elements": [
                            {
                                "className": "MessageButton",
                                "text": "Close",
                                "style": "DANGER",
                                "action": {
                                    "className": "PostMessageAction",
                                    "actionId": "github.close",
                                    "payload": "rec_42",
                                },
                            },
                            {
                                "className": "MessageButton",
                                "text": "Files",
                                "style": "REGULAR",
                                "action": {
                                    "className": "NavigateUrlAction",
                                    "url": "https://github.com/f_%281%29",
                                    "withBackUrl": False,
                                    "openInNewTab": True,
                                },
                            },
                        ],
                    },
                ],
            }
        ],
    }


def test_a_full_card_adds_fields_and_keeps_lines_and_puts_the_image_beside_the_excerpt() -> None:
    content = render(preview(ISSUE, "full"))
    title, _, excerpt, fields, *_ = elements(content)
    assert "accessory" not in title
    assert excerpt["content"] == "It crashes.\nEvery time."
    assert excerpt["accessory"]["src"] == "https://host.example/a.png"
    assert fields["fields"][0] == {"className": "MessageField", "first": "Assignee", "second": "Ann \\*Lee\\*"}
    assert fields["fields"][1]["second"][0]["ts"] == 1716310893767


def test_a_line_is_one_line() -> None:
    content = render(preview(ISSUE, "line"))
    text, buttons = elements(content)
    assert text == {"className": "MessageText", "content": f"[\\#7 Crash on start]({POSTED}) · Open · octocat/hello"}
    assert len(buttons["elements"]) == 2
    assert "outline" not in content
    assert len(elements(render(preview(Card("Title"), "line")))) == 1


def test_a_quote_comes_first() -> None:
    card = Card("Title", quote=Quote("ann", "I see\nthat too", at=AT))
    who, said, title = elements(render(preview(card)))
    assert [part["className"] for part in who["elements"]] == ["MessageInlineText", "MessageTimestamp"]
    assert said["content"] == "> I see\n> that too"
    assert title["content"] == f"[Title]({POSTED})"


def test_code_has_line_numbers_and_says_how_much_is_missing() -> None:
    card = Card("a.py", code=Code("\n".join(f"\tline {n}" for n in range(8, 20)), first_line=8, more_lines=3))
    _, block, more = elements(render(preview(card)))
    assert block["content"].split("\n")[1:4] == [" 8  \tline 8", " 9  \tline 9", "10  \tline 10"]
    assert more["content"] == "\\+5 more lines"


def test_a_card_with_only_a_title_needs_nothing_newer_than_a_text() -> None:
    content = render(preview(Card("Title", facts=[Fact("ann"), Fact("https://evil.example")])))
    assert [element["className"] for element in elements(content)] == ["MessageText", "MessageText"]
    assert elements(content)[1]["content"] == "ann · `https://evil.example`"
    assert "style" not in content["sections"][0]


@pytest.mark.parametrize("title", ["", "\u200b", "   "])
def test_a_title_that_shows_nothing_is_the_host(title: str) -> None:
    assert elements(render(preview(Card(title))))[0]["content"] == f"[github.com]({POSTED})"


@pytest.mark.parametrize(
    ("posted", "url", "shown"),
    [
        (POSTED, "https://host.example/x", "https://host.example/x"),
        (POSTED, "javascript:alert(1)", POSTED),
        (POSTED, "https://user@host.example/", POSTED),
        ("https://HOST.example/a_(b)", None, "https://HOST.example/a_%28b%29"),
        ("https://bücher.example/x", None, "https://xn--bcher-kva.example/x"),
        ("https://host.example/?utm_source=x", None, "https://host.example/?utm_source=x"),
        ("https://host.example/[a]", None, "https://host.example/%5Ba%5D"),
    ],
)
def test_the_title_leads_to_the_card_s_page_or_to_the_link_as_written(posted: str, url: str | None, shown: str) -> None:
    content = render(preview(Card("Title", url=url), link=Link.parse(posted)))
    assert elements(content)[0]["content"] == f"[Title]({shown})"


def test_a_link_that_grows_too_long_by_encoding_is_left_out() -> None:
    longest = Link.parse("https://host.example/?a=" + "(" * 2_000)
    assert elements(render(preview(Card("Title"), link=longest)))[0]["content"] == "Title"


@pytest.mark.parametrize("icon", [None, "github", "", "../x", *sorted(ICONS)])
def test_only_known_icons_are_sent(icon: str | None) -> None:
    outline = render(preview(ISSUE, icon=icon))["outline"]
    assert outline.get("icon") == ({"icon": icon} if icon in ICONS else None)


@pytest.mark.parametrize(
    "image", ["javascript:x", "data:image/png;base64,AA", "//host.example/a.png", "https://u:p@host.example/", "", "x"]
)
def test_an_image_that_is_no_address_is_left_out(image: str) -> None:
    assert not list(parts(render(preview(Card("Title", image=image))), "MessageImage"))


def test_buttons_that_cannot_be_pressed_are_left_out_and_the_rest_comes_in_rows_of_five() -> None:
    odd = [Button("Nothing"), Button.open("Bad", "javascript:x"), Button("\u200b", action="a.b")]
    good = [Button(f"Button {n}", action="a.b") for n in range(60)]
    groups = [
        len(group["elements"]) for group in parts(render(preview(Card("T", buttons=odd + good))), "MessageControlGroup")
    ]
    assert groups == [5, 5, 5, 5]


@pytest.mark.parametrize(
    "at",
    [
        datetime.min,
        datetime.max,
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
        datetime(2024, 5, 21, 17, 1, 33, 767000),
    ],
)
def test_any_time_can_be_sent(at: datetime) -> None:
    content = render(preview(Card("T", facts=[Fact("at", at=at)])))
    assert not faults("ApplicationUnfurlContent", content)


def test_the_same_card_is_a_message() -> None:
    content = render_message(preview(ISSUE, "full", icon="book"))
    assert content["className"] == "ChatMessage.Block"
    assert content["sections"] == render(preview(ISSUE, "full"))["sections"]
    assert not faults("ChatMessage", content)


def test_a_sentence_is_a_message_in_which_nothing_is_live() -> None:
    content = render_text("Closed [x](https://evil.example) by @ann")
    assert not faults("ChatMessage", content)
    assert (read(content["text"]).links, live_things(content["text"])) == ({}, [])
    assert not faults("ChatMessage", render_text(""))


@pytest.mark.parametrize("size", ["line", "compact", "full"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_does_nothing(text: str, size: Size) -> None:
    card = Card(
        text,
        kicker=text,
        url=text,
        status=Status(text, "warning"),
        facts=[Fact(text), Fact(text, at=AT), Fact(text, tone="error")],
        quote=Quote(text, text, at=AT),
        text=text,
        code=Code(text),
        fields=[Field(text, text), Field(text, at=AT)],
        image=text,
        buttons=[Button(text, action="a.b"), Button.open(text, text)],
        note=text,
    )
    judge(render(preview(card, size)), {text})


TEXT = st.text(st.characters() | st.sampled_from("\\`*_~[]()<>#!&;@|-+=.:/ \n1w"), max_size=30)
LONG = TEXT | st.builds(lambda text, times: text * times, TEXT, st.integers(1, 400))
TONES = st.sampled_from(["neutral", "info", "success", "warning", "error"])
URLS = st.none() | LONG | st.builds("https://host.example/{}".format, TEXT)
TIMES = st.none() | st.datetimes() | st.datetimes(timezones=st.just(UTC))
CARDS = st.builds(
    Card,
    LONG,
    kicker=LONG,
    url=URLS,
    status=st.none() | st.builds(Status, LONG, TONES),
    facts=st.lists(st.builds(Fact, LONG, TIMES, st.none() | TONES), max_size=20),
    quote=st.none() | st.builds(Quote, LONG, LONG, TIMES),
    text=LONG,
    code=st.none() | st.builds(Code, LONG, st.integers(1, 10**7), st.integers(0, 10**7)),
    fields=st.lists(st.builds(Field, LONG, LONG, TIMES), max_size=30),
    image=URLS,
    buttons=st.lists(
        st.builds(
            Button,
            LONG,
            st.none() | st.just("github.close"),
            URLS,
            st.sampled_from(["primary", "regular", "danger"]),
        ),
        max_size=30,
    ),
    note=LONG,
)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(CARDS, st.sampled_from(["line", "compact", "full"]), st.none() | TEXT)
def test_any_card_is_valid_and_inert(card: Card, size: Size, icon: str | None) -> None:
    judge(render(preview(card, size, icon=icon)), {card.url})
    judge(render_message(preview(card, size, icon=icon)), {card.url})


def judge(content: dict[str, Any], own: set[str | None]) -> None:
    """Whatever is sent to Space keeps all of the rules."""
    definition = "ApplicationUnfurlContent" if "Unfurl" in content["className"] else "ChatMessage"
    assert not faults(definition, content)
    assert len(content["sections"]) <= 30
    json.dumps(content).encode().decode()
    json.dumps(content, ensure_ascii=False).encode()
    for string in strings(content):
        assert len(string) <= 4_000
        assert "\x00" not in string
    for group in parts(content, "MessageControlGroup"):
        assert 1 <= len(group["elements"]) <= 5
    for field in parts(content, "MessageField"):
        assert 0 < len(field["first"]) <= 64
        assert 0 < len(field["second"]) <= 300
        assert "\n" not in field["first"] + field["second"]
    markdown = [text["content"] for text in parts(content, "MessageText")]
    markdown += [outline["text"] for outline in parts(content, "MessageOutline")]
    markdown += [field["second"] for field in parts(content, "MessageField")]
    links: dict[str, str] = {}
    for text in markdown:
        seen = read(text)
        assert text
        assert seen.markup <= {"fence", "blockquote_open", "blockquote_close"}
        assert live_things(text) == []
        links |= seen.links
    assert len(links) == 1
    allowed = {POSTED} | {own_url(url) for url in own}
    assert set(links) <= allowed
    plain = [
        part["text"] for name in ("MessageInlineText", "MessageTag", "MessageButton") for part in parts(content, name)
    ]
    plain += [field["first"] for field in parts(content, "MessageField")]
    for text in plain:
        assert text
        assert "\n" not in text
        assert (read(text).links, live_things(text)) == ({}, [])
    for url in [part["url"] for part in parts(content, "NavigateUrlAction")] + [
        part["src"] for part in parts(content, "MessageImage")
    ]:
        assert Link.parse(url).url
        assert not set('() @<>"\\') & set(Link.parse(url).authority)


def own_url(url: str | None) -> str | None:
    return safe_url(url)


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    return [text for each in value for text in strings(each)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", sorted(path.stem for path in (HERE / "samples").glob("out.*.json")))
def test_the_judge_accepts_what_space_accepts(name: str) -> None:
    assert not faults(name.removeprefix("out.").partition("--")[0], sample(name))


def test_the_judge_refuses_what_space_would_refuse() -> None:
    content = render(preview(ISSUE))
    content["sections"][0]["elements"][0]["colour"] = "red"
    assert faults("ApplicationUnfurlContent", content)
