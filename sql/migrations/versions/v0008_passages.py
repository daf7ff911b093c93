"""Messages in zones and passages; a passage, not a message, belongs to a topic."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_HERE = Path(__file__)
_BACK = """
DELETE FROM triage.memberships WHERE passage_id <> message_id;
DROP INDEX triage.memberships_message_id;
ALTER TABLE triage.memberships DROP CONSTRAINT memberships_pkey, DROP COLUMN passage_id;
ALTER TABLE triage.memberships
    ADD CONSTRAINT topic_assignments_pkey PRIMARY KEY (message_id, decided_on, stage);
ALTER INDEX triage.memberships_arrived_on RENAME TO topic_assignments_arrived_on;
ALTER INDEX triage.memberships_decided_on RENAME TO topic_assignments_decided_on;
ALTER INDEX triage.memberships_topic_id RENAME TO topic_assignments_topic_id;
ALTER TABLE triage.memberships RENAME TO topic_assignments;
DELETE FROM triage.intent_predictions p USING triage.passages s
    WHERE s.passage_id = p.passage_id AND s.n > 1;
ALTER TABLE triage.intent_predictions RENAME COLUMN passage_id TO message_id;
DROP TABLE triage.passages;
ALTER TABLE triage.messages DROP COLUMN subject, DROP COLUMN conversation_id, DROP COLUMN author,
    DROP COLUMN zones;
"""


def upgrade() -> None:
    """Run the DDL that stands beside this file; each message that is stored is one passage."""
    _drop_views()
    _run(_HERE.with_name("v0008_passages.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget zones, and all passages but the first of each message, with their topics."""
    _drop_views()
    _run(_BACK)
    ddl = _HERE.with_name("v0005_follow.sql").read_text(encoding="utf-8")
    start, stop = ddl.index("CREATE FUNCTION triage.follow_correction"), ddl.index("END $$;")
    _run(ddl[start:stop].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION") + "END $$;")


def _drop_views() -> None:
    """Views hold no data, and are laid anew after each migration; these would bar the changes."""
    for view in ("current_topics", "message_topics", "message_triage"):
        op.execute(f"DROP VIEW IF EXISTS triage.{view} CASCADE")


def _run(ddl: str) -> None:
    op.get_bind().exec_driver_sql(ddl.replace("%", "%%"))
