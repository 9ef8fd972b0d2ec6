"""Which buttons a card has in which size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unfurler.engine.buttons import COMPACT_BUTTONS, LESS, MORE, REFRESH, dressed, offered
from unfurler.sdk.card import Button, Card, Field

BUTTONS = st.lists(
    st.builds(Button, st.text(max_size=5), action=st.none() | st.sampled_from(["t.a", "t.b", "t.c", "t.d"])), max_size=8
)
CARDS = st.builds(
    Card,
    title=st.just("t"),
    text=st.sampled_from(["", "x" * 200, "x" * 201]),
    fields=st.lists(st.just(Field("a", "b")), max_size=1),
    buttons=BUTTONS,
)


def own(card: Card) -> list[Button]:
    return [button for button in card.buttons if button.action not in (REFRESH, MORE, LESS)]


@given(CARDS)
def test_a_line_has_no_buttons(card):
    assert dressed(card, "line").buttons == ()


@given(CARDS)
def test_a_full_card_has_all_of_its_own_and_the_way_back(card):
    full = dressed(card, "full")
    assert own(full) == list(card.buttons)
    assert [button.action for button in full.buttons[len(card.buttons) :]] == [REFRESH, LESS]


@given(CARDS)
def test_a_compact_card_has_at_most_three_of_its_own_and_can_be_refreshed(card):
    compact = dressed(card, "compact")
    assert own(compact) == list(card.buttons[:COMPACT_BUTTONS])
    assert REFRESH in offered(compact)


@given(CARDS)
def test_there_is_more_exactly_where_the_compact_card_leaves_something_out(card):
    left_out = bool(card.fields) or len(card.buttons) > 3 or len(card.text) > 200
    assert (MORE in offered(dressed(card, "compact"))) == left_out


@given(CARDS, st.sampled_from(["line", "compact", "full"]))
def test_what_is_offered_are_the_actions_of_its_buttons_each_once(card, size):
    shown = dressed(card, size)
    asked = {button.action for button in shown.buttons if button.action}
    assert (set(offered(shown)), len(offered(shown))) == (asked, len(asked))
