"""The number of each tenant's last change, and connectors by the number of theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("tenants", sa.Column("changed", sa.BigInteger(), nullable=False, server_default="0"))
    # Nobody can say which changed last: each may have been.
    op.execute("UPDATE tenants SET changed = (SELECT value FROM changes)")
    op.create_index(op.f("ix_connectors_revision"), "connectors", ["revision"])
