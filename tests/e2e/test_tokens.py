"""Tokens on a real gateway with two workers and a real OAuth server."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sealgate.testing import keys


def client_credentials(gateway, oauth, name, **more):
    gateway.secret(f"{name}_secret", f"secret-of-{name}-0001")
    oauth.add_client(name, f"secret-of-{name}-0001", scopes=["a", "b"])
    return {
        "type": "oauth_client_credentials",
        "config": {
            "client_id": name,
            "client_secret": f"{{{{ get_secret('{name}_secret') }}}}",
            "token_url": oauth.token_url,
            **more,
        },
    }


def tokens_used(api):
    return [received.header("Authorization") for received in api.requests]


def test_500_concurrent_calls_on_no_token_make_one_token_request(gateway, api, oauth):
    oauth.misbehave("slow", 1, seconds=0.5)
    url = {"url": f"{api.origin}/x", "authentication": client_credentials(gateway, oauth, "crowd")}
    permalink = gateway.connector(url)
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _: gateway.call(permalink).status, range(500)))
    assert answers == [200] * 500
    assert len(oauth.token_requests) == 1
    assert len(set(tokens_used(api))) == 1


def test_connectors_share_a_token_when_all_four_values_are_equal(gateway, api, oauth):
    authentication = client_credentials(gateway, oauth, "shared", scope="a")
    same = [gateway.connector({"url": f"{api.origin}/{n}", "authentication": authentication}) for n in (1, 2)]
    other = client_credentials(gateway, oauth, "shared", scope="b")
    third = gateway.connector({"url": f"{api.origin}/3", "authentication": other})
    for permalink in (*same, third):
        assert gateway.call(permalink).status == 200
    first, second, different = tokens_used(api)
    assert first == second != different
    assert len(oauth.token_requests) == 2


def test_tenants_never_share_a_token(gateway, api, oauth):
    authentication = client_credentials(gateway, oauth, "tenants")
    document = {"name": "Tenants", "url": f"{api.origin}/x", "authentication": authentication}
    gateway.admin("PUT", "/t/other/api/v1/secrets/tenants_secret", {"value": "secret-of-tenants-0001"})
    assert gateway.admin("POST", "/t/other/api/v1/connectors", document).status == 201
    permalink = gateway.connector(document)
    assert gateway.call(permalink).status == 200
    assert gateway.call(permalink, tenant="other").status == 200
    assert len(oauth.token_requests) == 2 and len(set(tokens_used(api))) == 2


def test_two_users_of_a_templated_subject_get_two_tokens(gateway, api, oauth):
    pair = keys.rsa_key(name="subjects")
    gateway.secret("subjects_pk", pair.private_pem)
    oauth.add_key("subjects", pair.public_pem, "RS256")
    oauth.allow_subject("ada@example.com", "bob@example.com")
    config = {
        "client_id": "subjects",
        "private_key": "{{ get_secret('subjects_pk') }}",
        "token_url": oauth.token_url,
        "subject": "{{ user.email }}",
        "audience": oauth.token_url,
    }
    permalink = gateway.connector(
        {"url": f"{api.origin}/x", "authentication": {"type": "oauth_jwt_bearer", "config": config}}
    )
    for email in ("ada", "bob", "ada", "bob"):
        user = {"sub": email, "email": f"{email}@example.com"}
        assert gateway.call(permalink, user=user).status == 200
    assert [request.assertion_claims["sub"] for request in oauth.token_requests] == [
        "ada@example.com",
        "bob@example.com",
    ]
    ada, bob, ada_again, bob_again = tokens_used(api)
    assert ada == ada_again != bob == bob_again
    assert gateway.call(permalink).code == "USER_REQUIRED"


def test_a_rotated_secret_means_a_new_token_on_the_next_call(gateway, api, oauth):
    permalink = gateway.connector(
        {"url": f"{api.origin}/x", "authentication": client_credentials(gateway, oauth, "rotated")}
    )
    assert gateway.call(permalink).status == 200
    oauth.add_client("rotated", "secret-of-rotated-0002", scopes=["a"])
    gateway.secret("rotated_secret", "secret-of-rotated-0002")
    gateway.settle()
    assert gateway.call(permalink).status == 200
    assert len(oauth.token_requests) == 2 and all(request.verified for request in oauth.token_requests)


def test_a_refused_token_is_replaced_once_and_the_request_repeated(gateway, api, oauth):
    permalink = gateway.connector(
        {
            "url": f"{api.origin}/protected",
            "method": "POST",
            "authentication": client_credentials(gateway, oauth, "refused"),
        }
    )
    assert gateway.call(permalink, "POST", body=b"{}").status == 200
    oauth.revoke(oauth.issued[0].token)
    assert gateway.call(permalink, "POST", body=b'{"again":1}').status == 200
    assert len(oauth.token_requests) == 2
    assert [received.body for received in api.requests] == [b"{}", b'{"again":1}', b'{"again":1}']


def test_an_api_that_refuses_every_token_is_asked_twice_only(gateway, api, oauth):
    authentication = client_credentials(gateway, oauth, "never")
    permalink = gateway.connector({"url": f"{api.origin}/status/401", "authentication": authentication})
    assert gateway.call(permalink).status == 401
    assert len(api.requests) == 2 and len(oauth.token_requests) == 2


@pytest.mark.parametrize(
    "kind",
    ["empty", "html", "429", "500", "no_access_token", "mac_token_type", "redirect", "echo_request", "close"],
)
def test_nothing_bad_is_cached(gateway, api, oauth, kind):
    name = f"bad_{kind}"
    permalink = gateway.connector(
        {"url": f"{api.origin}/x", "authentication": client_credentials(gateway, oauth, name)}
    )
    oauth.misbehave(kind, 1)
    answer = gateway.call(permalink)
    assert (answer.status, answer.code) == (502, "TOKEN_REQUEST_FAILED")
    assert answer.json["errors"]["scope"] == "Authentication (token request)"
    assert gateway.call(permalink).code == "TOKEN_REQUEST_FAILED", "backing off"
    assert len(oauth.token_requests) == 1 and api.requests == []
    time.sleep(1.2)
    assert gateway.call(permalink).status == 200
    assert len(oauth.token_requests) == 2


def test_a_slow_token_endpoint_holds_nobody_for_long(gateway, api, oauth):
    permalink = gateway.connector(
        {"url": f"{api.origin}/x", "authentication": client_credentials(gateway, oauth, "down")}
    )
    oauth.misbehave("500")
    with ThreadPoolExecutor(50) as pool:
        codes = {answer.code for answer in pool.map(lambda _: gateway.call(permalink), range(200))}
    assert codes == {"TOKEN_REQUEST_FAILED"}
    assert len(oauth.token_requests) <= 3


def test_tokens_survive_a_restart(tmp_path, api, oauth):
    from gateway import Gateway

    with Gateway(tmp_path) as gateway:
        permalink = gateway.connector(
            {"url": f"{api.origin}/x", "authentication": client_credentials(gateway, oauth, "restart")}
        )
        assert gateway.call(permalink).status == 200
        gateway.canaries.add(oauth.issued[0].token)
        gateway.restart()
        assert gateway.call(permalink).status == 200
    assert len(oauth.token_requests) == 1
    assert len(set(tokens_used(api))) == 1
