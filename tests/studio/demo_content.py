"""What a Studio looks like that people work with: connectors of every type, some from a source."""

from __future__ import annotations

from typing import Any

from gateway import Gateway


def api_key(secret: str, header: str = "X-API-Key") -> dict[str, Any]:
    value = f"{{{{ get_secret('{secret}') }}}}"
    return {"type": "api_key", "config": {"key": header, "value": value, "in": "header"}}


SALESFORCE = {
    "type": "oauth_client_credentials",
    "config": {
        "client_id": "{{ get_variable('salesforce_client_id') }}",
        "client_secret": "{{ get_secret('salesforce_client_secret') }}",
        "token_url": "https://login.example.com/oauth/token",
    },
}
JWT = {
    "type": "jwt",
    "config": {
        "private_key": "{{ get_secret('reporting_private_key') }}",
        "algorithm": "RS256",
        "claims": {"sub": "{{ user.email }}"},
    },
}
SECRETS = ("weather_key", "salesforce_client_secret", "billing_key")
KEY_PAIR = "reporting_private_key"
VARIABLES = {"salesforce_client_id": "3MVG9.sealgate", "region": "eu-west-1"}
CONNECTORS: list[dict[str, Any]] = [
    {
        "name": "Current weather",
        "permalink": "weather",
        "url": "https://api.weather.example.com/v1/current.json",
        "authentication": api_key("weather_key"),
    },
    {
        "name": "Open opportunities of my accounts",
        "permalink": "opportunities",
        "url": "https://eu12.salesforce.example.com/services/data/v62.0/query",
        "authentication": SALESFORCE,
    },
    {
        "name": "Create invoice",
        "permalink": "create-invoice",
        "method": "POST",
        "url": "https://billing.example.com/v2/invoices",
        "authentication": api_key("billing_key", "Authorization"),
    },
    {"name": "Exchange rates", "permalink": "rates", "url": "https://rates.example.org/latest"},
    {
        "name": "My reports",
        "permalink": "reports",
        "url": "https://reports.example.com/v3/mine",
        "authentication": JWT,
    },
    {
        "name": "Delete draft",
        "permalink": "delete-draft",
        "method": "DELETE",
        "url": "https://billing.example.com/v2/drafts/{{ pathParams.id }}",
        "path_parameters": [{"key": "id"}],
        "authentication": api_key("billing_key", "Authorization"),
    },
    {
        "name": "Customer overview",
        "permalink": "overview",
        "steps": [
            {"name": "contact", "url": "https://crm.example.com/contacts/me?email={{ user.email }}"},
            {"name": "rates", "url": "https://rates.example.org/latest"},
            {
                "name": "orders",
                "method": "POST",
                "url": "https://shop.example.com/contacts/{{ (steps.contact.body | from_json).id }}/orders",
                "request_body": '{"contact": {{ (steps.contact.body | from_json).id | tojson }}}',
                "authentication": api_key("billing_key"),
                "when": "steps.contact.status_code == 200",
            },
        ],
    },
]
SOURCED: list[dict[str, Any]] = [
    {"name": "Ticket list", "permalink": "tickets", "url": "https://help.example.com/api/v2/tickets.json"},
    {
        "name": "Update ticket",
        "permalink": "update-ticket",
        "method": "PUT",
        "url": "https://help.example.com/api/v2/tickets/{{ pathParams.id }}.json",
        "path_parameters": [{"key": "id"}],
    },
]
TOKENS: list[dict[str, Any]] = [
    {"name": "Nightly export", "scopes": ["read"]},
    {"name": "Deployment", "scopes": ["read", "write", "secrets"], "expires_at": "2099-12-31T23:59:59Z"},
    {
        "name": "Start page of the intranet",
        "scopes": ["execute"],
        "permalinks": ["weather", "rates", "tickets", "overview"],
        "origins": ["https://intranet.example.com", "https://staging.intranet.example.com"],
    },
]


def fill(gateway: Gateway) -> None:
    """Put it all into a running server."""
    for name in SECRETS:
        gateway.secret(name, f"canary-of-{name}-3f9ad1b2c47e")
    pair = {"algorithm": "RS256", "publish": True}
    answer = gateway.admin("POST", f"/api/v1/secrets/{KEY_PAIR}/key-pair", pair)
    assert answer.status == 201, answer.body
    for name, value in VARIABLES.items():
        gateway.variable(name, value)
    for document in CONNECTORS:
        answer = gateway.admin("PUT", f"/api/v1/connectors/{document['permalink']}", document)
        assert answer.status in (200, 201), answer.body
    answer = gateway.admin("PUT", "/api/v1/sources/support-team/registry", {"connectors": SOURCED})
    assert answer.status == 200, answer.body
    for token in TOKENS:
        answer = gateway.admin("POST", "/api/v1/tokens", token)
        assert answer.status == 201, answer.body
        gateway.canaries.add(answer.json["token"])
