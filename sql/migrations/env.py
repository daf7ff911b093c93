"""Run the migrations on the connection that `sql.connect.migrate` passes."""

from alembic import context
from sqlalchemy import text

connection = context.config.attributes["connection"]
connection.execute(text("CREATE SCHEMA IF NOT EXISTS triage"))
context.configure(connection=connection, version_table_schema="triage", transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
