"""Every route of every section, found by walking them: none answers without a session of its tenant, without
a scope, or, when it may change something, without the token of a page of the session."""

from __future__ import annotations

import re
import sqlite3

import pytest
from gateway import Answer, Gateway
from test_signing_in import csrf_of, get, post, signed_in

from sealgate.web.studio.sections import SECTIONS

ROUTES = sorted(
    (method, re.sub(r"\{[^}]*\}", "1", route.path))
    for section in SECTIONS
    for route in section.routes(SECTIONS)
    for method in (route.methods or set()) - {"HEAD"}
)
CHANGES = [(method, path) for method, path in ROUTES if method != "GET"]


def ask(gateway: Gateway, method: str, path: str, cookie: str, csrf: str = "") -> Answer:
    if method == "GET":
        return get(gateway, path, Cookie=cookie)
    return post(gateway, path, {"csrf": csrf}, method=method, Cookie=cookie)


@pytest.fixture(scope="module")
def powerless(filled_gateway: Gateway) -> tuple[str, str]:
    """A session that has no scope any more, and its token."""
    cookie = signed_in(filled_gateway, "--name", "powerless")
    csrf = csrf_of(filled_gateway, cookie)
    with sqlite3.connect(filled_gateway.data / "sealgate.db") as database:
        database.execute("UPDATE studio_sessions SET scopes = '[]' WHERE name = 'powerless'")
    return cookie, csrf


@pytest.fixture(scope="module")
def admin(filled_gateway: Gateway) -> tuple[str, str]:
    cookie = signed_in(filled_gateway)
    return cookie, csrf_of(filled_gateway, cookie)


def test_there_are_routes_to_walk() -> None:
    assert ("GET", "/connectors") in ROUTES and ("POST", "/access/tokens") in CHANGES


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_session(filled_gateway: Gateway, method: str, path: str) -> None:
    answer = ask(filled_gateway, method, path, "")
    assert answer.status == 401 and b"Sign in to Studio" in answer.body


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_scope(filled_gateway: Gateway, powerless, method: str, path: str) -> None:
    answer = ask(filled_gateway, method, path, *powerless)
    assert answer.status == 403 and b"without the scope" in answer.body


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_in_another_tenant(filled_gateway: Gateway, admin, method: str, path: str) -> None:
    answer = ask(filled_gateway, method, f"/t/another{path}", *admin)
    assert answer.status == 403 and b"signed in to the tenant default" in answer.body


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize("csrf", ["", "0" * 64])
def test_without_the_token_of_a_page(
    filled_gateway: Gateway, admin, method: str, path: str, csrf: str
) -> None:
    answer = ask(filled_gateway, method, path, admin[0], csrf)
    assert answer.status == 403 and b"this page is out of date" in answer.body.lower()


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_from_a_page_of_another_site(filled_gateway: Gateway, admin, method: str, path: str) -> None:
    fields = {"csrf": admin[1]}
    answer = post(filled_gateway, path, fields, method=method, Cookie=admin[0], Origin="https://evil.example")
    assert answer.status == 403 and b"another site" in answer.body
