"""Which process had begun an item or had taken a press, and how often an item's process died meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("queue_items", sa.Column("begun_by", sa.String(64)))
    op.add_column("queue_items", sa.Column("crashes", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "presses",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column(
            "organization", sa.String(256), sa.ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("person", sa.String(256), nullable=False),
        sa.Column("action", sa.String(96), nullable=False),
        sa.Column("record", sa.String(32), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("presses")
    with op.batch_alter_table("queue_items") as batch:
        batch.drop_column("crashes")
        batch.drop_column("begun_by")
