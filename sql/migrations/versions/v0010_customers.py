"""Distinct customers are counted beside messages, and a new topic may wait for them."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_HERE = Path(__file__)
_BACK = """
DROP TRIGGER recount ON triage.corrections;
DROP FUNCTION triage.follow_customer();
DROP INDEX triage.topics_heir;
DROP INDEX triage.messages_customer_hash;
DROP TABLE triage.topic_customers;
ALTER TABLE triage.alerts DROP COLUMN n_customers;
DELETE FROM triage.topic_events WHERE event = 'wait';
ALTER TABLE triage.topic_events DROP CONSTRAINT topic_events_event_check;
ALTER TABLE triage.topic_events ADD CONSTRAINT topic_events_event_check CHECK (event IN (
    'birth', 'propose_merge', 'merge', 'unmerge', 'propose_split', 'split', 'rename', 'mute',
    'unmute', 'promote', 'note', 'retire', 'revive'));
"""


def upgrade() -> None:
    """Run the DDL that stands beside this file; the days that are stored are counted after it."""
    op.get_bind().exec_driver_sql(_HERE.with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget who wrote on each day, which the messages still say, and what waited."""
    for view in ("day_topics", "theme_customers", "theme_alerts"):  # laid anew after each migration
        op.execute(f"DROP VIEW IF EXISTS triage.{view} CASCADE")
    op.get_bind().exec_driver_sql(_BACK)
