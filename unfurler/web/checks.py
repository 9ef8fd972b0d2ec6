"""Whether what a process depends on works, asked so that a frozen dependency freezes nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import structlog

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")
Status = Literal["ok", "degraded", "unavailable"]

WITHIN_S = 1.0
_SILENT = f"does not answer within {WITHIN_S:g} s"


class Question(Generic[Answer]):
    """Something that may take for ever: asked once at a time, however many want to know."""

    def __init__(self, name: str, ask: Callable[[], Answer]) -> None:
        self.name = name
        self._ask = ask
        self._lock = threading.Lock()
        self._under_way: Future[Answer] | None = None

    def asked(self) -> Future[Answer]:
        """The answer to come: of the asking that is under way, else of one that begins now."""
        with self._lock:
            if self._under_way is None or self._under_way.done():
                self._under_way = Future()
                threading.Thread(
                    target=self._run, args=(self._under_way,), name=f"ask-{self.name}", daemon=True
                ).start()
            return self._under_way

    def _run(self, answer: Future[Answer]) -> None:
        try:
            answer.set_result(self._ask())
        except Exception as error:
            answer.set_exception(error)


@dataclass(frozen=True, slots=True)
class Check:
    """One dependency: `trouble` says in a sentence why it does not work, without address or secret; None where it does.

    Without one that is `needed` the service cannot work; without another it works on, more slowly.
    """

    name: str
    trouble: Callable[[], str | None]
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What the checks said: name → trouble."""

    troubles: dict[str, str | None]
    status: Status


class Checks:
    """All that this process depends on."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = [(check, Question(check.name, check.trouble)) for check in checks]

    def report(self) -> Report:
        """Every check at once, within `WITHIN_S`."""
        asked = [(check, question.asked()) for check, question in self._checks]
        wait_for([answer for _, answer in asked], WITHIN_S)
        troubles = {check.name: _said(check, answer) for check, answer in asked}
        missing = [check for check, _ in asked if troubles[check.name] is not None]
        if any(check.needed for check in missing):
            return Report(troubles, "unavailable")
        return Report(troubles, "degraded" if missing else "ok")


def answered(answer: Future[Answer]) -> Answer | None:
    """What has been answered by now; None where that is nothing."""
    return answer.result() if answer.done() and answer.exception() is None else None


def _said(check: Check, answer: Future[str | None]) -> str | None:
    if not answer.done():
        return _SILENT
    error = answer.exception()
    if error is None:
        return answer.result()
    log.error("check.failed", check=check.name, error=type(error).__name__)
    return "cannot be looked at"
