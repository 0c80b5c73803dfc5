"""The runs of a tenant in their order, which a list without a filter reads."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index(op.f("ix_runs_tenant"), "runs", ["tenant", "id"])
