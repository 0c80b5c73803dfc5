"""The effective settings: `sealgate.toml` < `SEALGATE_*` environment < flags, one model (design 3, 13)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

CommaSeparated = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Every setting. The environment name is `SEALGATE_` and the upper-case field name."""

    model_config = SettingsConfigDict(
        env_prefix="SEALGATE_", toml_file="sealgate.toml", extra="forbid", frozen=True
    )

    data: Path = Field(Path("sealgate-data"), description="Directory of the database and the master key.")
    database_url: str | None = Field(
        None, description="SQLAlchemy URL of the store; default: sqlite in the data directory."
    )
    listen: str = Field("127.0.0.1:8080", description="Address of the data plane.")
    admin_listen: str = Field("127.0.0.1:8081", description="Address of the control plane.")
    studio_origin: str | None = Field(
        None, description="Origin at which browsers reach Studio, when a proxy stands before it."
    )
    public_url: str | None = Field(
        None, description="URL at which callers reach the data plane, when a proxy stands before it."
    )
    workers: int = Field(1, ge=1, le=256, description="Data-plane worker processes.")
    base_path: str = Field("", description="Path prefix of the data plane, such as `/widget-service`.")
    admin_token: SecretStr | None = Field(None, description="Bootstrap token with every scope.")
    session_secret: SecretStr | None = Field(
        None, description="HS256 secret of the host application's session JWTs."
    )
    session_jwks_url: str | None = Field(None, description="JWKS of the host application's session JWTs.")
    session_issuer: str | None = Field(None, description="`iss` that session JWTs must have.")
    session_audience: str | None = Field(None, description="`aud` that session JWTs must have.")
    session_cookie: str | None = Field(
        None, description="Cookie that may carry the session JWT (a CSRF token is then required)."
    )
    anonymous_access: bool = Field(False, description="Whether anonymous callers may execute connectors.")
    cors_origins: CommaSeparated = Field((), description="Origins whose pages may call the data plane.")
    egress_allow: CommaSeparated = Field(
        (),
        description="Origins (`http://127.0.0.1:9000`, `*` for any port) and networks that may be reached.",
    )
    egress_ca_file: Path | None = Field(None, description="PEM file of extra certificate authorities.")
    egress_proxy: SecretStr | None = Field(
        None,
        description="Proxy for everything that leaves: `http://[user:password@]host:port` or `https://…`.",
    )
    egress_proxy_resolves: bool = Field(
        False, description="Whether the egress proxy resolves names, so that addresses are not checked."
    )
    egress_client_certificates: Path | None = Field(
        None, description="TOML file of client certificates, a table for each origin."
    )
    key_file: Path | None = Field(
        None, description="The operator's key; default: `master.key` in the data directory."
    )
    registry: Path | None = Field(None, description="Registry file or folder to follow.")
    git_allow_local: bool = Field(
        False, description="Whether registry sources may be git repositories in folders of this machine."
    )
    connect_timeout: float = Field(5.0, gt=0, le=300, description="Seconds to connect to an upstream.")
    upstream_timeout: float = Field(15.0, gt=0, le=300, description="Seconds for a whole upstream exchange.")
    composite_timeout: float = Field(
        25.0, gt=0, le=600, description="Seconds for all steps of a composite connector together."
    )
    max_request_body: int = Field(
        10 * 1024 * 1024, ge=0, description="Largest request body that a caller may send, in bytes."
    )
    max_response_body: int = Field(
        10 * 1024 * 1024, ge=0, description="Largest upstream body held for a template, in bytes."
    )
    max_streamed_body: int = Field(
        1024 * 1024 * 1024, ge=0, description="Largest upstream body passed through, in decoded bytes."
    )
    cache_size: int = Field(
        256 * 1024 * 1024, ge=0, description="Bytes that cached API responses may take; 0: nothing is cached."
    )
    runs_kept: int = Field(
        10_000, ge=0, description="Executions kept per tenant, to be looked into; 0: none is recorded."
    )
    allow_literal_credentials: bool = Field(
        False, description="Whether connectors may hold credentials as plain text."
    )
    log_level: str = Field("info", description="debug, info, warning or error.")

    @field_validator("cors_origins", "egress_allow", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(item.strip() for item in value.split(",") if item.strip())
        return value

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.data.resolve() / 'sealgate.db'}"

    @property
    def master_key_file(self) -> Path:
        return self.key_file or self.data / "master.key"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))
