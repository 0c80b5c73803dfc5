"""Recipes: what an admin writes, what a caller sends, what the API must receive and the caller get.

Documents name `https://api.example.com` and `https://login.example.com`; a recipe runs with the origins
of real servers in their place. Test Connection is asked where a recipe says what a URL becomes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway import Answer, Gateway

from sealgate.testing import FakeApi, OAuthServer, Received

API = "https://api.example.com"
LOGIN = "https://login.example.com"
ADA = {"sub": "123", "email": "ada@example.com", "profile_fields": {"42": "Research"}}


def secret(name: str) -> str:
    return f"{{{{ get_secret('{name}') }}}}"


def variable(name: str) -> str:
    return f"{{{{ get_variable('{name}') }}}}"


def headers(**values: str) -> list[dict[str, str]]:
    """Header rows; `X_Tenant_ID` is `X-Tenant-ID`."""
    return [{"key": name.replace("_", "-"), "value": value} for name, value in values.items()]


@dataclass(frozen=True)
class Reply:
    """What the API answers."""

    body: str | bytes
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrives:
    """What the API must receive. A header of `None` must not be there."""

    line: str
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: str | None = None

    def compare(self, received: Received) -> None:
        assert f"{received.method} {received.target}" == self.line
        assert {name: received.header(name) for name in self.headers} == dict(self.headers)
        if self.body is not None:
            assert received.body.decode() == self.body


@dataclass(frozen=True)
class Call:
    """One call and what comes of it; `errors` is compared with those members of the envelope."""

    query: str = ""
    user: Mapping[str, Any] | None = None
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    path_params: Mapping[str, Any] | None = None
    # what the API says, and what it must have heard
    api: tuple[Reply, ...] = ()
    arrives: tuple[Arrives, ...] = ()
    # what the caller gets
    status: int = 200
    gets: str | bytes | None = None
    gets_headers: Mapping[str, str | None] = field(default_factory=dict)
    errors: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    title: str
    connector: Mapping[str, Any]
    calls: tuple[Call, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    clients: Mapping[str, str] = field(default_factory=dict)
    """What the OAuth server knows: client id → client secret."""
    token_requests: int | None = None
    """How many token requests all the calls must have made together."""
    resolves_to: str | None = None
    """The URL that Test Connection must show, where the host cannot be one of ours."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """The faults (path → words in the message) with which it must not be saved."""
    warns: Mapping[str, str] = field(default_factory=dict)
    """Warnings (path → words) with which it must be saved; there may be others."""
    tenant_id: str | None = None
    """Where it runs, when it cannot share the module's tenant: it needs its own names or tokens."""

    @property
    def permalink(self) -> str:
        return re.sub("[^a-z0-9]+", "-", self.title.lower()).strip("-")

    @property
    def method(self) -> str:
        return "POST" if "steps" in self.connector else self.connector.get("method", "GET")


class Stage:
    """A gateway, an API and an OAuth server, and the tenant in which recipes run."""

    def __init__(self, gateway: Gateway, api: FakeApi, oauth: OAuthServer, tenant: str) -> None:
        self.gateway = gateway
        self.api = api
        self.oauth = oauth
        self._tenant = tenant
        self._values: dict[str, str] = {}
        self._saved: dict[str, Answer] = {}

    def here(self, value: Any) -> Any:
        """A document (or any JSON) with the origins of the running servers."""
        text = json.dumps(value).replace(API, self.api.origin).replace(LOGIN, self.oauth.origin)
        return json.loads(text)

    def tenant(self, recipe: Recipe) -> str:
        return recipe.tenant_id or self._tenant

    def save(self, recipe: Recipe) -> None:
        """Save what the recipe needs and the recipe itself; how that went is looked at in `run`."""
        for client_id, client_secret in recipe.clients.items():
            self.oauth.add_client(client_id, client_secret, scopes=["read", "write"])
        self.gateway.canaries.update(recipe.secrets.values())
        admin = f"/t/{self.tenant(recipe)}/api/v1"
        for kind, values in (("secrets", recipe.secrets), ("variables", recipe.variables)):
            for name, value in values.items():
                self._put(f"{admin}/{kind}/{name}", self.here(value))
        document = {"name": recipe.title, **self.here(recipe.connector)}
        path = f"{admin}/connectors/{recipe.permalink}"
        self._saved[recipe.title] = self.gateway.admin("PUT", path, document)

    def _put(self, path: str, value: str) -> None:
        """A secret or variable; recipes that share a tenant may share it, too."""
        if path not in self._values:
            saved = self.gateway.admin("PUT", path, {"value": value})
            assert saved.status == 201, saved.body
        assert self._values.setdefault(path, value) == value, f"{path} has two values; give one a tenant_id"

    def run(self, recipe: Recipe) -> None:
        judge(recipe, self._saved[recipe.title])
        self.oauth.clear()
        for call in recipe.calls:
            self.api.clear()
            for reply in call.api:
                fields = [("Content-Type", reply.content_type), *reply.headers.items()]
                self.api.reply_with(reply.status, fields, reply.body)
            answer = self.call(recipe, call)
            assert len(self.api.requests) == len(call.arrives), (answer.body, self.api.requests)
            for expected, received in zip(call.arrives, self.api.requests, strict=True):
                expected.compare(received)
            compare(call, answer)
        if recipe.token_requests is not None:
            assert len(self.oauth.token_requests) == recipe.token_requests
        if recipe.resolves_to:
            path, target = f"/t/{self.tenant(recipe)}/api/v1/test", {"permalink": recipe.permalink}
            tried = self.gateway.admin("POST", path, target)
            assert tried.json["debug_request"]["url"] == recipe.resolves_to

    def call(self, recipe: Recipe, call: Call) -> Answer:
        tenant = self.tenant(recipe)
        return self.gateway.call(
            recipe.permalink,
            recipe.method,
            call.query,
            headers=dict(call.headers),
            body=call.body.encode() if call.body is not None else None,
            user={"tenant": tenant, **call.user} if call.user is not None else None,
            path_params=dict(call.path_params) if call.path_params is not None else None,
            tenant=tenant,
        )


def judge(recipe: Recipe, saved: Answer) -> None:
    """Was it saved, or refused, with the faults and warnings that the recipe says?"""
    if recipe.refused:
        assert (saved.status, saved.code) == (422, "INVALID_DOCUMENT")
        messages = {fault["path"]: fault["message"] for fault in saved.json["errors"]["fields"]}
        assert messages.keys() == recipe.refused.keys()
        for path, words in recipe.refused.items():
            assert words in messages[path]
        return
    assert saved.status == 201, saved.body
    warnings = [(warning["path"], json.dumps(warning)) for warning in saved.json["warnings"]]
    for path, words in recipe.warns.items():
        assert any(path == where and words in text for where, text in warnings), warnings


def compare(call: Call, answer: Answer) -> None:
    assert answer.status == call.status, answer.body
    if isinstance(call.gets, bytes):
        assert answer.body == call.gets
    elif call.gets is not None:
        assert answer.body.decode() == call.gets
    assert {name: answer.header(name) for name in call.gets_headers} == dict(call.gets_headers)
    if call.errors:
        assert answer.json["success"] is False
        assert answer.json["request_id"] == answer.header("X-Request-ID")
        assert {name: answer.json["errors"].get(name) for name in call.errors} == dict(call.errors)
