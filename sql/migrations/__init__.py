"""The Alembic environment of the schema `triage`."""
