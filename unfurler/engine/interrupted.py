"""What becomes of a press whose process died: its person is told, and nothing is done again."""

from __future__ import annotations

from dataclasses import dataclass

from unfurler.engine.ports import Host, PersonId
from unfurler.store.clicks import INTERRUPTED, ClickRecord, Clicks
from unfurler.store.presses import TakenPress

_NOT_BEGUN = "I was interrupted before I could do what you pressed. Nothing was done; press again."
_BEGUN = (
    "I was interrupted while I did what you pressed. It may have happened, or not: look at it, or press Refresh, "
    "before you press again."
)


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Looks after such presses of one organization."""

    clicks: Clicks
    host: Host

    def tell(self, press: TakenPress, now: float) -> str:
        """Tell the person what is known of it; the outcome of the click. Raises HostTrouble."""
        click = self.clicks.find(press.id)
        outcome = (click and click.outcome) or INTERRUPTED
        sentence = _sentence(click)
        self.host.tell(PersonId(press.person), sentence)
        if click is not None and click.outcome is None:
            self.clicks.end(press.id, INTERRUPTED, sentence, now)
        return outcome


def _sentence(click: ClickRecord | None) -> str:
    if click is None:
        return _NOT_BEGUN
    if click.outcome is None:
        return _BEGUN
    return click.sentence or "Done."
