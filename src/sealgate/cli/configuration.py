"""Load the settings, saying every fault at once by the environment name of the setting."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from sealgate.egress import egress_faults, egress_warnings, proxy_from
from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding
from sealgate.host import UrlProblem, parse_origin
from sealgate.services.public_address import data_plane_url
from sealgate.services.studio_sessions import studio_origin
from sealgate.settings import Settings
from sealgate.web.address import AddressUnusable, parse_address
from sealgate.web.sessions import shared_secret

PREFIX = "SEALGATE_"
LOG_LEVELS = ("debug", "info", "warning", "error")
PASSWORD = re.compile(r"(://[^/@:\s]*):[^/@\s]+@")


def load_settings(**flags: Any) -> Settings:
    """The effective settings; flags that are `None` were not given.

    Raises DocumentInvalid with every fault; its paths are environment names."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        faults = (*_type_faults(error), *_faults_of_the_rest(given, error))
    except tomllib.TOMLDecodeError as error:
        faults = (Finding("sealgate.toml", f"not valid TOML: {error}"),)
    else:
        faults = tuple(_faults(settings))
        if not faults:
            return settings
    raise DocumentInvalid("the settings are not valid", fields=faults)


def _type_faults(error: ValidationError) -> Iterator[Finding]:
    for fault in error.errors(include_url=False, include_input=False):
        yield Finding(environment_name(str(fault["loc"][0])), _message(fault["type"], fault["msg"]))


def _faults_of_the_rest(given: dict[str, Any], error: ValidationError) -> Iterator[Finding]:
    """What else is wrong, the settings of the wrong type left at their defaults."""
    wrong = {str(fault["loc"][0]) for fault in error.errors(include_input=False)}
    if not wrong <= set(Settings.model_fields):
        return
    defaults = {name: Settings.model_fields[name].get_default() for name in wrong}
    yield from _faults(Settings(**{**given, **defaults}))


def environment_name(setting: str) -> str:
    return f"{PREFIX}{setting.upper()}"


def shown_settings(settings: Settings) -> dict[str, Any]:
    """Every setting by its environment name, without secrets and passwords."""
    shown = {environment_name(name): _shown(getattr(settings, name)) for name in Settings.model_fields}
    if proxy := proxy_from(settings):
        shown[environment_name("egress_proxy")] = proxy.shown
    return shown


def setting_warnings(settings: Settings) -> Iterator[Finding]:
    """What does not keep the gateway from starting, and should be mended."""
    yield from unknown_variables()
    for warning in egress_warnings(settings):
        yield replace(warning, path=environment_name(warning.path))


def unknown_variables() -> Iterator[Finding]:
    """`SEALGATE_…` variables of the environment that no setting reads: misspelt ones, mostly."""
    known = [environment_name(name) for name in Settings.model_fields]
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            meant = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {meant[0]}?" if meant else None
            yield Finding(name, "there is no such setting; it is ignored", hint=hint)


def _shown(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return "(set)"
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    return PASSWORD.sub(r"\1:(set)@", value) if isinstance(value, str) else value


def _message(kind: str, message: str) -> str:
    return "there is no such setting" if kind == "extra_forbidden" else message


def _faults(settings: Settings) -> Iterator[Finding]:
    """What a type alone does not say."""
    for name in ("listen", "admin_listen"):
        setting = environment_name(name)
        try:
            parse_address(setting, getattr(settings, name))
        except AddressUnusable as problem:
            yield Finding(setting, str(problem).removeprefix(f"{setting}: "))
    if settings.base_path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", settings.base_path):
        yield Finding(
            environment_name("base_path"), "must be a path such as /widget-service, without a / at the end"
        )
    for fault in egress_faults(settings):
        yield replace(fault, path=environment_name(fault.path))
    for origin in settings.cors_origins:
        try:
            parse_origin(origin)
        except UrlProblem as problem:
            yield Finding(environment_name("cors_origins"), f"{origin}: {problem}")
    try:
        data_plane_url(settings)
    except DocumentInvalid as error:
        yield from error.fields
    try:
        studio_origin(settings)
    except DocumentInvalid as error:
        yield from error.fields
    try:
        shared_secret(settings)
    except DocumentInvalid as error:
        yield from error.fields
    if settings.session_secret and settings.session_jwks_url:
        name = environment_name("session_jwks_url")
        yield Finding(name, f"cannot be set together with {environment_name('session_secret')}")
    if settings.log_level not in LOG_LEVELS:
        yield Finding(environment_name("log_level"), f"must be one of {', '.join(LOG_LEVELS)}")
