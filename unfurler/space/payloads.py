"""What Space sends to our door: bytes become typed values here, once (PROTOCOL 2)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, NoReturn, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, ValidationError
from pydantic.alias_generators import to_camel

from unfurler.space import identifiers

Model = TypeVar("Model", bound=BaseModel)
_NAME = re.compile(r"[A-Za-z0-9_.]{1,100}", re.ASCII)
# No database takes these.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_SECRET = re.compile(r"[\x20-\x7e]{1,1024}")


class MalformedPayload(Exception):
    """The body is no payload; the message says what is wrong with it and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A body taken apart as far as is needed to find out who says it: everything else is read from the same `data`.

    `client_id` is None where there is none, which is as it should be for `AppPublicationCheckPayload` alone.
    """

    class_name: str
    client_id: str | None
    data: Mapping[str, Any] = field(repr=False)


def _storable(text: str) -> str:
    if _UNSTORABLE.search(text):
        raise ValueError("NUL or a lone surrogate")
    return text


def _identifier(text: str) -> str:
    if not identifiers.is_id(text):
        raise ValueError("not an id")
    return text


def _secret(secret: SecretStr) -> SecretStr:
    if not _SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("not a secret")
    return secret


Text = Annotated[str, AfterValidator(_storable)]
Id = Annotated[str, AfterValidator(_identifier)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, hide_input_in_errors=True, strict=True)


class NewUnfurlQueueItemsPayload(_Payload):
    """There is something in the queue."""

    client_id: Id


class UnfurlActionPayload(_Payload):
    """Somebody, not always the author, pressed a button of a preview: `action_value` is what the button carried."""

    client_id: Id
    user_id: Id
    action_id: Text
    action_value: Text
    link: Text


class InitPayload(_Payload):
    """An organization installs us. Nothing of it is proved yet."""

    client_id: Id
    client_secret: Secret
    server_url: Text
    state: Text | None = None
    user_id: Id | None = None


class ApplicationUninstalledPayload(_Payload):
    """An organization removed us. Its `server_url` is never used to talk to anybody."""

    client_id: Id
    server_url: Text


class ChangeClientSecretPayload(_Payload):
    """A new secret, to be used once it is proved to work."""

    client_id: Id
    new_client_secret: Secret
    user_id: Id | None = None


class ChangeServerUrlPayload(_Payload):
    """A new address of the organization, to be judged like that of an installation."""

    client_id: Id
    new_server_url: Text
    user_id: Id | None = None


class MessageActionPayload(_Payload):
    """Somebody pressed a button of a message of ours."""

    client_id: Id
    user_id: Id
    action_id: Text
    action_value: Text


class ListCommandsPayload(_Payload):
    """Somebody types to us: which commands are there?"""

    client_id: Id


class ChatText(_Payload):
    """The words of a message; none where it holds something else."""

    text: Text = ""


class ChatMessage(_Payload):
    """A message somebody wrote to us."""

    body: ChatText | None = None


class MessagePayload(_Payload):
    """Somebody wrote to us."""

    client_id: Id
    user_id: Id
    message: ChatMessage


class AppPublicationCheckPayload(_Payload):
    """The Marketplace looks whether we are there."""


@dataclass(frozen=True, slots=True)
class UnknownPayload:
    """Something that we have nothing to do for; `name` is fit for a log."""

    name: str


Known = (
    NewUnfurlQueueItemsPayload
    | UnfurlActionPayload
    | InitPayload
    | ApplicationUninstalledPayload
    | ChangeClientSecretPayload
    | ChangeServerUrlPayload
    | MessageActionPayload
    | ListCommandsPayload
    | MessagePayload
    | AppPublicationCheckPayload
)
Payload = Known | UnknownPayload

_MODELS: dict[str, type[Known]] = {model.__name__: model for model in get_args(Known)}
# An older form of the queue notification: a webhook's event without members.
_QUEUE_EVENT = "ApplicationUnfurlQueueItemsCreatedEvent"


def peek(body: bytes) -> Envelope:
    """Find out what a body is and who says it. Raises MalformedPayload.

    Every member may stand once in its object, and the text is UTF-8 without a mark: a body has one meaning.
    """
    data = _parse(body)
    class_name = data.get("className")
    client_id = data.get("clientId")
    if not isinstance(class_name, str) or not class_name:
        raise MalformedPayload("className is not a text")
    if client_id is not None and not identifiers.is_id(client_id):
        raise MalformedPayload("clientId is not an id")
    return Envelope(class_name, client_id, data)


def parse_payload(envelope: Envelope) -> Payload:
    """The payload in an envelope. Raises MalformedPayload naming class and member, never quoting a value."""
    if envelope.class_name == "WebhookRequestPayload":
        return _webhook(envelope)
    model = _MODELS.get(envelope.class_name)
    if model is None:
        return UnknownPayload(_printable(envelope.class_name))
    return _validated(model, envelope.data)


def _webhook(envelope: Envelope) -> Payload:
    event = envelope.data.get("payload")
    name = event.get("className") if isinstance(event, dict) else None
    if name == _QUEUE_EVENT:
        return _validated(NewUnfurlQueueItemsPayload, envelope.data)
    return UnknownPayload(f"WebhookRequestPayload/{_printable(name)}")


def _validated(model: type[Model], data: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        places = {str(fault["loc"][0]) for fault in error.errors(include_input=False, include_url=False)}
        raise MalformedPayload(f"{model.__name__} does not fit at {', '.join(sorted(places))}") from None


def _parse(body: bytes) -> Mapping[str, Any]:
    try:
        data = _DECODER.decode(body.decode())
    except MalformedPayload:
        raise
    except (ValueError, RecursionError):
        raise MalformedPayload("not JSON") from None
    if not isinstance(data, dict):
        raise MalformedPayload("not a JSON object")
    return data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedPayload("a member stands twice")
    return members


def _no_constant(_: str) -> NoReturn:
    raise MalformedPayload("not a JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant)


def _printable(name: object) -> str:
    return name if isinstance(name, str) and _NAME.fullmatch(name) else "?"
