"""Renaming an intent is a decision, with its undo; a day's drivers are stored."""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_HERE = Path(__file__)
_BEFORE = (
    "'rename', 'merge', 'unmerge', 'split', 'mute', 'unmute', 'promote', 'note', 'correct', "
    "'alert', 'define', 'describe', 'retire', 'assign', 'snooze', 'comment'"
)


def upgrade() -> None:
    """Run the DDL that stands beside this file, and allow the action."""
    op.get_bind().exec_driver_sql(_HERE.with_suffix(".sql").read_text(encoding="utf-8"))
    _allow(f"{_BEFORE}, 'move'")


def downgrade() -> None:
    """Forget drivers, and which intents were renamed; they keep their new names."""
    op.execute("DROP TABLE triage.topic_drivers")
    op.execute("ALTER TABLE triage.corrections DROP COLUMN as_guessed")
    op.execute("DROP FUNCTION triage.move_back(bigint)")
    op.execute("DELETE FROM triage.decisions WHERE action = 'move'")
    _allow(_BEFORE)


def _allow(actions: str) -> None:
    op.execute("ALTER TABLE triage.decisions DROP CONSTRAINT decisions_action_check")
    op.execute(
        "ALTER TABLE triage.decisions ADD CONSTRAINT decisions_action_check "
        f"CHECK (action IN ({actions}))"
    )
