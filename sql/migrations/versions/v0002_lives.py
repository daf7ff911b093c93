"""Topics that split, merge, retire and come back, and the areas that group them."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the DDL that stands beside this file."""
    ddl = Path(__file__).with_name("v0002_lives.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(ddl.replace("%", "%%"))


def downgrade() -> None:
    """Forget the areas and the events that the first version does not know."""
    op.execute("ALTER TABLE triage.topics DROP COLUMN area_id CASCADE")
    op.execute("ALTER TABLE triage.alerts DROP COLUMN resolved_on, DROP COLUMN sent_at CASCADE")
    op.execute("ALTER TABLE triage.topic_states DROP COLUMN area_id, DROP COLUMN last_on")
    op.execute(
        "DELETE FROM triage.topic_events "
        "WHERE event IN ('propose_merge', 'propose_split', 'unmerge')"
    )
    op.execute("ALTER TABLE triage.topic_events DROP CONSTRAINT topic_events_event_check")
    op.execute(
        "ALTER TABLE triage.topic_events ADD CONSTRAINT topic_events_event_check CHECK (event IN "
        "('birth', 'merge', 'split', 'rename', 'mute', 'unmute', 'promote', 'note', 'retire', "
        "'revive'))"
    )
