"""What is written back to helpdesks, once each."""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_HERE = Path(__file__)


def upgrade() -> None:
    """Run the DDL that stands beside this file; nothing counts as written."""
    op.get_bind().exec_driver_sql(_HERE.with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget what was written; the notes in tickets stay."""
    op.execute("DROP TABLE triage.write_backs")
