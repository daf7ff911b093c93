"""A customer or a message can be erased, and stays away when its source is read again."""

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_HERE = Path(__file__)


def upgrade() -> None:
    """Run the DDL that stands beside this file; earlier rows in quarantine name no customer."""
    ddl = _HERE.with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(ddl.replace("%", "%%"))


def downgrade() -> None:
    """Forget who was erased: their messages come back when their source is read again."""
    op.execute("DELETE FROM triage.quarantine WHERE reason = 'erased'")
    op.execute("ALTER TABLE triage.quarantine DROP COLUMN customer_hash")
    op.execute("ALTER TABLE triage.embeddings DROP COLUMN stored_at")
    op.execute("DROP FUNCTION triage.drop_month(date)")
    op.execute("DROP TABLE triage.tombstones, triage.erasures")
    op.execute("DROP FUNCTION triage.tombstone(text, text)")
