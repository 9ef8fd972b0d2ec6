"""What an API said, as values."""

import pytest

from unfurler.sdk.api import Reply


@pytest.mark.parametrize(
    "body",
    [
        rb'{"title": "A\ud800 pier \ud83d\ude00"}',
        b'{"title": "A\xed\xa0\x80 pier \xf0\x9f\x98\x80"}',
        rb'{"title": "A\uDFFF pier \uD83D\uDE00"}',
    ],
)
def test_half_of_a_character_is_dropped(body: bytes) -> None:
    assert Reply(200, {}, body).json() == {"title": "A pier \U0001f600"}
