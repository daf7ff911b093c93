"""Messages in zones and passages; a passage, not a message, belongs to a topic."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the DDL that stands beside this file; each message that is stored is one passage."""
    _drop_views()
    ddl = Path(__file__).with_name("v0008_passages.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(ddl.replace("%", "%%"))


def downgrade() -> None:
    """Refuse: a message of several passages has several topics, which the older schema forbids."""
    raise NotImplementedError("Restore a backup from before the migration to 0008")


def _drop_views() -> None:
    """Views hold no data, and are laid anew after each migration; these would bar the changes."""
    for view in ("current_topics", "message_triage"):
        op.execute(f"DROP VIEW IF EXISTS triage.{view} CASCADE")
