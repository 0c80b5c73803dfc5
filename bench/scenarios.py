"""What is asked of a gateway. Each scenario is one path: `GET /api-key` of a peer, the connector
`api-key` of Sealgate."""

from __future__ import annotations

import json
from dataclasses import dataclass

SMALL = "/small"
LARGE = "/large"
CACHED = "/cached"
ROWS = 80


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    title: str
    upstream: str
    """The path at the upstream."""
    user: bool = False
    """Whether the caller is a user with a session JWT, which the gateway verifies."""
    method: str = "GET"


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("none", "no credential", SMALL),
        Scenario("api-key", "API key", SMALL),
        Scenario("oauth", "cached OAuth token", SMALL),
        Scenario("rs256", "RS256 signed per call", SMALL),
        Scenario("es256", "ES256 signed per call", SMALL),
        Scenario("hs256", "HS256 signed per call", SMALL),
        Scenario("fields", "five templated fields, user context", SMALL, user=True),
        Scenario("large", "10 KB passed through", LARGE),
        Scenario("rows", "10 KB through a template of 80 rows", LARGE),
        Scenario("cached", "cache hit", CACHED),
        Scenario("composite", "composite of two steps", SMALL, method="POST"),
        Scenario("tls", "TLS upstream", SMALL),
    )
}

SIGNED = {"rs256": "RS256", "es256": "ES256", "hs256": "HS256"}

USER = {
    "sub": "7301",
    "email": "ada.lovelace@example.com",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "profile_fields": {"3": "analytical-engines"},
}
"""The claims of the caller's session in `fields`."""

FIELDS = {
    "X-User-Id": "7301",
    "X-User-Email": "ada.lovelace@example.com",
    "X-User-Name": "Ada Lovelace",
    "X-User-Team": "analytical-engines",
}
"""What the upstream receives of USER. The fifth field is X-Expires, a minute from now in Unix seconds."""


def small_body() -> bytes:
    """A JSON object of 1024 bytes."""
    empty = json.dumps({"id": 1, "text": ""})
    return json.dumps({"id": 1, "text": "x" * (1024 - len(empty))}).encode()


def large_body() -> bytes:
    """About 10 KB of JSON: 80 rows of an API's list."""
    items = [
        {
            "id": 5000 + number,
            "name": f"Customer {number}",
            "email": f"customer{number}@example.com",
            "active": number % 3 != 0,
            "balance": number * 12.5,
            "tags": ["new", "eu"],
        }
        for number in range(ROWS)
    ]
    return json.dumps({"total": ROWS, "items": items}).encode()


def reshaped(body: bytes) -> dict[str, object]:
    """What `rows` makes of the large body."""
    document = json.loads(body)
    return {
        "count": document["total"],
        "rows": [
            {
                "key": item["id"],
                "label": f"{item['name']} <{item['email']}>",
                "active": item["active"],
                "balance": item["balance"],
            }
            for item in document["items"]
        ],
    }
