"""One decision can be about many messages, and people decide about intents."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BEFORE = (
    "'rename', 'merge', 'unmerge', 'split', 'mute', 'unmute', 'promote', 'note', 'correct', 'alert'"
)


def upgrade() -> None:
    """Allow the actions about intents; find the bulk decisions of a message by an index."""
    _allow(f"{_BEFORE}, 'define', 'describe', 'retire'")
    op.execute(
        "CREATE INDEX decisions_messages ON triage.decisions "
        "USING gin ((became->'messages') jsonb_path_ops)"
    )
    op.execute("CREATE INDEX decisions_step ON triage.decisions ((became->'step'))")


def downgrade() -> None:
    """Forget the log of decisions about intents; what they changed stays."""
    op.execute("DROP INDEX triage.decisions_step")
    op.execute("DROP INDEX triage.decisions_messages")
    op.execute("DELETE FROM triage.decisions WHERE action IN ('define', 'describe', 'retire')")
    _allow(_BEFORE)


def _allow(actions: str) -> None:
    op.execute("ALTER TABLE triage.decisions DROP CONSTRAINT decisions_action_check")
    op.execute(
        "ALTER TABLE triage.decisions ADD CONSTRAINT decisions_action_check "
        f"CHECK (action IN ({actions}))"
    )
