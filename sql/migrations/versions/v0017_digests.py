"""Digests are sent once to each channel."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_HERE = Path(__file__)


def upgrade() -> None:
    """Run the DDL that stands beside this file; no digest counts as sent."""
    op.get_bind().exec_driver_sql(_HERE.with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget which digests were sent."""
    op.execute("DROP TABLE triage.digests")
