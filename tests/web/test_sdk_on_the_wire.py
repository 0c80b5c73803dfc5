"""The SDK's files from a running data plane under a base path: what browsers and caches get."""

import gzip
from pathlib import Path

import pytest
from gateway import Gateway, exchange

BASE = "/widget-service"
FILE = f"{BASE}/sdk/sealgate.js"
SOURCE = (Path(__file__).parents[2] / "sdk" / "sealgate.js").read_bytes()


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with Gateway(
        tmp_path_factory.mktemp("sdk-files"), SEALGATE_BASE_PATH=BASE, SEALGATE_WORKERS="1"
    ) as running:
        yield running.port


@pytest.mark.parametrize("path", [FILE, f"{BASE}/t/acme/sdk/sealgate.js"])
def test_get(port, path):
    """For any page: no `SEALGATE_CORS_ORIGINS` is set here, and no caller is known."""
    answer = exchange(port, "GET", path, {"Origin": "https://anywhere.example"})
    assert (answer.status, answer.body) == (200, SOURCE)
    assert answer.header("Content-Type") == "text/javascript; charset=utf-8"
    assert answer.header("Content-Length") == str(len(SOURCE))
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert answer.header("Vary") == "Accept-Encoding"


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_is_get_without_the_body(port, coding):
    asked = {"Accept-Encoding": coding}
    got, headed = (exchange(port, method, FILE, asked) for method in ("GET", "HEAD"))
    assert (headed.status, headed.body) == (200, b"")
    names = ("Content-Type", "Content-Length", "Content-Encoding", "ETag", "Vary", "Cache-Control")
    assert [headed.header(name) for name in names] == [got.header(name) for name in names]


def test_compressed(port):
    answer = exchange(port, "GET", FILE, {"Accept-Encoding": "gzip, br"})
    assert (answer.header("Content-Encoding"), answer.header("Vary")) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(answer.body) == SOURCE and len(answer.body) < 4096
    assert answer.header("Content-Length") == str(len(answer.body))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_what_the_client_has_is_not_sent_again(port, method, coding):
    asked = {"Accept-Encoding": coding}
    tag = exchange(port, "GET", FILE, asked).header("ETag")
    answer = exchange(port, method, FILE, {**asked, "If-None-Match": tag})
    assert (answer.status, answer.body, answer.header("ETag")) == (304, b"", tag)
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert answer.header("Content-Encoding") is None


def test_files_are_only_read(port):
    answer = exchange(port, "POST", FILE, {}, b"{}")
    assert (answer.status, answer.code, answer.header("Allow")) == (405, "METHOD_NOT_ALLOWED", "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    ["/sdk/sealgate.js", f"{BASE}/sdk/package.json", f"{BASE}/sdk/", f"{BASE}/sdk/..%2fsdk/sealgate.js"],
)
def test_nothing_else_is_there(port, path):
    answer = exchange(port, "GET", path)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert answer.header("Access-Control-Allow-Origin") is None
