"""The tables. One schema for SQLite and PostgreSQL; `migrations/` brings a database to it.

Times are Unix seconds. A tenant's row holds its data key, sealed by the operator's key; secrets are
sealed by the data key of their tenant, tokens by a key derived from the deployment's.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    insert,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class JsonText(TypeDecorator[bytes]):
    """A JSON column that gives and takes the text, in UTF-8."""

    impl = JSON
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        return bytes.decode

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return str.encode


deployment = Table(
    "deployment",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("sealed_key", LargeBinary, nullable=False),
)
"""One row: the random key from which keys that outlive a rotation are derived."""

changes = Table(
    "changes",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("value", BigInteger, nullable=False),
)
"""One row: the number of changes so far."""

tenants = Table(
    "tenants",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("changed", BigInteger, nullable=False, server_default="0"),
)
"""`changed` is the number of the last change of something in it."""

connectors = Table(
    "connectors",
    metadata,
    Column("tenant", ForeignKey(tenants.c.name), primary_key=True),
    Column("permalink", String(255), primary_key=True),
    Column("document", JsonText, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    Column("source", Text),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("updated_by", Text, nullable=False),
)

connector_revisions = Table(
    "connector_revisions",
    metadata,
    Column("tenant", ForeignKey(tenants.c.name), primary_key=True),
    Column("permalink", String(255), primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("document", JsonText, nullable=False),
    Column("source", Text),
    Column("deleted", Boolean, nullable=False),
    Column("saved_at", Double, nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("forget_at", Double, index=True),
)
"""What connectors were, the present revision included. `forget_at` is set once the connector is deleted."""

secrets = Table(
    "secrets",
    metadata,
    Column("tenant", ForeignKey(tenants.c.name), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("allowed_hosts", JSON, nullable=False),
    Column("created_at", Double, nullable=False),
)

secret_versions = Table(
    "secret_versions",
    metadata,
    Column("tenant", String(255), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary),
    Column("created_at", Double, nullable=False),
    Column("created_by", Text, nullable=False),
    ForeignKeyConstraint(["tenant", "name"], [secrets.c.tenant, secrets.c.name], ondelete="CASCADE"),
)
"""Who set a secret when. Only the version in force keeps its value."""

host_changes = Table(
    "host_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", String(255), nullable=False),
    Column("name", String(255), nullable=False),
    Column("allowed_hosts", JSON, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("changed_by", Text, nullable=False),
    ForeignKeyConstraint(["tenant", "name"], [secrets.c.tenant, secrets.c.name], ondelete="CASCADE"),
    Index("ix_host_changes_secret", "tenant", "name"),
)
"""Who changed the hosts that a secret may be sent to, and to which."""

public_keys = Table(
    "public_keys",
    metadata,
    Column("tenant", String(255), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("kid", String(64), primary_key=True),
    Column("jwk", JSON, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("listed_until", Double, index=True),
    Column("created_at", Double, nullable=False),
    ForeignKeyConstraint(["tenant", "name"], [secrets.c.tenant, secrets.c.name], ondelete="CASCADE"),
)
"""Public halves of secrets. `listed_until` is set once the secret has another value."""

variables = Table(
    "variables",
    metadata,
    Column("tenant", ForeignKey(tenants.c.name), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("value", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("updated_by", Text, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("tenant", ForeignKey(tenants.c.name), nullable=False, index=True),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("permalinks", JSON, nullable=False),
    Column("origins", JSON, nullable=False),
    Column("expires_at", Double),
    Column("created_at", Double, nullable=False),
    Column("created_by", Text, nullable=False),
)

login_links = Table(
    "login_links",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("tenant", ForeignKey(tenants.c.name), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Double, nullable=False),
)
"""One-time links into Studio that nobody has used yet."""

studio_sessions = Table(
    "studio_sessions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("tenant", ForeignKey(tenants.c.name), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("api_token", ForeignKey(api_tokens.c.id, ondelete="CASCADE")),
    Column("user_agent", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
)
"""Who is signed in to Studio. One that was begun with an API token ends with it."""

token_cache = Table(
    "token_cache",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("token", LargeBinary),
    Column("failure", LargeBinary),
    Column("lease_owner", Text),
    Column("leased_until", Double, nullable=False),
    Column("keep_until", Double, nullable=False, index=True),
)
"""Shared tokens. Times that matter to a token are sealed with it; `keep_until` is for the sweep."""

sources = Table(
    "sources",
    metadata,
    Column("tenant", ForeignKey(tenants.c.name), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("git", JSON(none_as_null=True)),
    Column("revision", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_sync_at", Double, nullable=False),
    Column("sync_requested_at", Double),
    Column("sync_trigger", String(16)),
    Column("sync_actor", Text),
    Column("lease_owner", Text),
    Column("leased_until", Double, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("updated_by", Text, nullable=False),
)
"""Registry sources. `git` holds the settings of a git source."""

sync_runs = Table(
    "sync_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", String(255), nullable=False),
    Column("source", String(255), nullable=False),
    Column("trigger", String(16), nullable=False),
    Column("actor", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("seconds", Double),
    Column("state", String(16), nullable=False),
    Column("revision", Text),
    Column("error", Text),
    Column("created", JSON, nullable=False),
    Column("updated", JSON, nullable=False),
    Column("deleted", JSON, nullable=False),
    Column("faults", JSON, nullable=False),
    Column("warnings", JSON, nullable=False),
    ForeignKeyConstraint(["tenant", "source"], [sources.c.tenant, sources.c.name], ondelete="CASCADE"),
    Index("ix_sync_runs_source", "tenant", "source"),
)
"""What each run of a source did; the last hundred of each."""

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", ForeignKey(tenants.c.name), nullable=False),
    Column("request_id", String(36), nullable=False),
    Column("permalink", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("method", String(32), nullable=False),
    Column("status", Integer, nullable=False),
    Column("code", String(64)),
    Column("outcome", String(16), nullable=False),
    Column("total_ms", Double, nullable=False),
    Column("external_ms", Double, nullable=False),
    Column("cache_hit", Boolean, nullable=False),
    Column("caller", String(32)),
    Column("user_id", Text),
    Column("token_name", Text),
    Column("origin", Text),
    Column("explain", LargeBinary, nullable=False),
    Column("bodies", LargeBinary),
    Index("ix_runs_tenant", "tenant", "id"),
    Index("ix_runs_outcome", "tenant", "outcome", "id"),
    Index("ix_runs_permalink", "tenant", "permalink", "id"),
    Index("ix_runs_request_id", "tenant", "request_id"),
    Index(
        "ix_runs_bodies",
        "at",
        sqlite_where=text("bodies IS NOT NULL"),
        postgresql_where=text("bodies IS NOT NULL"),
    ),
)
"""The last executions of connectors; they outlive their connector. `explain` and `bodies` hold what users
sent, so they are sealed by the tenant's data key."""

captures = Table(
    "captures",
    metadata,
    Column("tenant", String(255), primary_key=True),
    Column("permalink", String(255), primary_key=True),
    Column("until", Double, nullable=False),
    Column("created_by", Text, nullable=False),
    ForeignKeyConstraint(
        ["tenant", "permalink"], [connectors.c.tenant, connectors.c.permalink], ondelete="CASCADE"
    ),
)
"""Connectors whose runs keep their bodies until then."""


def create_tables(connection: Connection) -> None:
    """Every table at once, for a database that begins empty and ends with the process. Alembic would take
    longer, and serves only one database of a process at a time."""
    metadata.create_all(connection)
    connection.execute(insert(changes).values(id=1, value=0))
