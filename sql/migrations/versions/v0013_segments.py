"""Alerts say in which segment of customers their topic rises."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_HERE = Path(__file__)


def upgrade() -> None:
    """Run the DDL that stands beside this file; earlier alerts have no segment."""
    op.get_bind().exec_driver_sql(_HERE.with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget the segments of alerts."""
    op.execute("DROP VIEW IF EXISTS triage.theme_alerts CASCADE")  # laid anew after each migration
    columns = ("name", "value", "n", "of", "days", "usual")
    dropped = ", ".join(f"DROP COLUMN segment_{name}" for name in columns)
    op.execute(f"ALTER TABLE triage.alerts {dropped}")
