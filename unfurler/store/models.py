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
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """What every table belongs to."""


class OrganizationRow(Base):
    """One installation of us, its place in the queue, its lease, and how its set-up stands."""

    __tablename__ = "organizations"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    server_url: Mapped[str] = mapped_column(String(512))
    manual: Mapped[bool] = mapped_column(Boolean, default=False)
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    next_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    keys: Mapped[str | None] = mapped_column(Text)
    etag: Mapped[int | None] = mapped_column(BigInteger)
    installed_by: Mapped[str | None] = mapped_column(String(128))
    installed_at: Mapped[float] = mapped_column(Float)
    setup: Mapped[str] = mapped_column(Text, default="{}")
    setup_due_at: Mapped[float | None] = mapped_column(Float)
    lease_holder: Mapped[str | None] = mapped_column(String(64))
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
    item: Mapped[str] = mapped_column(String(128))
    etag: Mapped[int] = mapped_column(BigInteger)
    link_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    link_hash: Mapped[str] = mapped_column(String(64))
    author: Mapped[str | None] = mapped_column(String(128))
    message: Mapped[str | None] = mapped_column(String(256))
    size: Mapped[str] = mapped_column(String(8))
    received_at: Mapped[float] = mapped_column(Float)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[float] = mapped_column(Float)
    provider: Mapped[str | None] = mapped_column(String(32))
    end: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[float | None] = mapped_column(Float)
    offered: Mapped[str] = mapped_column(Text, default="")


class ClickRow(Base):
    """One press of a button: who, what, on which record, when, and what came of it."""

    __tablename__ = "clicks"
    __table_args__ = (
        Index("clicks_same", "organization", "record", "person", "action", "at"),
        Index("clicks_age", "at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organization: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    record: Mapped[str] = mapped_column(String(32))
    person: Mapped[str] = mapped_column(String(128))
    action: Mapped[str] = mapped_column(String(96))
    at: Mapped[float] = mapped_column(Float)
    outcome: Mapped[str | None] = mapped_column(String(32))
    sentence: Mapped[str | None] = mapped_column(String(512))
    ended_at: Mapped[float | None] = mapped_column(Float)
