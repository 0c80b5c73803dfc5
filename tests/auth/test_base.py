"""The fingerprint is the token cache's key: no input of a credential may be missing from it."""

import pytest

from sealgate.auth.base import RenderedUrl, fingerprint
from sealgate.auth.client_credentials import ClientCredentials
from sealgate.auth.jwt_bearer import JwtBearer
from sealgate.message import Origin
from sealgate.secret import Secret

KEY = b"k" * 32
URL = RenderedUrl(Origin("https", "idp.example", 443), "/token")
OTHER = [
    RenderedUrl(Origin("https", "idp.example", 8443), "/token"),
    RenderedUrl(Origin("https", "idp.example", 443), "/token?tenant=2"),
    RenderedUrl(Origin("https", "idp2.example", 443), "/token"),
]
CLIENT = {"client_id": "i", "client_secret": Secret("s"), "token_url": URL, "scope": "a"}
BEARER = {
    "client_id": "i",
    "private_key": Secret("k"),
    "token_url": URL,
    "subject": "ada@example.com",
    "audience": "a",
    "additional_claims": {"scope": "x", "deep": {"list": [1, Secret("s")]}},
}


def client(**members):
    return fingerprint(ClientCredentials.from_rendered(CLIENT | members), KEY, "t1")


def bearer(**members):
    return fingerprint(JwtBearer.from_rendered(BEARER | members), KEY, "t1")


@pytest.mark.parametrize(
    "members",
    [
        {"client_id": "j"},
        {"client_secret": Secret("t")},
        {"scope": "b"},
        {"scope": ""},
        *({"token_url": url} for url in OTHER),
    ],
)
def test_client_credentials(members):
    assert client(**members) != client()


@pytest.mark.parametrize(
    "members",
    [
        {"client_id": "j"},
        {"private_key": Secret("l")},
        {"subject": "bob@example.com"},
        {"audience": "b"},
        {"token_ttl": 60},
        {"algorithm": "ES256"},
        {"passphrase": Secret("p")},
        {"jwt_headers": {"kid": "1"}},
        {"additional_claims": {"scope": "x", "deep": {"list": [1, Secret("t")]}}},
        {"additional_claims": {}},
        *({"token_url": url} for url in OTHER),
    ],
)
def test_jwt_bearer(members):
    assert bearer(**members) != bearer()


def test_equal_values_share_and_tenants_never():
    first, again = (ClientCredentials.from_rendered(CLIENT) for _ in range(2))
    assert fingerprint(first, KEY, "t1") == fingerprint(again, KEY, "t1")
    assert fingerprint(first, KEY, "t1") != fingerprint(first, KEY, "t2")
    assert fingerprint(first, KEY, "t1") != fingerprint(first, b"other", "t1")


def test_odd_claims_have_a_key_as_well():
    odd = [{"a": 2**70}, {"a": "\ud800"}, {"a": 1}, {"a": "1"}]
    assert len({bearer(additional_claims=claims) for claims in odd}) == len(odd)


def test_whether_a_text_came_from_a_secret_makes_no_difference():
    assert client(client_id=Secret("i"), scope=Secret("a")) == client()
