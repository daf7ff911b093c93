"""Decisions are written by functions that take the user from the session, and chained by hash."""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_HERE = Path(__file__)
_BEFORE = """
CREATE FUNCTION triage.retract(decision bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = triage, pg_temp AS $$
    DELETE FROM triage.corrections c USING triage.decisions d
    WHERE d.decision_no = decision AND d.became->'corrections' ? c.correction_id::text;
    DELETE FROM triage.labelled_examples WHERE origin = 'promotion:' || decision;
$$
"""
_LOCK_OF_BEFORE = """
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('triage.follow_correction()'::regprocedure),
        'triage.take_turn()', 'pg_advisory_xact_lock(hashtext(''triage.decide''))');
END $$
"""
_FUNCTIONS = (
    "decide(text, text, bigint, uuid, text, jsonb, jsonb)",
    "undo(bigint)", "correct(uuid[], text, bigint, text, boolean)", "forget_corrections(uuid[])",
    "blank_corrections(text[])", "rename_corrections(text, text)",
    "rewrite_decision(bigint, uuid, jsonb, jsonb)", "take_turn()", "work_beside()", "work_alone()",
    "moment()", "acting()", "content(triage.decisions)", "content(triage.corrections)",
)  # fmt: skip


def upgrade() -> None:
    """Run the DDL that stands beside this file; what was decided before begins the chain."""
    statements = _HERE.with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))


def downgrade() -> None:
    """Forget the chain. Locks are the ones of before; partitions may be made either way."""
    for table in ("decisions", "corrections"):
        op.execute(f"DROP TRIGGER chain_up ON triage.{table}")
        op.execute(f"DROP TRIGGER renew_salt ON triage.{table}")
    op.execute("DROP TRIGGER own_name ON triage.topic_events")
    op.execute("DROP FUNCTION triage.chain_up(), triage.own_name(), triage.renew_salt()")
    op.execute(_LOCK_OF_BEFORE)
    for function in _FUNCTIONS:
        op.execute(f"DROP FUNCTION triage.{function}")
    op.execute("DROP TABLE triage.chain, triage.turn_of_decisions, triage.turn_of_erasures")
    for table in ("decisions", "corrections"):
        op.execute(f"ALTER TABLE triage.{table} DROP COLUMN salt")
    op.execute("ALTER TABLE triage.model_versions DROP COLUMN signature")
    op.execute(_BEFORE)
