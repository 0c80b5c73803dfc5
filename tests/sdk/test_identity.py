"""Who a page calls as: a token, a token that is fetched, the session in a cookie, nobody."""

import json
import time

import pytest
from servers import Site

MODULE = "globalThis.sdk = await import(`${x}/sdk/sealgate.js`);"
CALL = 'execute({ permalink: "mine", method: "GET" })'
COOKIE_CALL = f"return (await sdk.createClient(x).connectors.{CALL}).target"


# -- tokens ----------------------------------------------------------------------------------------


def test_a_token_from_another_site(page, world):
    script = f"return (await make({{ token: x }}).{CALL}).target"
    assert page.run(script, world.gateway.session(sub="7")) == "/users/7"


def test_a_token_is_asked_for_each_call(page, world):
    script = f"""const asked = [], tokens = [...x];
    const client = make({{ getToken: async (request) => (asked.push(request.refresh), tokens.shift()) }});
    return [(await client.{CALL}).target, (await client.{CALL}).target, asked];"""
    tokens = [world.gateway.session(sub=name) for name in ("a", "b")]
    assert page.run(script, tokens) == ["/users/a", "/users/b", [False, False]]


REFRESH = f"""const asked = [], tokens = [...x];
const getToken = ({{ refresh }}) => (asked.push(refresh), tokens.shift());
try {{ return [(await make({{ getToken }}).{CALL}).target, asked]; }}
catch (error) {{ return [error.code, asked]; }}"""


def test_a_refused_token_is_asked_for_once_more(page, world):
    expired = world.gateway.session(sub="7", exp=int(time.time()) - 3600)
    assert page.run(REFRESH, [expired, world.gateway.session(sub="7")]) == ["/users/7", [False, True]]
    assert len(world.api.requests) == 1


def test_a_token_that_stays_refused(page, world):
    tokens = ["bad", "still bad", world.gateway.session(sub="7")]
    assert page.run(REFRESH, tokens) == ["AUTHENTICATION_REQUIRED", [False, True]]


def test_a_401_of_the_api_asks_for_no_other_token(page, world):
    body = {"errors": {"code": "AUTHENTICATION_REQUIRED"}, "request_id": "of the API"}
    world.api.reply_with(401, [("Content-Type", "application/json")], json.dumps(body), path="/scripted")
    script = """let asked = 0;
    const client = make({ getToken: () => (asked++, x) });
    try { await client.execute({ permalink: "scripted", method: "GET" }); }
    catch (error) { return [error.status, error.code, error.body, asked]; }"""
    status, code, shown, asked = page.run(script, world.gateway.session(sub="7"))
    assert (status, code, shown, asked) == (401, None, body, 1)
    assert len(world.api.requests) == 1


def test_a_fixed_token_that_is_refused(page):
    thrown = page.attempt(f"return await make({{ token: 'bad' }}).{CALL}")
    assert (thrown["thrown"], thrown["status"]) == ("ConnectorExecuteError", 401)
    assert thrown["code"] == "AUTHENTICATION_REQUIRED"


def test_what_get_token_throws_comes_out(page):
    script = f"""const getToken = () => {{ throw new RangeError("signed out"); }};
    return await make({{ getToken }}).{CALL}"""
    assert page.attempt(script)["message"] == "signed out"


def test_anonymous(page, world):
    assert page.run('return (await make().execute({ permalink: "get", method: "GET" })).target') == "/get"
    thrown = page.attempt(f"return await make().{CALL}")
    assert (thrown["status"], thrown["code"]) == (401, "USER_REQUIRED")


# -- the session in a cookie -----------------------------------------------------------------------


def sign_in(page, world):
    """As the host application does, on another port of the same site."""
    page.run("document.cookie = `session=${x}`", world.gateway.session(sub="7", csrf="c5rf"))
    page.run(MODULE, world.base)


