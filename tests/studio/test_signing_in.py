"""Who gets into Studio, and how: over HTTP as a browser speaks it, and in Chromium."""

from __future__ import annotations

import gzip
import http.client
import re
import sqlite3
import time
from urllib.parse import urlencode

import pytest
from gateway import Answer, Gateway, exchange
from running_studio import RunningStudio, login_link

FORM = "application/x-www-form-urlencoded"


def origin(gateway: Gateway) -> str:
    return f"http://127.0.0.1:{gateway.admin_port}"


def post(
    gateway: Gateway, path: str, fields: dict[str, str], *, method: str = "POST", **headers: str
) -> Answer:
    sent = {"Content-Type": FORM, "Origin": origin(gateway)}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in sent.items() if value}
    return exchange(gateway.admin_port, method, path, sent, urlencode(fields).encode())


def get(gateway: Gateway, path: str, **headers: str) -> Answer:
    return exchange(
        gateway.admin_port, "GET", path, {name.replace("_", "-"): value for name, value in headers.items()}
    )


def token_of(link: dict) -> str:
    return link["url"].partition("?token=")[2]


def signed_in(gateway: Gateway, *options: str) -> str:
    """The `Cookie` header of a new session."""
    answer = post(gateway, "/login", {"token": token_of(login_link(gateway, *options))})
    assert answer.status == 303, answer.body
    return answer.header("set-cookie").partition(";")[0]


def csrf_of(gateway: Gateway, cookie: str, path: str = "/connectors") -> str:
    page = get(gateway, path, Cookie=cookie)
    return re.search(rb'name="csrf-token" content="([0-9a-f]{64})"', page.body)[1].decode()


def test_a_link_signs_in_once(filled_gateway):
    token = token_of(login_link(filled_gateway))
    # A preview or a browser that loads ahead opens it as often as it likes.
    for _ in range(3):
        assert get(filled_gateway, f"/login?token={token}").status == 200
    assert post(filled_gateway, "/login", {"token": token}).status == 303
    again = post(filled_gateway, "/login", {"token": token})
    assert (again.status, again.header("set-cookie")) == (401, None)
    assert b"used already, or has expired" in again.body


def test_an_expired_link_is_refused(filled_gateway):
    link = login_link(filled_gateway, "--name", "too late")
    with sqlite3.connect(filled_gateway.data / "sealgate.db") as database:
        database.execute("UPDATE login_links SET expires_at = ? WHERE name = 'too late'", (time.time(),))
    assert post(filled_gateway, "/login", {"token": token_of(link)}).status == 401


@pytest.mark.parametrize(
    "fields",
    [{}, {"token": ""}, {"token": "x"}, {"api_token": ""}, {"api_token": "\u00e9"}, {"token": "\x00"}],
)
def test_nothing_else_signs_in(filled_gateway, fields):
    answer = post(filled_gateway, "/login", fields)
    assert (answer.status, answer.header("set-cookie")) == (401, None)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "reader", "scopes": ["read", "write", "secrets"]},
        {"name": "limited", "scopes": ["admin"], "permalinks": ["weather"]},
        {"name": "page", "scopes": ["admin"], "origins": ["https://app.example.com"]},
    ],
)
def test_only_a_token_that_may_do_everything_signs_in(filled_gateway, body):
    token = filled_gateway.admin("POST", "/api/v1/tokens", body).json["token"]
    answer = post(filled_gateway, "/login", {"api_token": token})
    assert (answer.status, answer.header("set-cookie")) == (403, None)


def test_a_session_ends_with_its_api_token(filled_gateway):
    token = filled_gateway.admin("POST", "/api/v1/tokens", {"name": "ops", "scopes": ["admin"]}).json
    answer = post(filled_gateway, "/login", {"api_token": token["token"]})
    cookie = answer.header("set-cookie").partition(";")[0]
    assert get(filled_gateway, "/connectors", Cookie=cookie).status == 200
    filled_gateway.admin("DELETE", f"/api/v1/tokens/{token['id']}")
    assert get(filled_gateway, "/connectors", Cookie=cookie).status == 401


