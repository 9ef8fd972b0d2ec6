"""How far a flow has come with the chat side's own login."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("flows", sa.Column("login", sa.String(length=8), server_default="none", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("flows") as batch:
        batch.drop_column("login")
