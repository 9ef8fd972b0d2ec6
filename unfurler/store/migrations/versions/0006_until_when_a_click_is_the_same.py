"""Until when the same click is taken for a repeat."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("clicks", sa.Column("same_until", sa.Float(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("clicks") as batch:
        batch.drop_column("same_until")
