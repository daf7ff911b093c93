"""Alerts belong to somebody, and are delivered once on each channel."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_HERE = Path(__file__)
_BEFORE = (
    "'rename', 'merge', 'unmerge', 'split', 'mute', 'unmute', 'promote', 'note', 'correct', "
    "'alert', 'define', 'describe', 'retire'"
)


def upgrade() -> None:
    """Run the DDL that stands beside this file; alerts that were sent count as sent everywhere."""
    op.get_bind().exec_driver_sql(_HERE.with_suffix(".sql").read_text(encoding="utf-8"))
    _allow(f"{_BEFORE}, 'assign', 'snooze', 'comment'")


def downgrade() -> None:
    """Forget who took an alert, what was said of it and who wants to hear."""
    op.execute("DROP VIEW IF EXISTS triage.theme_alerts CASCADE")  # laid anew after each migration
    op.execute("DELETE FROM triage.decisions WHERE action IN ('assign', 'snooze', 'comment')")
    _allow(_BEFORE)
    op.execute("DROP TABLE triage.deliveries")
    op.execute("DROP TABLE triage.subscriptions")
    op.execute("ALTER TABLE triage.alerts DROP COLUMN assigned_to, DROP COLUMN snoozed_until")


def _allow(actions: str) -> None:
    op.execute("ALTER TABLE triage.decisions DROP CONSTRAINT decisions_action_check")
    op.execute(
        "ALTER TABLE triage.decisions ADD CONSTRAINT decisions_action_check "
        f"CHECK (action IN ({actions}))"
    )
