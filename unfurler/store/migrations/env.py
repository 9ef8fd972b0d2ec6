"""What Alembic runs: the migrations, on the connection that it was handed."""

from alembic import context

from unfurler.store.models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
