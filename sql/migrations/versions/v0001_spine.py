"""The whole data model as it began."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the DDL that stands beside this file."""
    ddl = Path(__file__).with_name("v0001_spine.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(ddl.replace("%", "%%"))


def downgrade() -> None:
    """Drop everything: the first version has nothing to go back to."""
    op.execute("DROP SCHEMA triage CASCADE")
