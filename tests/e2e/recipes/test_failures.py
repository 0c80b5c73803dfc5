"""R27 of the recipes (REFERENCE section 16). R22 and R25, other failures, stand beside what they break."""

import json

import pytest
from gateway import Gateway

from sealgate.testing import FakeApi

SECONDS = 1


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    """A gateway that waits one second where others wait fifteen, and an API."""
    timeout = {"SEALGATE_UPSTREAM_TIMEOUT": str(SECONDS)}
    with FakeApi() as api, Gateway(tmp_path_factory.mktemp("impatient"), **timeout) as gateway:
        yield gateway, api


def test_r27_a_timeout_is_said_as_documented(impatient):
    gateway, api = impatient
    answer = gateway.call(gateway.connector({"url": f"{api.origin}/slow/5"}))
    assert (answer.status, answer.code) == (502, "UPSTREAM_TIMEOUT")
    assert answer.json["success"] is False
    assert answer.json["errors"]["scope"] == "Downstream (network/external service)"
    timing = json.loads(answer.header("X-Connector-Timing"))
    assert timing["request_id"] == answer.json["request_id"] == answer.header("X-Request-ID")
    assert timing["timeout"] is True and timing["external_host"] == "127.0.0.1"
    assert 900 * SECONDS <= timing["external_ms"] < 4000 * SECONDS
    assert timing["breakdown"]["http_request_ms"] == timing["external_ms"]
    entry = f'external;dur={timing["external_ms"]};desc="Timeout"'
    assert entry in answer.header("Server-Timing").split(", ")
