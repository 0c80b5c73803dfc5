"""Mistakes in options are errors that say what was meant, before anything is sent; and the defaults."""

import pytest

CALL = {"permalink": "get", "method": "GET"}


# -- unknown names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("body", "payload"), ("data", "payload"), ("json", "payload"), ("payloads", "payload"),
        ("paylod", "payload"),
        ("query", "queryParams"), ("params", "queryParams"), ("queryparams", "queryParams"),
        ("queryParam", "queryParams"), ("path", "pathParams"), ("pathParameters", None),
        ("PathParams", "pathParams"), ("permaLink", "permalink"), ("permalnik", "permalink"),
        ("id", "permalink"),
        ("header", "headers"), ("timout", "timeout"), ("Signal", "signal"), ("methods", "method"),
        ("credentials", None), ("", None), ("x" * 500, None),
    ],
)  # fmt: skip
def test_unknown_options_of_a_call(page, world, name, meant):
    thrown = page.attempt("return await make().execute(x)", {**CALL, name: "value"})
    assert thrown["thrown"] == "TypeError"
    assert f'execute: unknown option "{name}"' in thrown["message"]
    assert f"did you mean {meant or 'permalink, payload, queryParams'}" in thrown["message"]
    assert world.api.requests == []


@pytest.mark.parametrize(
    ("make", "name", "meant"),
    [
        ("sdk.createClient({ url: 1 })", "url", "baseUrl"),
        ("sdk.createClient({ baseURL: 1 })", "baseURL", "baseUrl"),
        ("sdk.createClient({ tokens: 1 })", "tokens", "token"),
        ("sdk.createClient({ csrftoken: 1 })", "csrftoken", "csrfToken"),
        ("make().configure({ header: 1 })", "header", "headers"),
        ("make().configure({ token: 1 })", "token", "csrfToken, headers, timeout"),
        ("await make().composite.execute({ body: 1 })", "body", "payload"),
        ("await make().composite.execute({ method: 'POST' })", "method", "permalink, payload"),
        ("await make().stream({ body: 1 }).next()", "body", "payload"),
    ],
)
def test_unknown_options_elsewhere(page, make, name, meant):
    thrown = page.attempt(f"return {make}")
    assert thrown["thrown"] == "TypeError"
    assert f'unknown option "{name}"; did you mean {meant}' in thrown["message"]


# -- values that cannot be used --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ("{ permalink: 'get' }", "method: missing"),
        ("{ method: 'GET' }", "permalink: undefined"),
        ("{ permalink: '../admin', method: 'GET' }", "permalink: ../admin"),
        ("{ permalink: '', method: 'GET' }", "permalink"),
        ("{ permalink: 'post', method: 'POST', payload: '{}' }", "payload: give a plain object"),
        ("{ permalink: 'post', method: 'POST', payload: '' }", "payload: give a plain object"),
        ("{ permalink: 'post', method: 'POST', payload: 0 }", "payload: give a plain object"),
        ("{ permalink: 'post', method: 'POST', payload: new Map() }", "payload: give a plain object"),
        ("{ permalink: 'post', method: 'POST', payload: new FormData() }", "payload: give a plain object"),
        ("{ permalink: 'get', method: 'GET', payload: {} }", "payload: only with POST,PUT,PATCH"),
        ("{ permalink: 'get', method: 'DELETE', payload: {} }", "payload: only with POST,PUT,PATCH"),
        ("{ permalink: 'get', method: 'GET', queryParams: 'q=1' }", "queryParams: give a plain object"),
        ("{ permalink: 'get', method: 'GET', queryParams: new URLSearchParams() }", "queryParams: give"),
        ("{ permalink: 'get', method: 'GET', queryParams: { q: {} } }", "queryParams.q"),
        ("{ permalink: 'get', method: 'GET', queryParams: { q: [[1]] } }", "queryParams.q"),
        ("{ permalink: 'get', method: 'GET', queryParams: { q: new Date() } }", "queryParams.q"),
        ("{ permalink: 'get', method: 'GET', headers: new Headers() }", "headers: give a plain object"),
        ("{ permalink: 'get', method: 'GET', timeout: 0 }", "timeout: 0"),
        ("{ permalink: 'get', method: 'GET', timeout: -1 }", "timeout: -1"),
        ("{ permalink: 'get', method: 'GET', timeout: Infinity }", "timeout: Infinity"),
        ("{ permalink: 'get', method: 'GET', timeout: 2 ** 31 }", "timeout: 2147483648"),
        ("{ permalink: 'get', method: 'GET', timeout: 'soon' }", "timeout: soon"),
        ("undefined", "execute: give a plain object"),
        ("'get'", "execute: give a plain object"),
    ],
)
def test_values_of_a_call(page, world, options, part):
    thrown = page.attempt(f"return await make().execute({options})")
    assert thrown["thrown"] == "TypeError" and part in thrown["message"]
    assert world.api.requests == []


