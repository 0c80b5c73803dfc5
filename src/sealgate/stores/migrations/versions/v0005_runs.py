"""The last executions of connectors, and for which of them bodies are captured."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant", sa.String(255), nullable=False),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("permalink", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("method", sa.String(32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(64), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("total_ms", sa.Double(), nullable=False),
        sa.Column("external_ms", sa.Double(), nullable=False),
        sa.Column("cache_hit", sa.Boolean(), nullable=False),
        sa.Column("caller", sa.String(32), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("token_name", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("explain", sa.LargeBinary(), nullable=False),
        sa.Column("bodies", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_runs_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_outcome"), "runs", ["tenant", "outcome", "id"])
    op.create_index(op.f("ix_runs_permalink"), "runs", ["tenant", "permalink", "id"])
    op.create_index(op.f("ix_runs_request_id"), "runs", ["tenant", "request_id"])
    captured = sa.text("bodies IS NOT NULL")
    op.create_index(op.f("ix_runs_bodies"), "runs", ["at"], sqlite_where=captured, postgresql_where=captured)
    op.create_table(
        "captures",
        sa.Column("tenant", sa.String(255), nullable=False),
        sa.Column("permalink", sa.String(255), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "permalink"],
            ["connectors.tenant", "connectors.permalink"],
            name=op.f("fk_captures_connectors"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "permalink", name=op.f("pk_captures")),
    )
