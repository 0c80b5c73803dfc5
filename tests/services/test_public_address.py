import pytest

from sealgate.errors import DocumentInvalid
from sealgate.services.key_pairs import key_set_url
from sealgate.services.public_address import data_plane_url
from sealgate.settings import Settings


@pytest.mark.parametrize(
    ("given", "tenant", "expected"),
    [
        ({}, "default", "http://127.0.0.1:8080"),
        ({"listen": "[::1]:1", "base_path": "/a"}, "acme", "http://[::1]:1/a/t/acme"),
        ({"public_url": "https://gateway.example.com"}, "default", "https://gateway.example.com"),
        ({"public_url": "https://Gateway.example.com:443/"}, "default", "https://gateway.example.com"),
        ({"public_url": "http://10.0.0.7:8000/a/b/"}, "default", "http://10.0.0.7:8000/a/b"),
        ({"public_url": "https://g.example", "base_path": "/a"}, "acme", "https://g.example/t/acme"),
    ],
)
def test_where_others_reach_the_data_plane(given, tenant, expected):
    settings = Settings(**given)
    assert data_plane_url(settings, tenant) == expected
    assert key_set_url(settings, tenant) == f"{expected}/.well-known/jwks.json"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "http"),
        ("gateway.example.com", "http"),
        ("javascript:alert(1)", "http"),
        ("https://user:canary@gateway.example.com", "user"),
        ("https://gateway.example.com/?", "query"),
        ("https://gateway.example.com/a?key=canary", "query"),
        ("https://gateway.example.com/#a", "fragment"),
        ("https://gateway.example.com/a b", "percent"),
    ],
)
def test_urls_that_are_none(url, why):
    with pytest.raises(DocumentInvalid) as caught:
        data_plane_url(Settings(public_url=url))
    (fault,) = caught.value.fields
    assert fault.path == "SEALGATE_PUBLIC_URL" and why in fault.message.lower() and fault.hint
    assert "canary" not in str(fault)
