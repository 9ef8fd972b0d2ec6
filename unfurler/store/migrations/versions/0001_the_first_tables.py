"""the first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", sa.String(length=256), nullable=False),
        sa.Column("server_url", sa.String(length=512), nullable=False),
        sa.Column("manual", sa.Boolean(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("next_secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("keys", sa.Text(), nullable=True),
        sa.Column("etag", sa.BigInteger(), nullable=True),
        sa.Column("installed_by", sa.String(length=256), nullable=True),
        sa.Column("installed_at", sa.Float(), nullable=False),
        sa.Column("setup", sa.Text(), nullable=False),
        sa.Column("setup_due_at", sa.Float(), nullable=True),
        sa.Column("lease_holder", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=False),
        sa.Column("lease_fence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "clicks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organization", sa.String(length=256), nullable=False),
        sa.Column("record", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=256), nullable=False),
        sa.Column("action", sa.String(length=96), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("sentence", sa.String(length=512), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("clicks_age", "clicks", ["at"])
    op.create_index("clicks_same", "clicks", ["organization", "record", "person", "action", "at"])

    op.create_table(
        "queue_items",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organization", sa.String(length=256), nullable=False),
        sa.Column("item", sa.String(length=256), nullable=False),
        sa.Column("etag", sa.BigInteger(), nullable=False),
        sa.Column("link_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=256), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("size", sa.String(length=8), nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=True),
        sa.Column("end", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("offered", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization", "item"),
    )
    op.create_index("queue_items_age", "queue_items", ["received_at"])
    op.create_index("queue_items_etag", "queue_items", ["organization", "etag"])
    op.create_index("queue_items_message", "queue_items", ["organization", "message"])
    op.create_index("queue_items_waiting", "queue_items", ["organization", "ended_at", "due_at"])


def downgrade() -> None:
    op.drop_table("queue_items")
    op.drop_table("clicks")
    op.drop_table("organizations")
