"""One installation of the application in an organization: what Space knows about it."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field

from .clock import SandboxClock, real_ms
from .contract import JsonObject
from .entities import Channel, Domain, Happening, Message, NewItem, Page, PageKind, Post, QueueItem, User
from .ids import new_id, new_secret
from .links import Pattern, covering, find_links
from .refusal import missing
from .signing import KeyRing

UNFURL_RIGHT = "Unfurl.App.ProvideAttachment"
RIGHT_NAMES = {
    UNFURL_RIGHT: "Provide external unfurls as attachments",
    "Unfurl.App.ProvideInline": "Provide external inline unfurls",
    "Profile.View": "View member profiles",
    "Profile.View.Basic": "View basic info of member profiles",
    "Channel.PostMessages": "Post messages",
    "Channel.PostMessagesInThreads": "Post messages in threads",
    "Channel.ViewMessages": "View messages",
    "Channel.ViewChannel": "View channel",
    "Superadmin": "Grant permissions to other members",
}
GLOBAL = "global"
SAMPLE_PAGES: list[tuple[PageKind, str]] = [
    ("document", "Release plan"),
    ("issue", "Ship the next release"),
    ("review", "Greet politely"),
]


@dataclass(slots=True)
class Organization:
    """Everything the token of one `clientId` gives access to. Whoever calls its methods holds the world's lock."""

    client_id: str
    secret: str
    endpoint: str
    name: str
    server_url: str
    clock: SandboxClock
    approve: bool = True
    application: str = "Link previews"
    state: str | None = None
    signing_key: str | None = None
    permanent_token: str | None = None
    requeue_after_auth: bool = False
    installed: bool = False
    id: str = field(default_factory=new_id)
    keys: KeyRing = field(default_factory=KeyRing)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    # Whether people may be led here to say who they are.
    code_flow: bool = True
    # Where the code flow may lead back to; empty: anywhere on the origin of the endpoint.
    redirect_uris: list[str] = field(default_factory=list)
    consents: set[tuple[str, str]] = field(default_factory=set)
    messages: dict[str, Message] = field(default_factory=dict)
    rights: dict[tuple[str, str], str] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)
    patterns: list[Pattern] = field(default_factory=list)
    ui_extensions: dict[str, list[JsonObject]] = field(default_factory=dict)
    error_message: str | None = None
    healthy_at_ms: int | None = None
    items: dict[str, QueueItem] = field(default_factory=dict)
    queue: list[QueueItem] = field(default_factory=list)
    # Grows across restarts, so that an application that kept its position does not wait for old numbers to come by.
    last_etag: int = field(default_factory=real_ms)

    # Credentials, rights, domains

    def change_secret(self, secret: str | None) -> None:
        self.secret = secret or new_secret()

    def has_right(self, code: str, context: str = GLOBAL) -> bool:
        return self.rights.get((context, code)) == "GRANTED"

    def request_right(self, context: str, code: str) -> None:
        """Granted at once where the organization approves everything; one that was revoked waits for an approval."""
        before = self.rights.get((context, code))
        if before != "GRANTED":
            self.rights[context, code] = "GRANTED" if self.approve and before is None else "REQUESTED"

    def register_domains(self, names: list[str]) -> None:
        """Replaces the list; a domain that stays keeps its approval."""
        known = self.domains
        self.domains = {name: known.get(name) or Domain(name, self.approve) for name in names}

    def approve_waiting(self, *, rights: bool, domains: bool) -> None:
        if rights:
            self.rights = dict.fromkeys(self.rights, "GRANTED")
        if domains:
            for domain in self.domains.values():
                domain.approved = True

    def revoke(self, *, rights: bool, domains: bool) -> None:
        if rights:
            self.rights = dict.fromkeys(self.rights, "REJECTED")
        if domains:
            for domain in self.domains.values():
                domain.approved = False

    # People, channels

    def find_user(self, identifier: str) -> User:
        """By `id:…`, `username:…` or the bare id. Raises Refusal."""
        kind, _, rest = identifier.partition(":")
        if kind == "username":
            found = next((user for user in self.users.values() if user.username == rest), None)
        else:
            found = self.users.get(rest if kind == "id" and rest else identifier)
        if found is None:
            raise missing("User not found")
        return found

    def find_channel(self, identifier: str) -> Channel:
        """By a ChannelIdentifier in its sent form. Raises Refusal."""
        if identifier.startswith("member:"):
            return self.direct_channel(self.find_user(identifier.removeprefix("member:")).id)
        if identifier.startswith("channel:name:"):
            name = identifier.removeprefix("channel:name:")
            found = next((channel for channel in self.channels.values() if channel.name == name), None)
        else:
            found = self.channels.get(identifier.removeprefix("channel:").removeprefix("id:"))
        if found is None:
            raise missing("Channel not found")
        return found

    def direct_channel(self, user_id: str) -> Channel:
        found = next((channel for channel in self.channels.values() if channel.member == user_id), None)
        if found is None:
            found = Channel(new_id(), self.name, member=user_id)
            self.channels[found.id] = found
        return found

    def people_channel(self, one: str, other: str) -> Channel:
        """The direct channel between two people."""
        pair = tuple(sorted((one, other)))
        found = next((channel for channel in self.channels.values() if channel.between == pair), None)
        if found is None:
            found = Channel(new_id(), " and ".join(self.users[each].name for each in pair), between=pair)
            self.channels[found.id] = found
        return found

    def add_channel(self, name: str) -> Channel:
        """The channel of that name."""
        found = next((channel for channel in self.channels.values() if channel.name == name), None)
        if found is None:
            found = Channel(new_id(), name)
            self.channels[found.id] = found
        return found

    def extensions(self, class_name: str) -> list[JsonObject]:
        """The extensions of that class which the application registered, in any context."""
        return [each for some in self.ui_extensions.values() for each in some if each["className"] == class_name]

    def consented(self, user_id: str, scope: str) -> bool:
        """Whether that user let the application act for them in every element of `scope`."""
        return all((user_id, element) in self.consents for element in scope.split())

    def consent(self, user_id: str, scope: str) -> None:
        self.consents.update((user_id, element) for element in scope.split())

    # Pages

    def add_page(self, kind: PageKind, title: str) -> Page:
        page = Page(new_id(), kind, title)
        self.pages[page.id] = page
        return page

    def write_page(self, page: Page, text: str, author_id: str | None) -> list[QueueItem]:
        """Changes the text; the items of links that were not in it before. A link that went takes its item along."""
        links = dict.fromkeys(url for url in find_links(text, self.patterns) if covering(self.domains, url))
        page.text = text
        page.item_ids = {link: item_id for link, item_id in page.item_ids.items() if link in links}
        queued = [
            self.add_item(NewItem(link, identifier_of(author_id), page.context, author_id, page_id=page.id))
            for link in links
            if link not in page.item_ids
        ]
        page.item_ids.update({item.target: item.id for item in queued})
        return queued

    # Messages

    def add_message(self, channel: str, author: str | None, text: str) -> Message:
        message = Message(new_id(), channel, author, text, self.clock.now_ms(), real_ms())
        self.messages[message.id] = message
        return message

    def find_message(self, channel: Channel, identifier: str) -> Message:
        """By `id:…` or `externalId:…` in that channel. Raises Refusal."""
        kind, _, rest = identifier.partition(":")
        for message in self.messages.values():
            key = message.external_id if kind == "externalId" else message.id
            if key == rest and message.channel == channel.id and not message.deleted:
                return message
        raise missing("Message not found")

    def direct_messages(self, user_id: str) -> list[Message]:
        """What the application sent to that person, oldest first, without what it deleted."""
        own = {channel.id for channel in self.channels.values() if channel.member == user_id}
        return [
            message
            for message in self.messages.values()
            if message.channel in own and message.author is None and not message.deleted
        ]

    # The queue

    def queue_links(self, text: str, author_id: str | None, context: JsonObject, message_id: str) -> list[QueueItem]:
        """Items for those links of a text that a registered domain covers."""
        author = identifier_of(author_id)
        targets = [url for url in find_links(text, self.patterns) if covering(self.domains, url)]
        return [self.add_item(NewItem(target, author, context, author_id, message_id)) for target in targets]

    def add_item(self, new: NewItem) -> QueueItem:
        self.last_etag += 1
        item = QueueItem(
            id=new.id or new_id(),
            target=new.target,
            etag=self.last_etag,
            author=new.author,
            context=new.context,
            created_ms=self.clock.now_ms(),
            author_id=new.author_id,
            message_id=new.message_id,
            page_id=new.page_id,
            at_ms=real_ms(),
        )
        self.items[item.id] = item
        self.queue.append(item)
        if item.message_id in self.messages:
            self.messages[item.message_id].item_ids.append(item.id)
        return item

    def read_queue(self, batch_size: int, from_etag: int | None) -> list[QueueItem]:
        """Live items with a greater etag than `from_etag`, ascending, at most `batch_size`. Reading removes nothing."""
        start = 0 if from_etag is None else bisect.bisect_right(self.queue, from_etag, key=lambda item: item.etag)
        now_ms = self.clock.now_ms()
        batch: list[QueueItem] = []
        for item in self.queue[start:]:
            if len(batch) == batch_size:
                break
            if item.alive(now_ms):
                item.happenings.append(Happening(real_ms(), "read"))
                batch.append(item)
        return batch

    def post_content(self, item_id: str, content: JsonObject) -> str:
        """Shows content for an item; the class of the result (PROTOCOL 1.5), without its prefix."""
        item = self.items.get(item_id)
        if item is None:
            return "QueueItemNotFound"
        result = self._result_of_posting(item)
        item.posts.append(Post(real_ms(), content, result))
        if result == "Success":
            item.shown = content
            item.prompt = None
        return result

    def _result_of_posting(self, item: QueueItem) -> str:
        if not item.alive(self.clock.now_ms()):
            return "QueueItemNotFound"
        if item.message_id is not None and self.messages[item.message_id].deleted:
            return "EntityNotFound"
        if item.page_id is not None and item.id not in self.pages[item.page_id].item_ids.values():
            return "EntityNotFound"
        domain = covering(self.domains, item.target)
        if domain is not None and not self.domains[domain].approved:
            return "NotApproved"
        return "Success"

    def request_auth(self, item_id: str, message: JsonObject) -> None:
        """Shows the request to the author of the item. Raises Refusal."""
        item = self.items.get(item_id)
        if item is None or not item.alive(self.clock.now_ms()):
            raise missing("Queue item not found")
        item.prompt = message
        item.happenings.append(Happening(real_ms(), "prompt", message))

    def reset_auth(self, user_id: str) -> list[QueueItem]:
        """Clears all requests of that user; the items whose request it was."""
        cleared = [item for item in self.items.values() if item.author_id == user_id and item.prompt is not None]
        for item in cleared:
            item.prompt = None
            item.happenings.append(Happening(real_ms(), "reset"))
            if self.requeue_after_auth:
                self.last_etag += 1
                item.etag = self.last_etag
        if self.requeue_after_auth:
            self.queue.sort(key=lambda item: item.etag)
        return cleared


def identifier_of(user_id: str | None) -> JsonObject | None:
    """A ProfileIdentifier in received form; None for nobody."""
    return None if user_id is None else {"className": "ProfileIdentifier.Id", "id": user_id}


def sample_users(names: list[str]) -> dict[str, User]:
    """People by id; the first is the administrator who installs."""
    users = [User.named(new_id(), name, admin=at == 0) for at, name in enumerate(names)]
    return {user.id: user for user in users}


def new_organization(
    *,
    client_id: str,
    endpoint: str,
    name: str,
    server_url: str,
    clock: SandboxClock,
    user_names: list[str],
    secret: str | None = None,
) -> Organization:
    """An organization with people, the channels `general` and `random`, and an empty page of each kind."""
    channels = [Channel(new_id(), "general"), Channel(new_id(), "random")]
    pages = [Page(new_id(), kind, title) for kind, title in SAMPLE_PAGES]
    return Organization(
        client_id=client_id,
        secret=secret or new_secret(),
        endpoint=endpoint,
        name=name,
        server_url=server_url,
        clock=clock,
        users=sample_users(user_names),
        channels={channel.id: channel for channel in channels},
        pages={page.id: page for page in pages},
    )