def test_the_cookie_is_for_this_server_alone(filled_gateway):
    answer = post(filled_gateway, "/login", {"token": token_of(login_link(filled_gateway))})
    name, *attributes = answer.header("set-cookie").split("; ")
    assert name.startswith(f"sealgate-studio-{filled_gateway.admin_port}=")
    expected = {"httponly", "samesite=strict", "path=/", "max-age=604800"}
    assert {each.lower() for each in attributes} == expected


def test_behind_tls_the_cookie_is_bound_to_the_host(tmp_path):
    with Gateway(tmp_path, SEALGATE_STUDIO_ORIGIN="https://studio.example.com") as gateway:
        link = login_link(gateway)
        assert link["url"].startswith("https://studio.example.com/login?token=")
        answer = post(gateway, "/login", {"token": token_of(link)}, Origin="https://studio.example.com")
        name, *attributes = answer.header("set-cookie").split("; ")
        assert name.startswith("__Host-sealgate-studio=")
        assert "secure" in {each.lower() for each in attributes}


def test_neither_links_nor_sessions_can_be_read_from_the_database(filled_gateway):
    token, cookie = token_of(login_link(filled_gateway)), signed_in(filled_gateway)
    with sqlite3.connect(filled_gateway.data / "sealgate.db") as database:
        rows = str(database.execute("SELECT * FROM login_links").fetchall())
        rows += str(database.execute("SELECT * FROM studio_sessions").fetchall())
    assert token not in rows and cookie.partition("=")[2] not in rows


def test_a_new_sign_in_ends_the_old_session(filled_gateway):
    old = signed_in(filled_gateway)
    answer = post(filled_gateway, "/login", {"token": token_of(login_link(filled_gateway))}, Cookie=old)
    assert answer.header("set-cookie").partition(";")[0] != old
    assert get(filled_gateway, "/connectors", Cookie=old).status == 401


@pytest.mark.parametrize("column", ["seen_at", "expires_at"])
def test_an_idle_and_an_old_session_end(filled_gateway, column):
    cookie = signed_in(filled_gateway, "--name", column)
    past = time.time() - (8 * 3600 if column == "seen_at" else 0)
    with sqlite3.connect(filled_gateway.data / "sealgate.db") as database:
        database.execute(f"UPDATE studio_sessions SET {column} = ? WHERE name = ?", (past, column))
    assert get(filled_gateway, "/connectors", Cookie=cookie).status == 401


def test_signing_out_ends_the_session_and_takes_the_cookie(filled_gateway):
    cookie = signed_in(filled_gateway)
    csrf = csrf_of(filled_gateway, cookie)
    answer = post(filled_gateway, "/logout", {"csrf": csrf}, Cookie=cookie)
    assert answer.status == 303 and "Max-Age=0" in answer.header("set-cookie")
    assert get(filled_gateway, "/connectors", Cookie=cookie).status == 401


@pytest.mark.parametrize(
    ("csrf", "headers"),
    [
        (False, {}),
        ("0" * 64, {}),
        (True, {"Origin": "https://evil.example"}),
        (True, {"Origin": "null"}),
        (True, {"Origin": ""}),
        (True, {"Sec_Fetch_Site": "cross-site"}),
        (True, {"Sec_Fetch_Site": "same-site"}),
        (True, {"Sec_Fetch_Site": "none"}),
    ],
)
def test_a_forged_request_changes_nothing(filled_gateway, csrf, headers):
    cookie = signed_in(filled_gateway)
    shown = csrf_of(filled_gateway, cookie) if csrf is True else csrf
    answer = post(filled_gateway, "/logout", {"csrf": shown} if shown else {}, Cookie=cookie, **headers)
    assert answer.status == 403
    assert get(filled_gateway, "/connectors", Cookie=cookie).status == 200


def test_the_token_of_one_session_is_of_no_use_in_another(filled_gateway):
    one, other = signed_in(filled_gateway), signed_in(filled_gateway)
    answer = post(filled_gateway, "/logout", {"csrf": csrf_of(filled_gateway, one)}, Cookie=other)
    assert answer.status == 403


