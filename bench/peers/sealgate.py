"""Sealgate itself. Its callers are authenticated (an API token, or a session JWT where the user counts);
the other peers let everybody in, which is to Sealgate's disadvantage."""

from __future__ import annotations

import http.client
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from bench.credentials import Credentials
from bench.peers.base import Peer, Site, request, session
from bench.processes import Pinned, free_port
from bench.scenarios import CACHED, LARGE, SCENARIOS, SIGNED, SMALL, Scenario
from sealgate import __version__

ADMIN_TOKEN = "bench-admin-token-of-at-least-32-characters"  # noqa: S105  # of a gateway that lives for minutes
API_KEY = {"type": "api_key", "config": {"key": "X-API-Key", "value": "{{ get_secret('api_key') }}"}}
ROWS = (
    "{% set document = response.body | from_json %}"
    '{"count": {{ document.total }}, "rows": [{% for item in document["items"] %}'
    '{"key": {{ item.id }}, "label": "{{ item.name }} <{{ item.email }}>", '
    '"active": {{ item.active }}, "balance": {{ item.balance }}}'
    '{{ "," if not loop.last }}{% endfor %}]}'
)


class Sealgate(Peer):
    name = "sealgate"
    title = "Sealgate"
    scenarios = frozenset(SCENARIOS)

    def __init__(self, workers: int = 1) -> None:
        self._workers = workers
        self._token = ""

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        return __version__

    def environment(self, site: Site) -> Mapping[str, str]:
        return {
            "SEALGATE_DATA": str(site.directory / "data"),
            "SEALGATE_LISTEN": f"127.0.0.1:{site.port}",
            "SEALGATE_ADMIN_LISTEN": f"127.0.0.1:{admin_port(site)}",
            "SEALGATE_ADMIN_TOKEN": ADMIN_TOKEN,
            "SEALGATE_SESSION_SECRET": site.credentials.session_secret,
            "SEALGATE_EGRESS_ALLOW": f"{site.upstream.http},{site.upstream.https}",
            "SEALGATE_EGRESS_CA_FILE": str(site.upstream.authority),
            "SEALGATE_WORKERS": str(self._workers),
            # Access logs are off in every peer.
            "SEALGATE_LOG_LEVEL": "warning",
        }

    def command(self, site: Site) -> Sequence[str]:
        return [sys.executable, "-m", "sealgate", "serve"]

    def prepare(self, site: Site) -> None:
        """Save the secrets and connectors by the admin API. They stay in the data directory."""
        with Pinned(
            self.command(site),
            core=min(os.sched_getaffinity(0)),  # this program's: nothing is measured yet
            log=site.directory / "prepare.log",
            environment=self.environment(site),
            directory=site.directory,
        ) as gateway:
            gateway.wait_for(admin_port(site))
            for name, value in secrets(site.credentials).items():
                admin(site, "PUT", f"/api/v1/secrets/{name}", {"value": value})
            for name, document in documents(site).items():
                admin(site, "PUT", f"/api/v1/connectors/{name}", document)
            answer = admin(site, "POST", "/api/v1/tokens", {"name": "bench", "scopes": ["execute"]})
            self._token = answer["token"]

    def request(self, site: Site, scenario: Scenario, query: str = "") -> bytes:
        caller = session(site, scenario) or {"Authorization": f"Bearer {self._token}"}
        return request(scenario.method, f"/connectors/{scenario.name}/execute{query}", caller)


def admin_port(site: Site) -> int:
    file = site.directory / "admin-port"
    if not file.exists():
        file.write_text(str(free_port()))
    return int(file.read_text())


def admin(site: Site, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Raises AdminRefused with what the admin API said."""
    connection = http.client.HTTPConnection("127.0.0.1", admin_port(site), timeout=60)
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status >= 300:
        raise AdminRefused(f"{method} {path}: {answer.status} {text.decode(errors='replace')}")
    document: dict[str, Any] = json.loads(text)
    return document


class AdminRefused(Exception):
    """The admin API did not take something."""


def secrets(credentials: Credentials) -> dict[str, str]:
    return {
        "api_key": credentials.api_key,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        **{name: credentials.signing_pem(name) for name in SIGNED},
    }


def documents(site: Site) -> dict[str, dict[str, Any]]:
    """A connector for each scenario."""
    http_origin, https_origin = site.upstream.http, site.upstream.https
    small = f"{http_origin}{SMALL}"
    oauth = {
        "client_id": "{{ get_secret('client_id') }}",
        "client_secret": "{{ get_secret('client_secret') }}",
        "token_url": f"{http_origin}/token",
    }
    found: dict[str, dict[str, Any]] = {
        "none": {"url": small},
        "api-key": {"url": small, "authentication": API_KEY},
        "oauth": {"url": small, "authentication": {"type": "oauth_client_credentials", "config": oauth}},
        **{name: {"url": small, "authentication": _signing(name)} for name in SIGNED},
        "fields": {
            "url": small,
            "headers": [
                {"key": "X-User-Id", "value": "{{ user.id }}"},
                {"key": "X-User-Email", "value": "{{ user.email }}"},
                {"key": "X-User-Name", "value": "{{ user.first_name }} {{ user.last_name }}"},
                {"key": "X-User-Team", "value": "{{ user.profile_fields.by_id(3) }}"},
                {"key": "X-Expires", "value": "{{ now(60) }}"},
            ],
            "authentication": API_KEY,
        },
        "large": {"url": f"{http_origin}{LARGE}", "authentication": API_KEY},
        "rows": {
            "url": f"{http_origin}{LARGE}",
            "authentication": API_KEY,
            "response_body": ROWS,
            "response_content_type": "application/json",
        },
        "cached": {"url": f"{http_origin}{CACHED}", "authentication": API_KEY},
        "composite": {
            "steps": [
                {"name": "first", "url": f"{small}{QUERY}", "authentication": API_KEY},
                {
                    "name": "second",
                    "url": f"{small}{QUERY}",
                    "headers": [{"key": "X-First", "value": "{{ (steps.first.body | from_json).id }}"}],
                    "authentication": API_KEY,
                    "response_body": (
                        '{"first": {{ (steps.first.body | from_json).id }}, '
                        '"second": {{ (response.body | from_json).id }}}'
                    ),
                    "response_content_type": "application/json",
                },
            ],
        },
        "tls": {"url": f"{https_origin}{SMALL}", "authentication": API_KEY},
    }
    return {name: {"name": name, "permalink": name, **document} for name, document in found.items()}


QUERY = "?check={{ request.query_parameters.check }}"
"""A step gets nothing of the caller's but what its templates take."""


def _signing(name: str) -> dict[str, Any]:
    claims = {
        "iss": "bench",
        "sub": "service",
        "aud": "https://api.example.com",
        "exp": "{{ now(3600) }}",
        "iat": "{{ now() }}",
    }
    key = f"{{{{ get_secret('{name}') }}}}"
    return {"type": "jwt", "config": {"private_key": key, "algorithm": SIGNED[name], "claims": claims}}
