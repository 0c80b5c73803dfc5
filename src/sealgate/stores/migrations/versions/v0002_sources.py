"""Registry sources as things of their own, and what their runs did."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("tenant", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("git", sa.JSON(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_sync_at", sa.Double(), nullable=False),
        sa.Column("sync_requested_at", sa.Double(), nullable=True),
        sa.Column("sync_trigger", sa.String(16), nullable=True),
        sa.Column("sync_actor", sa.Text(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_sources_tenants")),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_sources")),
    )
    op.create_table(
        "sync_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant", sa.String(255), nullable=False),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("trigger", sa.String(16), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("revision", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created", sa.JSON(), nullable=False),
        sa.Column("updated", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "source"],
            ["sources.tenant", "sources.name"],
            name=op.f("fk_sync_runs_sources"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_runs")),
    )
    op.create_index(op.f("ix_sync_runs_source"), "sync_runs", ["tenant", "source"])
    # The sources that connectors name already: a followed file is named like the file.
    op.execute(
        "INSERT INTO sources (tenant, name, kind, revision, failures, next_sync_at, leased_until, "
        "created_at, updated_at, updated_by) "
        "SELECT tenant, source, CASE WHEN source LIKE '%.json' THEN 'file' ELSE 'upload' END, "
        "MAX(revision), 0, 0, 0, MIN(created_at), MAX(updated_at), MAX(updated_by) "
        "FROM connectors WHERE source IS NOT NULL GROUP BY tenant, source"
    )
