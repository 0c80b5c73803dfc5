"""Alembic runs this for every command: it uses the connection that the caller opened."""

from alembic import context

from sealgate.stores.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