@pytest.mark.parametrize(
    ("html", "options"),
    [
        ('<input id="csrftoken" type="hidden" value="c5rf">', {}),
        ('<meta id="csrftoken" content="c5rf">', {}),
        ('<span id="csrftoken"> c5rf </span>', {}),
        ('<meta name="csrf-token" content="c5rf">', {}),
        ('<meta name="csrf-token" content="wrong"><input id="csrftoken" value="c5rf">', {}),
        ('<meta name="csrf-token" content="wrong">', {"csrfToken": "c5rf"}),
    ],
)
def test_the_csrf_token_of_the_page(world, open_page, html, options):
    page = open_page(f"<!doctype html><title>Page</title>{html}")
    sign_in(page, world)
    assert page.run(COOKIE_CALL, {"baseUrl": world.base, **options}) == "/users/7"


@pytest.mark.parametrize(
    ("csrf", "status", "code"),
    [
        ('"wrong"', 403, "FORBIDDEN"),
        ('() => "wrong"', 403, "FORBIDDEN"),
        ('""', 401, "USER_REQUIRED"),
    ],
)
def test_without_the_right_csrf_token(world, open_page, csrf, status, code):
    page = open_page('<!doctype html><title>Page</title><input id="csrftoken" value="c5rf">')
    sign_in(page, world)
    script = f"return await sdk.createClient({{ baseUrl: x, csrfToken: {csrf} }}).connectors.{CALL}"
    thrown = page.attempt(script, world.base)
    assert (thrown["status"], thrown["code"]) == (status, code)


def test_a_csrf_token_by_function_is_asked_for_each_call(world, open_page):
    page = open_page()
    sign_in(page, world)
    script = f"""let asked = 0;
    const {{ connectors }} = sdk.createClient({{ baseUrl: x, csrfToken: async () => (asked++, "c5rf") }});
    return [(await connectors.{CALL}).target, (await connectors.{CALL}).target, asked];"""
    assert page.run(script, world.base) == ["/users/7", "/users/7", 2]


def test_a_token_goes_before_the_cookie(world, open_page):
    page = open_page('<!doctype html><title>Page</title><input id="csrftoken" value="c5rf">')
    sign_in(page, world)
    options = {"baseUrl": world.base, "token": world.gateway.session(sub="8")}
    assert page.run(COOKIE_CALL, options) == "/users/8"


# -- where Sealgate is -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "given", "base"),
    [
        ("", None, ""),
        ("/t/acme", None, "/t/acme"),
        ("", "{base}/t/acme/", "/t/acme"),
        ("", "{base}?x=1#y", ""),
    ],
)
def test_the_base_url(page, world, module, given, base):
    script = """const { createClient } = await import(`${x.module}/sdk/sealgate.js`);
    return createClient(x.given ? { baseUrl: x.given } : {}).connectors.getBaseUrl();"""
    given = given and given.format(base=world.base)
    assert page.run(script, {"module": world.base + module, "given": given}) == world.base + base


def test_a_relative_base_url_belongs_to_the_page(page, world):
    script = 'return make({ baseUrl: "/widget-service" }).getBaseUrl()'
    assert page.run(script) == f"{world.site.elsewhere}/widget-service"


def test_the_tenant_of_the_base_url(page, world):
    call = 'execute({ permalink: "get", method: "GET" })'
    thrown = page.attempt(f"return await make({{ baseUrl: `${{x}}/t/acme` }}).{call}", world.base)
    assert (thrown["code"], thrown["name"]) == ("CONNECTOR_NOT_FOUND", "Error")


def test_pages_that_are_not_allowed(browser, world):
    with Site() as other:
        page = browser.open(other.origin)
        page.run(MODULE, world.base)
        script = f"return await sdk.createClient({{ baseUrl: x }}).connectors.{CALL}"
        thrown = page.attempt(script, world.base)
        page.close()
    assert (thrown["thrown"], thrown["isError"]) == ("Error", True)
    assert "CORS" in thrown["message"] and world.base in thrown["message"]