@pytest.mark.parametrize(
    ("make", "part"),
    [
        ("sdk.createClient({ baseUrl: 'data:,x' })", "baseUrl"),
        ("sdk.createClient({ baseUrl: 'http://' })", "Invalid URL"),
        ("sdk.createClient({ timeout: 0 })", "timeout"),
        ("sdk.createClient({ headers: [] })", "headers"),
        ("sdk.createClient({ headers: { 'a b': '1' } })", "Invalid name"),
        ("sdk.createClient(null)", "createClient"),
        ("make().configure({ timeout: NaN })", "timeout: NaN"),
        ("make().configure()", "configure"),
        ("make().updateHeaders('x')", "headers"),
        ("make().setDefaultTimeout()", "timeout: undefined"),
    ],
)
def test_values_of_a_client(page, make, part):
    thrown = page.attempt(f"return {make}")
    assert thrown["thrown"] == "TypeError" and part in thrown["message"]


def test_objects_of_other_frames_count(page, world):
    script = """const frame = document.body.appendChild(document.createElement("iframe"));
    const payload = frame.contentWindow.JSON.parse('{"a": 1}');
    const { body } = await make().execute({ permalink: "post", method: "POST", payload });
    frame.remove();
    return body;"""
    assert page.run(script) == '{"a":1}'


# -- defaults --------------------------------------------------------------------------------------


def test_configure_is_partial(page):
    script = """const client = make({ headers: { "X-A": "1" }, timeout: 5000 });
    client.configure({ timeout: 6000 });
    const first = [client.getHeaders(), client.getDefaultTimeout()];
    client.configure({ headers: { "X-B": "2" } });
    client.configure({});
    client.configure({ timeout: undefined, headers: null });
    return [...first, client.getHeaders(), client.getDefaultTimeout()];"""
    assert page.run(script) == [{"x-a": "1"}, 6000, {"x-b": "2"}, 6000]


def test_a_refused_configure_changes_nothing(page):
    script = """const client = make({ headers: { "X-A": "1" } });
    try { client.configure({ headers: { "X-B": "2" }, timeout: 0 }); } catch {}
    return client.getHeaders();"""
    assert page.run(script) == {"x-a": "1"}


def test_update_headers(page, world):
    script = """const client = make({ headers: { "X-A": "1", "X-Language": "pl", "X-C": "3" } });
    client.updateHeaders({ "x-a": "2", "X-Language": null, "X-C": undefined, "X-D": "4" });
    const copy = client.getHeaders();
    copy["x-d"] = "5";
    await client.execute({ permalink: "language", method: "GET" });
    return client.getHeaders();"""
    assert page.run(script) == {"x-a": "2", "x-d": "4"}
    assert world.received("/language").header("X-Language") == "en"


def test_the_given_headers_are_copied(page):
    script = """const headers = { "X-A": "1" };
    const client = make({ headers });
    headers["X-A"] = "2";
    return client.getHeaders();"""
    assert page.run(script) == {"x-a": "1"}


def test_clients_do_not_share_defaults(page):
    script = """const [one, two] = [make(), make()];
    one.configure({ timeout: 1, headers: { "X-A": "1" } });
    return [two.getDefaultTimeout(), two.getHeaders()];"""
    assert page.run(script) == [30000, {}]
