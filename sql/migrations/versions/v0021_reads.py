"""Who read or exported messages is logged."""

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_HERE = Path(__file__)


def upgrade() -> None:
    """Run the DDL that stands beside this file; earlier reads are not known."""
    op.get_bind().exec_driver_sql(_HERE.with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget the log of reads."""
    op.execute("DROP FUNCTION triage.note_read(text, jsonb, integer)")
    op.execute("DROP FUNCTION triage.end_read(bigint, integer)")
    op.execute("DROP FUNCTION triage.blank_reads(text[])")
    op.execute("DROP TABLE triage.reads")
