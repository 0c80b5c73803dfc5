"""What connectors were; of those that are there already, what they are now."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "connector_revisions",
        sa.Column("tenant", sa.String(255), nullable=False),
        sa.Column("permalink", sa.String(255), nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.Double(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("forget_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_connector_revisions_tenants")),
        sa.PrimaryKeyConstraint("tenant", "permalink", "revision", name=op.f("pk_connector_revisions")),
    )
    op.create_index(op.f("ix_connector_revisions_forget_at"), "connector_revisions", ["forget_at"])
    op.execute(
        "INSERT INTO connector_revisions (tenant, permalink, revision, document, source, deleted, saved_at, "
        "saved_by) SELECT tenant, permalink, revision, document, source, FALSE, updated_at, updated_by "
        "FROM connectors"
    )
