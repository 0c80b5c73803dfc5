"""A gateway whose only way out is a proxy."""

import os
import secrets
import subprocess
import sys

import pytest
from gateway import Gateway

from sealgate.testing import ConnectProxy

PASSWORD = secrets.token_hex(16)


@pytest.fixture(scope="module")
def proxy():
    with ConnectProxy(user="gateway", password=PASSWORD) as running:
        yield running


def behind(directory, proxy, password):
    """Its canaries: the proxy's password, in every form, and the field that carries it."""
    url = proxy.url.replace("://", f"://gateway:{password}@")
    gateway = Gateway(directory, SEALGATE_EGRESS_PROXY=url, SEALGATE_WORKERS="1")
    gateway.canaries |= {password, f"gateway:{password}"}
    return gateway


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, proxy):
    with behind(tmp_path_factory.mktemp("behind"), proxy, PASSWORD) as running:
        yield running


def connector(api, oauth, gateway):
    gateway.secret("client_secret", "secret-of-the-client-0001")
    oauth.add_client("client", "secret-of-the-client-0001", scopes=["a"])
    config = {
        "client_id": "client",
        "client_secret": "{{ get_secret('client_secret') }}",
        "token_url": oauth.token_url,
    }
    return {
        "url": f"{api.origin}/echo",
        "authentication": {"type": "oauth_client_credentials", "config": config},
    }


def test_calls_and_token_requests_go_by_the_proxy(gateway, api, oauth, proxy):
    assert gateway.call(gateway.connector(connector(api, oauth, gateway))).status == 200
    assert proxy.targets == [origin.removeprefix("http://") for origin in (oauth.origin, api.origin)]
    received = [name.lower() for request in (*api.requests, *oauth.requests) for name, _ in request.headers]
    assert received and not [name for name in received if name.startswith("proxy")]


def test_a_test_says_that_a_proxy_was_used(gateway, api, oauth, proxy):
    answer = gateway.test(connector={"name": "x", **connector(api, oauth, gateway)})
    assert answer.json["explain"]["connection"]["proxy"] == proxy.url


def test_a_wrong_password_is_said_and_shown_nowhere(tmp_path, api, oauth, proxy):
    with behind(tmp_path, proxy, f"wrong-{secrets.token_hex(16)}") as gateway:
        with_token = connector(api, oauth, gateway)
        plain = {"url": with_token["url"]}
        for document, code in ((with_token, "TOKEN_REQUEST_FAILED"), (plain, "UPSTREAM_UNREACHABLE")):
            answer = gateway.call(gateway.connector(document))
            assert (answer.status, answer.code) == (502, code)
            assert "egress proxy" in answer.json["errors"]["detail"]
            tested = gateway.test(connector={"name": "x", **document})
            assert tested.json["errors"]["code"] == code
    assert not api.requests and not oauth.requests


def test_the_settings_do_not_show_it(gateway):
    for more in ((), ("--json",)):
        shown = subprocess.run(
            [sys.executable, "-m", "sealgate", "config", "check", *more],
            env={**os.environ, **gateway.environment},
            capture_output=True,
            check=True,
            cwd=gateway.directory,
        )
        gateway.search(shown.stdout + shown.stderr, "config check")
        assert b"http://(set)@127.0.0.1:" in shown.stdout
