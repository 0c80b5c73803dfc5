"""Connectors from Python, without a server: the same pipeline for scripts, notebooks and tests.

async with Gateway.from_registry("connectors_registry.json", secrets=os.environ) as gateway:
    reply = await gateway.execute("weather", query={"q": "Warsaw"})
    print(reply.status, reply.json())
"""

from __future__ import annotations

import json as json_text
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Self, TypedDict, Unpack

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from sealgate.caller import DEFAULT_TENANT
from sealgate.egress import egress_faults
from sealgate.errors import DocumentInvalid
from sealgate.execution.engine import Engine
from sealgate.execution.trial import TestRequest, TestResult
from sealgate.findings import Finding
from sealgate.model.reading import faults_of
from sealgate.services.calls import GatewayReply, GatewayStream, run_connector, stream_connector
from sealgate.services.given import NO_VALUES, Document, Given, Values
from sealgate.settings import Settings
from sealgate.stores import StoreUnusable


class Options(TypedDict, total=False):
    """The settings that mean something without a server; docs/operating.md describes each."""

    egress_allow: Iterable[str]
    egress_ca_file: str | os.PathLike[str]
    egress_proxy: str
    egress_proxy_resolves: bool
    egress_client_certificates: str | os.PathLike[str]
    connect_timeout: float
    upstream_timeout: float
    max_response_body: int
    max_streamed_body: int
    allow_literal_credentials: bool


class CallerInput(TypedDict, total=False):
    """What a caller sends. `query` is an object, a list of pairs or a query string; `json` goes out as
    JSON, `body` as it is; `user` holds session claims (`sub`, `email`, `given_name`, …)."""

    query: Mapping[str, Any] | list[tuple[str, Any]] | str | None
    path_params: Mapping[str, str | int | float] | None
    headers: Mapping[str, str] | None
    json: Any
    body: str | bytes | None
    user: Mapping[str, Any] | None


