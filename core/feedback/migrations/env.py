"""What alembic runs: the steps, on the connection and in the transaction it was given."""

from alembic import context

from core.feedback.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
