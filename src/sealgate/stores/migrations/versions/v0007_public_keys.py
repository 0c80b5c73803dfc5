"""The public halves of secrets that hold private keys."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "public_keys",
        sa.Column("tenant", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("jwk", sa.JSON(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("listed_until", sa.Double(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "name"],
            ["secrets.tenant", "secrets.name"],
            name=op.f("fk_public_keys_secrets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "name", "kid", name=op.f("pk_public_keys")),
    )
    op.create_index(op.f("ix_public_keys_listed_until"), "public_keys", ["listed_until"])