class Gateway:
    """Runs connectors in this process. Made by `from_registry`, `from_connector` or `open`; used with
    `async with`, or with `start` and `close` where that does not fit, as in a notebook.

    Errors of Sealgate are raised (SealgateError); whatever an API answers, errors too, is a reply."""

    def __init__(self, content: Given | Settings, tenant: str = DEFAULT_TENANT) -> None:
        self.tenant = tenant
        self.warnings: tuple[Finding, ...] = ()
        """What the documents deserve a warning for: missing secrets, unknown fields, …"""
        self._content = content
        self._running: Engine | None = None

    @classmethod
    def from_registry(
        cls,
        registry: Document,
        *,
        secrets: Values = NO_VALUES,
        variables: Values = NO_VALUES,
        tenant: str = DEFAULT_TENANT,
        **options: Unpack[Options],
    ) -> Self:
        """Every connector of a registry file, or of its parsed content. Nothing is written to disk.

        `SEALGATE_*` environment variables and `sealgate.toml` are not read. Raises DocumentInvalid when an
        option is wrong; `start` raises it with every fault of the file."""
        return cls(Given(registry, True, secrets, variables, _settings(options)), tenant)

    @classmethod
    def from_connector(
        cls,
        connector: Document,
        *,
        secrets: Values = NO_VALUES,
        variables: Values = NO_VALUES,
        tenant: str = DEFAULT_TENANT,
        **options: Unpack[Options],
    ) -> Self:
        """One connector document; otherwise as `from_registry`."""
        return cls(Given(connector, False, secrets, variables, _settings(options)), tenant)

    @classmethod
    def open(cls, data: str | os.PathLike[str] | None = None, *, tenant: str = DEFAULT_TENANT) -> Self:
        """What a server or the command line has stored, by the settings in force here (`sealgate.toml`,
        `SEALGATE_*`); `data` is the data directory. A server may run on it meanwhile.

        Raises DocumentInvalid when a setting is wrong, StoreUnusable when nothing is stored there."""
        settings = _checked(Settings, {} if data is None else {"data": Path(data)})
        if settings.database_url is None and not (settings.data / "sealgate.db").is_file():
            raise StoreUnusable(
                f"{settings.data}: this is no data directory of Sealgate. To go on, name the one that "
                "`sealgate serve` uses, or make one with `sealgate registry sync`."
            )
        return cls(settings, tenant)

    # -- its life ----------------------------------------------------------------------------------

    async def start(self) -> Self:
        """Load everything. Raises DocumentInvalid with every fault of the documents, secrets and
        variables, OSError when a file cannot be read, StoreUnusable."""
        if self._running is not None:
            raise RuntimeError("the gateway has been started already")
        if isinstance(self._content, Given):
            self._running, self.warnings = await self._content.start(self.tenant)
        else:
            self._running = await Engine.start(self._content)
        return self

    async def close(self) -> None:
        """End every connection. A closed gateway may be started again."""
        engine, self._running = self._running, None
        if engine is not None:
            await engine.stop()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        state = ", ".join(self.permalinks) or "no connectors" if self._running else "not started"
        return f"<Gateway: {state}>"

    # -- its calls ---------------------------------------------------------------------------------

    @property
    def permalinks(self) -> tuple[str, ...]:
        """The connectors that can be executed, by name."""
        return tuple(sorted(self._engine.tenant(self.tenant).connectors))

    async def execute(self, permalink: str, **call: Unpack[CallerInput]) -> GatewayReply:
        """Run a connector with its own method; the whole reply. Raises SealgateError."""
        return await run_connector(self._engine, self.tenant, permalink, _request(**call))

    def stream(
        self, permalink: str, **call: Unpack[CallerInput]
    ) -> AbstractAsyncContextManager[GatewayStream]:
        """Run a connector and take the content as it arrives:
        `async with gateway.stream("export") as stream:`. Raises SealgateError."""
        return stream_connector(self._engine, self.tenant, permalink, _request(**call))

    async def test(self, target: str | Mapping[str, Any], **call: Unpack[CallerInput]) -> TestResult:
        """Run a connector by its permalink, or a document that is not loaded, and explain the run
        (docs/debugging.md). A failing run is a result.

        Raises DocumentInvalid or ConnectorNotFound when there is nothing to run."""
        request = _request(**call)
        if isinstance(self._content, Given) and not isinstance(target, str):
            await self._content.supply(self._engine, self.tenant, target)
        return await self._engine.test(self.tenant, target, request)

    @property
    def _engine(self) -> Engine:
        if self._running is None:
            raise RuntimeError("the gateway is not started: write `async with` or `await gateway.start()`")
        return self._running


class _OptionsAlone(Settings):
    """Settings from arguments, nothing from the environment: a program says itself what it wants."""

    model_config = SettingsConfigDict(toml_file=None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def _settings(options: Options) -> Settings:
    unknown = sorted(set(options) - set(Options.__annotations__))
    if unknown:
        raise TypeError(f"unknown option {unknown[0]!r}; use one of {', '.join(Options.__annotations__)}")
    values: dict[str, Any] = dict(options)
    if not isinstance(values.get("egress_allow", ""), str):
        values["egress_allow"] = tuple(values["egress_allow"])
    return _checked(_OptionsAlone, values)


def _checked(kind: type[Settings], values: Mapping[str, Any]) -> Settings:
    """Raises DocumentInvalid with every fault."""
    try:
        settings = kind(**values)
    except ValidationError as error:
        raise DocumentInvalid("the settings are not valid", fields=tuple(faults_of(error))) from None
    if faults := tuple(egress_faults(settings)):
        raise DocumentInvalid("the settings are not valid", fields=faults)
    return settings


def _request(
    query: Any = None,
    path_params: Mapping[str, str | int | float] | None = None,
    headers: Mapping[str, str] | None = None,
    json: Any = None,
    body: str | bytes | None = None,
    user: Mapping[str, Any] | None = None,
) -> TestRequest:
    """Raises DocumentInvalid with every fault."""
    if json is not None and body is not None:
        raise TypeError("pass `json` or `body`, not both")
    fields = dict(headers or {})
    if json is not None:
        body = json_text.dumps(json, ensure_ascii=False)
        if not any(name.lower() == "content-type" for name in fields):
            fields["Content-Type"] = "application/json"
    return TestRequest.from_json(
        {
            "query": query,
            "path_params": dict(path_params or {}),
            "headers": fields,
            "body": body,
            "user": None if user is None else dict(user),
        }
    )
