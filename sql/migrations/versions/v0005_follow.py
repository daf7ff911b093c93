"""Figures that follow a correction at once, and the undoing of a run's merge."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the DDL that stands beside this file."""
    ddl = Path(__file__).with_name("v0005_follow.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(ddl.replace("%", "%%"))


def downgrade() -> None:
    """Let the figures wait for the next run again; forget who parted what a run had merged."""
    op.execute("DROP FUNCTION triage.follow_correction() CASCADE")
    op.execute("DELETE FROM triage.decisions WHERE action = 'unmerge'")
    op.execute("ALTER TABLE triage.decisions DROP CONSTRAINT decisions_action_check")
    op.execute(
        "ALTER TABLE triage.decisions ADD CONSTRAINT decisions_action_check CHECK (action IN "
        "('rename', 'merge', 'split', 'mute', 'unmute', 'promote', 'note', 'correct', 'alert'))"
    )
