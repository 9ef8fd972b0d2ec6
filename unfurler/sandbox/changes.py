"""Whether anything happened since somebody last looked."""

from __future__ import annotations

import threading


class Changes:
    """Counts what happens on the server, so that a page can wait for the next thing instead of asking all the time."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        return self._count

    def note(self) -> None:
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def wait_beyond(self, count: int, timeout_s: float) -> int:
        """The count once it is greater than `count`, or after that time as it is."""
        with self._condition:
            self._condition.wait_for(lambda: self._count > count, timeout_s)
            return self._count
