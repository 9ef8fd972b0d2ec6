"""A provider: the declarations in which everything about one external system is said.

It reads like a Flask blueprint: an object, and decorators that record functions now and are matched later.
Rules are Werkzeug's (https://werkzeug.palletsprojects.com/routing/), and may go on after `?` for the query.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import overload

from unfurler.sdk.api import Api
from unfurler.sdk.card import Button, ButtonStyle, Card
from unfurler.sdk.sign_in import Identity, SignIn

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_ARGUMENT = re.compile(r"<(?:[^<>:]+:)?([A-Za-z_][A-Za-z0-9_]*)>")
_PATH_ARGUMENT = re.compile(r"<path(?:\([^)]*\))?:")
ANY = "*"

LinkFunction = Callable[..., Card]
ActionFunction = Callable[..., str]
WhoFunction = Callable[[Api], Identity]


class ProviderFault(Exception):
    """A provider that contradicts itself; the message names it, the place and the mend."""


@dataclass(frozen=True, slots=True)
class Site:
    """One instance of a system: where people see it, and where its API is. Both without a final slash."""

    url: str
    api_url: str


@dataclass(frozen=True, slots=True)
class Sites:
    """Where a system lives: its public site, if it has one, and how the API of a self-hosted one follows from its URL.

    `hosts` are the public site's host names, the first is the main one; `api` its API base; `instance_api` the path
    under an instance's URL; `headers` go with every API request. `Sites.every()` is for the one provider that reads
    any page: it covers the domains that the operator lists.
    """

    hosts: tuple[str, ...]
    api: str
    instance_api: str
    headers: Mapping[str, str]
    any_domain: bool

    def __init__(
        self, *hosts: str, api: str = "", instance_api: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        object.__setattr__(self, "hosts", hosts)
        object.__setattr__(self, "api", api.rstrip("/"))
        object.__setattr__(self, "instance_api", instance_api.rstrip("/"))
        object.__setattr__(self, "headers", dict(headers or {}))
        object.__setattr__(self, "any_domain", False)

    @classmethod
    def every(cls) -> Sites:
        """Whatever domain the operator lists."""
        sites = cls()
        object.__setattr__(sites, "any_domain", True)
        return sites

    @property
    def public(self) -> Site | None:
        """The public site, None for a system that exists only self-hosted."""
        if not self.hosts:
            return None
        url = f"https://{self.hosts[0]}"
        return Site(url, self.api or url + self.instance_api)

    def instance(self, url: str, api_url: str | None = None) -> Site:
        """A configured instance; the public site's URL gives the public site's API."""
        url = url.rstrip("/")
        if api_url:
            return Site(url, api_url.rstrip("/"))
        public = self.public
        if public is not None and url.partition("://")[2] in self.hosts:
            return public
        return Site(url, url + self.instance_api)


@dataclass(frozen=True, slots=True)
class LinkRule:
    """A kind of link: the rule, the function that makes its card, and for how long a card is fresh."""

    rule: str
    function: LinkFunction
    arguments: tuple[str, ...]
    lifetime: timedelta | None


@dataclass(frozen=True, slots=True)
class Action:
    """Something a button does in the system. `id` is what a button carries and a click brings back.

    `confirm` asks once more before it is done; `undo` is the id of the action that takes it back; `asks` is the label
    of a text that the person writes on a page first, and the function takes as `text`.
    """

    id: str
    function: ActionFunction
    arguments: tuple[str, ...]
    confirm: str | None = None
    undo: str | None = None
    asks: str | None = None

    def button(self, text: str, style: ButtonStyle = "regular") -> Button:
        """A button of a card that asks for this action."""
        return Button(text, action=self.id, style=style)


@dataclass(slots=True)
class Provider:
    """Everything known about one external system.

    `name` is lower case, digits and `-`; `lifetime` for how long its cards are fresh; `version` goes into cache keys:
    raise it when a card's meaning changes.
    """

    name: str
    title: str
    sites: Sites
    icon: str | None = None
    version: str = "1"
    lifetime: timedelta = timedelta(minutes=5)
    sign_in: SignIn | None = None
    links: list[LinkRule] = field(default_factory=list, init=False)
    actions: dict[str, Action] = field(default_factory=dict, init=False)
    who: WhoFunction | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ProviderFault(
                f"{self.name!r} is no provider name; write lower case letters, digits and '-', beginning with a letter"
            )

    def link(self, rule: str, *, lifetime: timedelta | None = None) -> Callable[[LinkFunction], LinkFunction]:
        """This function makes the card of links of this shape: `(link, api, **arguments of the rule) -> Card`.

        Raises ProviderFault where names of rule and function differ, or a rule has more than one `<path:>`.
        """

        def register(function: LinkFunction) -> LinkFunction:
            arguments = tuple(_ARGUMENT.findall(rule))
            self._compare(f"rule {rule!r} gives", sorted(arguments), function, skip=2)
            if len(_PATH_ARGUMENT.findall(rule)) > 1:
                raise ProviderFault(
                    f"{self.name}: rule {rule!r} has more than one <path:>; a long link would take very long to match"
                )
            if rule != ANY and not rule.startswith("/"):
                raise ProviderFault(f"{self.name}: rule {rule!r} does not begin with '/'")
            self.links.append(LinkRule(rule, function, arguments, lifetime))
            return function

        return register

    @overload
    def action(self, function: ActionFunction, /) -> Action: ...
    @overload
    def action(
        self, /, *, confirm: str | None = None, undo: str | None = None, asks: str | None = None
    ) -> Callable[[ActionFunction], Action]: ...
    def action(
        self,
        function: ActionFunction | None = None,
        /,
        *,
        confirm: str | None = None,
        undo: str | None = None,
        asks: str | None = None,
    ) -> Action | Callable[[ActionFunction], Action]:
        """This function does what a button says: `(click, api, **arguments of the link's rule) -> str`, a sentence.

        With or without arguments: `confirm` is the question that is asked before something that cannot be undone,
        `undo` the name of the function that takes it back, `asks` the label of a text that is taken as `text`.
        """

        def register(function: ActionFunction) -> Action:
            names = _parameters(function)
            if len(names) < 2 or (asks is not None) != ("text" in names):
                wanted = "(click, api, ..., text)" if asks is not None else "(click, api, ...)"
                raise ProviderFault(f"{self.name}: action {function.__name__}() takes {wanted}")
            action = Action(
                id=self._action_id(function.__name__),
                function=function,
                arguments=tuple(name for name in names[2:] if name != "text"),
                confirm=confirm,
                undo=self._action_id(undo) if undo else None,
                asks=asks,
            )
            if action.id in self.actions:
                raise ProviderFault(f"{self.name}: two actions are called {function.__name__}()")
            self.actions[action.id] = action
            return action

        return register if function is None else register(function)

    def account(self, function: WhoFunction) -> WhoFunction:
        """This function says whose account an API works with: `(api) -> Identity`."""
        self.who = function
        return function

    def check(self) -> None:
        """What can be judged only when the file is complete. Raises ProviderFault."""
        if not self.links:
            raise ProviderFault(f"{self.name}: no function is decorated with @{self.name}.link(rule)")
        for action in self.actions.values():
            if not any(set(action.arguments) <= set(rule.arguments) for rule in self.links):
                raise ProviderFault(
                    f"{self.name}: no rule gives all of {sorted(action.arguments)}, which action {action.id} takes"
                )
            if action.undo is not None and action.undo not in self.actions:
                raise ProviderFault(f"{self.name}: {action.id} is undone by {action.undo}, which is no action")
        if (self.sign_in is None) != (self.who is None):
            raise ProviderFault(f"{self.name}: sign_in and a function under @{self.name}.account go together")
        if any(rule.rule == ANY for rule in self.links) != self.sites.any_domain:
            raise ProviderFault(f"{self.name}: the rule '{ANY}' goes with Sites.every(), and nothing else does")

    def _action_id(self, function_name: str) -> str:
        return f"{self.name}.{function_name.replace('_', '-')}"

    def _compare(self, said: str, names: Sequence[str], function: Callable[..., object], *, skip: int) -> None:
        taken = sorted(_parameters(function)[skip:])
        if list(names) != taken:
            raise ProviderFault(f"{self.name}: {said} {list(names)}; {function.__name__}() takes {taken}")


def _parameters(function: Callable[..., object]) -> list[str]:
    return list(inspect.signature(function).parameters)
