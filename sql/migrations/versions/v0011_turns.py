"""The turns of one conversation on one day are counted as one message."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_HERE = Path(__file__)


def upgrade() -> None:
    """Run the DDL that stands beside this file; earlier days keep each turn as a message."""
    op.get_bind().exec_driver_sql(_HERE.with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget which turns are counted with another: until their day is cut again, none counts."""
    op.execute("DROP INDEX triage.messages_conversation")
    op.execute("ALTER TABLE triage.messages DROP COLUMN joined_to")
