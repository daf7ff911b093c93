"""Intent models that are compared, approved, rolled back and watched for drift."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the DDL that stands beside this file."""
    ddl = Path(__file__).with_name("v0003_governed.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(ddl.replace("%", "%%"))


def downgrade() -> None:
    """Forget decisions, drift and what models were learnt from."""
    op.execute("DROP TABLE triage.drift CASCADE")
    op.execute("DROP TABLE triage.model_decisions CASCADE")
    op.execute(
        "ALTER TABLE triage.model_versions DROP COLUMN kind CASCADE, "
        "DROP COLUMN data_sha256 CASCADE, DROP COLUMN examples, DROP COLUMN intents, "
        "DROP COLUMN card CASCADE"
    )
