"""The tables. Times are seconds since 1970 (UTC); columns ending in `_sealed` are encrypted."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# What the chat side may give as an id; PostgreSQL refuses what is longer than its column.
ID_CHARS = 256
REASON_CHARS = 64
STATE_CHARS = 64
HOLDER_CHARS = 64
RECORD_CHARS = 32
ACTION_CHARS = 96


class Base(DeclarativeBase):
    """What every table belongs to."""


class OrganizationRow(Base):
    """One installation of us, its place in the queue, its lease, and how its set-up stands."""

    __tablename__ = "organizations"

    id: Mapped[str] = mapped_column(String(ID_CHARS), primary_key=True)
    server_url: Mapped[str] = mapped_column(String(512))
    manual: Mapped[bool] = mapped_column(Boolean, default=False)
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    next_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    keys: Mapped[str | None] = mapped_column(Text)
    etag: Mapped[int | None] = mapped_column(BigInteger)
    installed_by: Mapped[str | None] = mapped_column(String(ID_CHARS))
    installed_at: Mapped[float] = mapped_column(Float)
    setup: Mapped[str] = mapped_column(Text, default="{}")
    setup_due_at: Mapped[float | None] = mapped_column(Float)
    language: Mapped[str] = mapped_column(String(35), default="en", server_default="en")
    audience_rule: Mapped[str] = mapped_column(String(8), default="ask", server_default="ask")
    lease_holder: Mapped[str | None] = mapped_column(String(HOLDER_CHARS))
    lease_until: Mapped[float] = mapped_column(Float, default=0.0)
    lease_fence: Mapped[int] = mapped_column(BigInteger, default=0)


class QueueItemRow(Base):
    """One posted link with how it ended: the record that the buttons of its card point to."""

    __tablename__ = "queue_items"
    __table_args__ = (
        UniqueConstraint("organization", "item"),
        Index("queue_items_waiting", "organization", "ended_at", "due_at"),
        Index("queue_items_etag", "organization", "etag"),
        Index("queue_items_message", "organization", "message"),
        Index("queue_items_age", "received_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organization: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    item: Mapped[str] = mapped_column(String(ID_CHARS))
    etag: Mapped[int] = mapped_column(BigInteger)
    link_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    link_hash: Mapped[str] = mapped_column(String(64))
    author: Mapped[str | None] = mapped_column(String(ID_CHARS))
    message: Mapped[str | None] = mapped_column(Text)
    size: Mapped[str] = mapped_column(String(8))
    received_at: Mapped[float] = mapped_column(Float)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[float] = mapped_column(Float)
    provider: Mapped[str | None] = mapped_column(String(32))
    end: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(REASON_CHARS))
    ended_at: Mapped[float | None] = mapped_column(Float)
    offered: Mapped[str] = mapped_column(Text, default="")
    audience: Mapped[str | None] = mapped_column(String(8))
    state: Mapped[str | None] = mapped_column(String(STATE_CHARS))
    begun_by: Mapped[str | None] = mapped_column(String(HOLDER_CHARS))
    crashes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class ClickRow(Base):
    """One press of a button: who, what, on which record, when, and what came of it."""

    __tablename__ = "clicks"
    __table_args__ = (
        Index("clicks_same", "organization", "record", "person", "action", "at"),
        Index("clicks_age", "at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organization: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    record: Mapped[str] = mapped_column(String(RECORD_CHARS))
    person: Mapped[str] = mapped_column(String(ID_CHARS))
    action: Mapped[str] = mapped_column(String(ACTION_CHARS))
    at: Mapped[float] = mapped_column(Float)
    account: Mapped[str | None] = mapped_column(String(192))
    before: Mapped[str | None] = mapped_column(String(STATE_CHARS))
    after: Mapped[str | None] = mapped_column(String(STATE_CHARS))
    outcome: Mapped[str | None] = mapped_column(String(32))
    sentence: Mapped[str | None] = mapped_column(String(512))
    same_until: Mapped[float] = mapped_column(Float, default=0.0, server_default="0")
    ended_at: Mapped[float | None] = mapped_column(Float)


class PressRow(Base):
    """A press that was taken and is not done yet; `holder` is the process that took it. Its click has the same id."""

    __tablename__ = "presses"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organization: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    person: Mapped[str] = mapped_column(String(ID_CHARS))
    action: Mapped[str] = mapped_column(String(ACTION_CHARS))
    record: Mapped[str] = mapped_column(String(RECORD_CHARS))
    holder: Mapped[str] = mapped_column(String(HOLDER_CHARS))
    at: Mapped[float] = mapped_column(Float)


class AccountRow(Base):
    """One person's signed-in identity in one external system."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("organization", "person", "provider", "site"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organization: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    person: Mapped[str] = mapped_column(String(ID_CHARS))
    provider: Mapped[str] = mapped_column(String(32))
    site: Mapped[str] = mapped_column(String(512))
    identity: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(128))
    tokens_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    signed_in_at: Mapped[float] = mapped_column(Float)
    renewing_until: Mapped[float] = mapped_column(Float, default=0.0)


class ChoiceRow(Base):
    """What one person decided about one external system, until they decide otherwise."""

    __tablename__ = "choices"

    organization: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    person: Mapped[str] = mapped_column(String(ID_CHARS), primary_key=True)
    provider: Mapped[str] = mapped_column(String(32), primary_key=True)
    site: Mapped[str] = mapped_column(String(512), primary_key=True)
    never_ask: Mapped[bool] = mapped_column(Boolean, default=False)
    audience: Mapped[str | None] = mapped_column(String(8))


class SignInRow(Base):
    """A link to sign in that was sent to one person."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index("sign_ins_open", "organization", "person", "provider", "site", "expires_at"),)

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    organization: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    person: Mapped[str] = mapped_column(String(ID_CHARS))
    provider: Mapped[str] = mapped_column(String(32))
    site: Mapped[str] = mapped_column(String(512))
    writes: Mapped[bool] = mapped_column(Boolean, default=False)
    shown: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    expires_at: Mapped[float] = mapped_column(Float)
    closed: Mapped[bool] = mapped_column(Boolean, default=False)


class FlowRow(Base):
    """One opening of such a link in one browser."""

    __tablename__ = "flows"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    sign_in: Mapped[str] = mapped_column(ForeignKey("sign_ins.id_hash", ondelete="CASCADE"))
    browser_hash: Mapped[str] = mapped_column(String(64))
    verifier_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    back_url: Mapped[str | None] = mapped_column(Text)
    gained_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[float] = mapped_column(Float)
    used: Mapped[bool] = mapped_column(Boolean, default=False)
    login: Mapped[str] = mapped_column(String(8), default="none", server_default="none")


class FormRow(Base):
    """A one-time link to a page with a field, sent to one person."""

    __tablename__ = "forms"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    organization: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    person: Mapped[str] = mapped_column(String(ID_CHARS))
    record: Mapped[str] = mapped_column(String(RECORD_CHARS))
    action: Mapped[str] = mapped_column(String(ACTION_CHARS))
    expires_at: Mapped[float] = mapped_column(Float)
    used: Mapped[bool] = mapped_column(Boolean, default=False)
