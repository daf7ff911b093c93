"""What the review page needs: decisions, seeds of split topics, figures ready to show."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the DDL that stands beside this file."""
    ddl = Path(__file__).with_name("v0004_page.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(ddl.replace("%", "%%"))


def downgrade() -> None:
    """Forget who decided what; the decisions themselves stay in the tables that they changed."""
    op.execute("DROP FUNCTION triage.retract(bigint)")
    for table in ("decisions", "topic_seeds", "topic_mix"):
        op.execute(f"DROP TABLE triage.{table}")
    for index in (
        "messages_search", "intent_predictions_unsure", "corrections_topic_id",
        "corrections_corrected_at", "topic_events_persons",
    ):  # fmt: skip
        op.execute(f"DROP INDEX triage.{index}")
