"""Accounts, choices, sign-ins and forms; what a click changed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organization", sa.String(length=256), nullable=False),
        sa.Column("person", sa.String(length=256), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("site", sa.String(length=512), nullable=False),
        sa.Column("identity", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("tokens_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("signed_in_at", sa.Float(), nullable=False),
        sa.Column("renewing_until", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization", "person", "provider", "site"),
    )
    op.create_table(
        "choices",
        sa.Column("organization", sa.String(length=256), nullable=False),
        sa.Column("person", sa.String(length=256), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("site", sa.String(length=512), nullable=False),
        sa.Column("never_ask", sa.Boolean(), nullable=False),
        sa.Column("audience", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("organization", "person", "provider", "site"),
    )
    op.create_table(
        "forms",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("organization", sa.String(length=256), nullable=False),
        sa.Column("person", sa.String(length=256), nullable=False),
        sa.Column("record", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=96), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id_hash"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("organization", sa.String(length=256), nullable=False),
        sa.Column("person", sa.String(length=256), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("site", sa.String(length=512), nullable=False),
        sa.Column("writes", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id_hash"),
    )
    op.create_index("sign_ins_open", "sign_ins", ["organization", "person", "provider", "site", "expires_at"])
    op.create_table(
        "flows",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("sign_in", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("verifier_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("back_url", sa.Text(), nullable=True),
        sa.Column("gained_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sign_in"], ["sign_ins.id_hash"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("state_hash"),
    )
    op.add_column("clicks", sa.Column("account", sa.String(length=192), nullable=True))
    op.add_column("clicks", sa.Column("before", sa.String(length=64), nullable=True))
    op.add_column("clicks", sa.Column("after", sa.String(length=64), nullable=True))
    op.add_column(
        "organizations", sa.Column("audience_rule", sa.String(length=8), server_default="ask", nullable=False)
    )
    op.add_column("organizations", sa.Column("language", sa.String(length=35), server_default="en", nullable=False))
    op.add_column("queue_items", sa.Column("audience", sa.String(length=8), nullable=True))
    op.add_column("queue_items", sa.Column("state", sa.String(length=64), nullable=True))


def downgrade() -> None:
    for table, columns in (
        ("queue_items", ("audience", "state")),
        ("organizations", ("audience_rule", "language")),
        ("clicks", ("account", "before", "after")),
    ):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)
    for table in ("flows", "sign_ins", "forms", "choices", "accounts"):
        op.drop_table(table)
