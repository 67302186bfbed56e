"""Runs inside `memory.migrate.migrate`, which hands over the connection and owns its transaction."""

from alembic import context

from memory.tables import Table

context.configure(connection=context.config.attributes["connection"], target_metadata=Table.metadata, transactional_ddl=True)
context.run_migrations()
