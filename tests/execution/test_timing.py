"""The timing headers, to the letter of REFERENCE 10.4."""

import json
import re

from sealgate.execution.timing import Timing


def test_headers_of_a_run_that_reached_the_api():
    timing = Timing("8f0c")
    timing.external_host = "api.example.com"
    timing.add("setup", 1.0, 1.0002)
    timing.add("external", 1.0002, 1.5)
    headers = dict(timing.headers())
    assert headers["x-request-id"] == "8f0c"
    number = r"\d+\.\d"
    assert re.fullmatch(
        rf'setup;dur={number};desc="Setup", transform;dur={number};desc="Template", '
        rf'cache;dur={number};desc="Cache Miss", external;dur={number};desc="api.example.com", '
        rf'total;dur={number};desc="Total"',
        headers["server-timing"],
    )
    document = json.loads(headers["x-connector-timing"])
    assert list(document) == [
        "request_id", "total_ms", "internal_ms", "external_ms", "breakdown", "cache_hit", "external_host",
    ]  # fmt: skip
    assert list(document["breakdown"]) == ["setup_ms", "transform_ms", "cache_ms", "http_request_ms"]
    assert document["internal_ms"] == round(document["total_ms"] - document["external_ms"], 1)


def test_a_timeout_and_an_error_are_said():
    timing = Timing("1")
    timing.external_host, timing.timed_out, timing.error = "api.example.com", True, "Connection refusée"
    headers = dict(timing.headers())
    assert 'external;dur=0.0;desc="Timeout"' in headers["server-timing"]
    document = json.loads(headers["x-connector-timing"])
    assert document["timeout"] is True and document["error"] == "Connection refusée"
    assert headers["x-connector-timing"].isascii()


def test_nothing_external_is_said_when_nothing_left():
    headers = dict(Timing("1").headers())
    assert "external;" not in headers["server-timing"]
    assert "external_host" not in json.loads(headers["x-connector-timing"])
