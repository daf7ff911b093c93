"""A message of several themes counts once in a total, and once in themes that merged."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_HERE = Path(__file__)


def upgrade() -> None:
    """Run the DDL that stands beside this file; what was counted before counts in totals, too."""
    op.get_bind().exec_driver_sql(_HERE.with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget what is counted twice; corrections move counts as they did before."""
    for view in ("theme_days", "theme_mix"):  # laid anew after each migration
        op.execute(f"DROP VIEW IF EXISTS triage.{view} CASCADE")
    op.execute("DROP TABLE triage.topic_overlaps")
    op.execute("ALTER TABLE triage.topic_mix DROP COLUMN n_first")
    ddl = _HERE.with_name("v0008_passages.sql").read_text(encoding="utf-8")
    function = ddl[ddl.index("CREATE OR REPLACE FUNCTION triage.follow_correction") :]
    op.get_bind().exec_driver_sql(function.replace("%", "%%"))
