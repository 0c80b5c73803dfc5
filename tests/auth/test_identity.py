"""Who is asking, without what only tells the time (DESIGN 6): the HTTP cache's key."""

import pytest

from sealgate.auth.base import RenderedUrl, fingerprint
from sealgate.auth.catalog import TYPES
from sealgate.message import Origin

KEY = b"k" * 32
JWT = {"private_key": "k", "claims": {"sub": "ada", "iat": "1", "exp": "2", "nbf": "1", "jti": "a"}}
BEARER = {
    "client_id": "c",
    "private_key": "k",
    "subject": "ada",
    "audience": "a",
    "token_url": RenderedUrl(Origin("https", "login.example.com", 443), "/"),
    "additional_claims": {"x": "1", "exp": "2", "jti": "a"},
}


def digest(kind, config):
    return fingerprint(TYPES[kind].value.from_rendered(config).identity(), KEY)


@pytest.mark.parametrize(
    ("kind", "config", "claims", "change", "same"),
    [
        ("jwt", JWT, "claims", {"iat": "5", "exp": "6", "nbf": "5", "jti": "b"}, True),
        ("jwt", JWT, "claims", {"sub": "bob"}, False),
        ("jwt", JWT, None, {"private_key": "other"}, False),
        ("oauth_jwt_bearer", BEARER, "additional_claims", {"exp": "6", "jti": "b"}, True),
        ("oauth_jwt_bearer", BEARER, "additional_claims", {"x": "2"}, False),
        ("oauth_jwt_bearer", BEARER, None, {"subject": "bob"}, False),
        ("api_key", {"key": "X", "value": "a", "in": "header"}, None, {"value": "b"}, False),
    ],
)
def test_identity(kind, config, claims, change, same):
    changed = {**config, claims: {**config[claims], **change}} if claims else {**config, **change}
    assert (digest(kind, config) == digest(kind, changed)) is same
