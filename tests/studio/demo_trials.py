"""The tenant `trials`: connectors to test, with an API and a token endpoint that answer while it is used."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gateway import Gateway

from sealgate.testing import FakeApi, OAuthServer, keys

TENANT = "trials"
WEATHER = {
    "location": {"name": "Warsaw", "country": "Poland", "lat": 52.25, "lon": 21.0},
    "current": {"temp_c": 4.5, "condition": "Light rain", "wind_kph": 18, "is_day": True, "gusts": None},
    "forecast": [{"day": "Wed", "max_c": 6}, {"day": "Thu", "max_c": 3}],
}


@contextmanager
def running_trials(gateway: Gateway) -> Iterator[None]:
    with FakeApi() as api, OAuthServer() as oauth:
        api.reply_with(
            200, [("Content-Type", "application/json")], json.dumps(WEATHER), path="/v1", times=10_000
        )
        for name, value in _secrets().items():
            gateway.canaries.add(value)
            _admin(gateway, f"/secrets/{name}", {"value": value})
        for permalink, document in _documents(api.origin, oauth.token_url).items():
            _admin(gateway, f"/connectors/{permalink}", document)
        yield


def _secrets() -> dict[str, str]:
    return {
        "weather_key": secrets.token_hex(20),
        "crm_secret": secrets.token_hex(20),
        "report_key": keys.rsa_key(name="trials").private_pem,
    }


def _documents(api: str, token_url: str) -> dict[str, dict[str, Any]]:
    key = {"type": "api_key", "config": {"key": "X-API-Key", "value": "{{ get_secret('weather_key') }}"}}
    client = {"client_id": "me", "client_secret": "{{ get_secret('crm_secret') }}", "token_url": token_url}
    claims = {"iss": "sealgate", "sub": "{{ user.email }}"}
    signed = {"private_key": "{{ get_secret('report_key') }}", "algorithm": "RS256", "claims": claims}
    return {
        "weather": {
            "name": "Current weather",
            "url": f"{api}/v1?units={{{{ nope }}}}",
            "authentication": key,
        },
        "refused": {"name": "Stock of all shops", "url": f"{api}/status/401", "authentication": key},
        "token": {
            "name": "Accounts of the CRM",
            "url": f"{api}/accounts",
            "authentication": {"type": "oauth_client_credentials", "config": client},
        },
        "reports": {
            "name": "My reports",
            "method": "POST",
            "url": f"{api}/reports/{{{{ pathParams.year }}}}",
            "path_parameters": [{"key": "year"}],
            "authentication": {"type": "jwt", "config": signed},
        },
        "overview": {
            "name": "Customer overview",
            "steps": [
                {"name": "contact", "url": f"{api}/slow/0.04"},
                {"name": "discounts", "url": f"{api}/discounts", "when": "false"},
                {"name": "orders", "url": f"{api}/status/403?of={{{{ steps.contact.status_code }}}}"},
                {"name": "total", "url": f"{api}/total?of={{{{ steps.orders.body }}}}"},
            ],
        },
    }


def _admin(gateway: Gateway, path: str, body: dict[str, Any]) -> None:
    answer = gateway.admin("PUT", f"/t/{TENANT}/api/v1{path}", body)
    assert answer.status in (200, 201), answer.body