def test_a_page_of_another_site_cannot_sign_a_browser_in(filled_gateway):
    token = token_of(login_link(filled_gateway))
    assert post(filled_gateway, "/login", {"token": token}, Origin="https://evil.example").status == 403
    assert post(filled_gateway, "/login", {"token": token}).status == 303


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/connectors?q=a%20b", "/connectors?q=a%20b"),
        ("//evil.example/", "/connectors"),
        ("/\\evil.example/", "/connectors"),
        ("https://evil.example/", "/connectors"),
        ("/a\r\nX-Header: 1", "/connectors"),
    ],
)
def test_signing_in_leads_to_this_server_only(filled_gateway, wanted, leads):
    answer = post(filled_gateway, "/login", {"token": token_of(login_link(filled_gateway)), "next": wanted})
    assert answer.header("location") == leads


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8081", 200),
        ("[::1]:8081", 200),
        ("localhost:8081", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.nip.example:8081", 421),
    ],
)
def test_a_name_that_was_made_to_point_here_is_refused(filled_gateway, host, status):
    connection = http.client.HTTPConnection("127.0.0.1", filled_gateway.admin_port, timeout=10)
    connection.putrequest("GET", "/login", skip_host=True)
    connection.putheader("Host", host)
    connection.endheaders()
    assert connection.getresponse().status == status
    connection.close()


def test_a_session_is_of_one_tenant(filled_gateway):
    cookie = signed_in(filled_gateway, "--tenant", "acme")
    assert get(filled_gateway, "/t/acme/connectors", Cookie=cookie).status == 200
    answer = get(filled_gateway, "/connectors", Cookie=cookie)
    assert answer.status == 403 and b"--tenant default" in answer.body


def test_a_scope_that_is_missing_is_named(filled_gateway):
    cookie = signed_in(filled_gateway, "--scope", "secrets")
    answer = get(filled_gateway, "/connectors", Cookie=cookie)
    assert answer.status == 403 and b"without the scope `read`" in answer.body


@pytest.mark.parametrize("path", ["/connectors", "/login", "/nothing", "/t/acme/connectors"])
def test_every_page_is_guarded_by_headers(filled_gateway, path):
    answer = get(filled_gateway, path)
    policy = answer.header("content-security-policy")
    assert "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert answer.header("x-frame-options") == "DENY"
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("referrer-policy") == "same-origin"
    assert answer.header("cache-control") == "no-store"


def test_scripts_are_kept_by_browsers_and_named_by_their_content(filled_gateway):
    page = get(filled_gateway, "/login").body.decode()
    address = re.search(r'src="(/static/[0-9a-f]{12}/studio\.js)"', page)[1]
    answer = get(filled_gateway, address)
    assert (answer.status, answer.header("cache-control")) == (200, "public, max-age=31536000, immutable")
    small = get(filled_gateway, address, Accept_Encoding="br, gzip")
    assert (small.header("content-encoding"), small.header("vary")) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(small.body) == answer.body and len(small.body) < len(answer.body)
    assert answer.header("content-encoding") is None and answer.header("vary") == "Accept-Encoding"
    older = get(filled_gateway, "/static/000000000000/studio.js")
    assert (older.status, older.header("cache-control")) == (200, "no-store")
    assert get(filled_gateway, "/static/000000000000/../app.py").status == 404
    assert get(filled_gateway, "/static/000000000000/%2e%2e/app.py").status == 404


def test_programs_get_the_envelope_and_people_get_pages(filled_gateway):
    assert get(filled_gateway, "/api/v1/nothing").code == "NOT_FOUND"
    assert get(filled_gateway, "/healthz").json == {"status": "ok"}
    page = get(filled_gateway, "/nothing")
    assert page.status == 404 and page.header("content-type").startswith("text/html")


async def test_the_token_leaves_the_address(studio: RunningStudio):
    page = await studio.signed_out()
    await page.goto(login_link(studio.gateway)["url"])
    await page.wait_for_url(f"{studio.origin}/login")
    assert await page.evaluate("history.length") == 2
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/connectors")
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/login")
    await page.goto(f"{studio.origin}/connectors")
    assert await page.get_by_text("sealgate login-link").is_visible()


async def test_a_link_from_another_site_finds_the_session(studio: RunningStudio):
    page = await studio.open("/connectors")
    await page.route(
        "http://elsewhere.example/",
        lambda route: route.fulfill(
            body=f'<a href="{studio.origin}/connectors?q=weather">go</a>', content_type="text/html"
        ),
    )
    await page.goto("http://elsewhere.example/")
    await page.get_by_text("go").click()
    await page.get_by_role("heading", name="Connectors").wait_for()
