"""Who changed the hosts that a secret may be sent to."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "host_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("allowed_hosts", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "name"],
            ["secrets.tenant", "secrets.name"],
            name=op.f("fk_host_changes_secrets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_changes")),
    )
    op.create_index(op.f("ix_host_changes_secret"), "host_changes", ["tenant", "name"])
