import pytest

from sealgate.message import Fields
from sealgate.web.cors import Cors

PAGE = "https://app.example"


@pytest.mark.parametrize(
    ("origins", "origin", "credentials", "expected"),
    [
        ((), PAGE, False, {}),
        ((PAGE,), None, False, {"vary": "Origin"}),
        ((PAGE,), "https://evil.example", False, {"vary": "Origin"}),
        ((PAGE,), "null", True, {"vary": "Origin"}),
        ((PAGE,), "*", True, {"vary": "Origin"}),
        ((PAGE,), "http://app.example", True, {"vary": "Origin"}),
        ((PAGE,), "https://app.example.evil.example", True, {"vary": "Origin"}),
        (("https://APP.example:443/",), PAGE, False, {"access-control-allow-origin": PAGE}),
        (
            (PAGE,), PAGE, True,
            {"access-control-allow-origin": PAGE, "access-control-allow-credentials": "true"},
        ),
    ],
)  # fmt: skip
def test_replies(origins, origin, credentials, expected):
    fields = Fields([("origin", origin)] if origin is not None else [])
    told = dict(Cors(origins, credentials=credentials).headers(fields))
    assert expected.items() <= told.items()
    granted = {name for name in told if name.startswith("access-control-allow")}
    assert granted == {name for name in expected if name.startswith("access-control-allow")}


def preflight(*, method="OPTIONS", origin=PAGE, asked="POST", names=None):
    rows = (
        ("origin", origin),
        ("access-control-request-method", asked),
        ("access-control-request-headers", names),
    )
    fields = Fields((name, value) for name, value in rows if value is not None)
    return Cors([PAGE], credentials=False).preflight(method, fields)


@pytest.mark.parametrize(
    "request_", [{"method": "GET"}, {"origin": None}, {"asked": None}, {"origin": "https://evil.example"}]
)
def test_what_is_no_preflight_of_a_known_page_is_an_ordinary_request(request_):
    assert preflight(**request_) is None


@pytest.mark.parametrize(
    ("names", "granted"),
    [
        ("x-csrf-token, x-path-params", "x-csrf-token, x-path-params"),
        (None, None),
        ("a\r\nx-evil: 1", None),
        ("é", None),
    ],
)
def test_a_preflight_grants_the_headers_that_are_asked_for(names, granted):
    answer = dict(preflight(names=names))
    assert answer["access-control-allow-origin"] == PAGE
    assert "PATCH" in answer["access-control-allow-methods"]
    assert answer.get("access-control-allow-headers") == granted
