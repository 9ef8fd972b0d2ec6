"""Every card that a provider makes of its sample links, beside each other; or the line at which it fails."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unfurler.cli.samples import Place, Samples, read_samples
from unfurler.engine.audience import fitted
from unfurler.engine.buttons import apology
from unfurler.engine.loading import load_anew
from unfurler.engine.registry import Installed, Match, Registry
from unfurler.sdk.card import Card
from unfurler.sdk.errors import AccessDenied, NotFound, RateLimited, UnfurlError, UpstreamDown, UpstreamSlow
from unfurler.sdk.link import Link
from unfurler.sdk.provider import Provider
from unfurler.sdk.recorded import RETRY_AT, RecordedApi
from unfurler.space.why import reason_of
from unfurler.store.accounts import Audience
from unfurler.web.previews import preview_of

_AROUND = 3
_PAGE_FAILURES: dict[str, Exception] = {
    "401 or 403": AccessDenied("The site wants an account for this page."),
    "404": NotFound("The site does not have this page."),
    "429": RateLimited("The site asks for patience.", retry_at=RETRY_AT),
    "500": UpstreamDown("The site is out of order."),
    "no answer": UpstreamSlow("The site did not answer in time."),
}
_FAILURES: dict[str, Any] = {"401 or 403": 403, "404": 404, "429": 429, "500": 500, "no answer": 504}


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong in the author's files: the sentence, the place, and the lines around it."""

    sentence: str
    file: str = ""
    line: int = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What Space would get, with a word of when."""

    content: dict[str, Any]
    when: str = ""


@dataclass(slots=True)
class Column:
    """One kind of card, and what there is to say."""

    name: str
    shown: list[Shown] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sample:
    """A link with its columns; `calls` are the requests that its card took, `missing` those that nobody recorded."""

    link: str
    rule: str = ""
    calls: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    fault: Fault | None = None


@dataclass(slots=True)
class Sheet:
    """What the page shows."""

    title: str
    samples: list[Sample] = field(default_factory=list)
    fault: Fault | None = None


def draw_sheet(place: Place) -> Sheet:
    """Never raises for what is wrong in the author's files: it is on the sheet."""
    try:
        provider = load_anew(place.provider)
        samples = read_samples(place)
    except (Exception, SystemExit) as error:
        return Sheet(place.name, fault=fault_of(error, place))
    return Sheet(provider.title, [_sample(provider, link, samples, place) for link in samples.links])


def match_of(provider: Provider, text: str) -> Match | None:
    """How the service reads the link when this provider alone is there. Raises BadLink."""
    link = Link.parse(text)
    if provider.sites.any_domain:
        return Registry([Installed(provider, (), (link.host,))]).match(link)
    site = provider.sites.public or provider.sites.instance(link.origin)
    return Registry([Installed(provider, (site,))]).match(link)


def fault_of(error: BaseException, place: Place) -> Fault:
    """The author's own line that an error comes from."""
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError) and error.filename:
        return _at(f"{type(error).__name__}: {error.msg}", error.filename, error.lineno or 1, place)
    own = {str(path) for path in (*place.files, place.test, place.recorded)}
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((frame for frame in reversed(frames) if frame.filename in own), None)
    return Fault(said) if frame is None else _at(said, frame.filename, frame.lineno or 1, place)


def _at(sentence: str, file: str, line: int, place: Place) -> Fault:
    lines = Path(file).read_text(encoding="utf-8", errors="replace").splitlines()
    first = max(1, line - _AROUND)
    shown = enumerate(lines[first - 1 : line + _AROUND], first)
    code = "\n".join(f"{'>' if number == line else ' '}{number:>5}  {text}" for number, text in shown)
    return Fault(sentence, place.short(file), line, code)


def _sample(provider: Provider, link: str, samples: Samples, place: Place) -> Sample:
    sample = Sample(link)
    try:
        match = match_of(provider, link)
        if match is None:
            sample.fault = Fault("No rule of this provider fits the link.")
            return sample
        sample.rule = f"{match.rule.rule} → {match.rule.function.__name__}()"
        sample.columns = list(_columns(match, samples, sample))
    except UnfurlError as error:
        meant = reason_of(error.reason, str(error))
        sample.fault = Fault(f"No card ({error.reason}): {error} {meant.mend}".strip())
    except Exception as error:
        sample.fault = fault_of(error, place)
    return sample


def _columns(match: Match, samples: Samples, sample: Sample) -> Iterator[Column]:
    api = RecordedApi(samples.replies, samples.pages, site_url=match.site.url)
    try:
        card = match.rule.function(match.link, api, **match.arguments)
    finally:
        sample.calls = list(api.calls)
        sample.missing = [call for call in api.calls if not _is_recorded(call, samples)]
    yield Column("Compact", [Shown(preview_of(match, card).content)])
    yield Column("Full", [Shown(preview_of(match, card, "full").content)])
    yield _private(match, card)
    yield _failure(match, samples)


def _is_recorded(call: str, samples: Samples) -> bool:
    what = call.partition(" ")[2]
    return what in samples.replies or what.partition("?")[0] in samples.replies or what in samples.pages


def _private(match: Match, card: Card) -> Column:
    """What others see where it took the author's account: before the author chose, and by a narrower choice."""
    column = Column("Private")
    choices: dict[str, Audience | None] = {"before its author chose": None, "after “Only the title”": "title"}
    for when, audience in choices.items():
        shown = fitted(card, match.provider.title, audience, "ask")
        assert shown is not None
        column.shown.append(Shown(preview_of(match, shown).content, when))
    if match.provider.sign_in is None:
        column.said.append("Nobody signs in to this system, so it does not come to this.")
    return column


def _failure(match: Match, samples: Samples) -> Column:
    """What becomes of the link where every reply is a failure."""
    column = Column("Failure")
    for name, recorded in _FAILURES.items():
        pages = dict.fromkeys(samples.pages, _PAGE_FAILURES[name])
        api = RecordedApi(dict.fromkeys(samples.replies, recorded), pages, site_url=match.site.url)
        try:
            found = match.rule.function(match.link, api, **match.arguments)
            column.said.append(f"{name}: a card all the same, “{found.title}”")
        except RateLimited as error:
            card = apology(match.provider.title, str(error))
            column.shown = [Shown(preview_of(match, card).content, f"{name}, where waiting would outlast the link")]
        except UnfurlError as error:
            column.said.append(f"{name}: {_instead(match, error)}")
        except Exception as error:
            column.said.append(f"{name}: the provider fails, {type(error).__name__}: {error}")
    return column


def _instead(match: Match, error: UnfurlError) -> str:
    if isinstance(error, AccessDenied | NotFound) and match.provider.sign_in is not None:
        return f"its author is asked to sign in ({error.reason})"
    again = "tried again, then " if error.retry else ""
    return f"{again}nothing is shown ({error.reason})"
