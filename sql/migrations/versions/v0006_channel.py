"""Where each decision was made."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the DDL that stands beside this file."""
    ddl = Path(__file__).with_name("v0006_channel.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(ddl.replace("%", "%%"))


def downgrade() -> None:
    """Forget where decisions were made; the decisions stay, and can be undone."""
    op.execute("ALTER TABLE triage.decisions DROP COLUMN channel")
    op.execute(
        "COMMENT ON TABLE triage.decisions IS 'One thing that a person decided on the review page, "
        "with all that is needed to undo it; rows stay.'"
    )
    op.execute("COMMENT ON COLUMN triage.decisions.actor IS 'User name in Airflow.'")
