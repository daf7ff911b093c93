"""Which intents moved, kept beside how far they did."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the shares of the intents; what was measured before has none."""
    op.execute("ALTER TABLE triage.drift ADD COLUMN shares jsonb NOT NULL DEFAULT '[]'")
    op.execute(
        "COMMENT ON COLUMN triage.drift.shares IS 'Intent, its share before and in the week, what "
        "moved the index most first: [[intent, before, now], …].'"
    )


def downgrade() -> None:
    """Forget which intents moved."""
    op.execute("ALTER TABLE triage.drift DROP COLUMN shares")
