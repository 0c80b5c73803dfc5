"""The SDK's files as they are served, and that an installed package has them."""

import gzip
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sealgate.errors import MethodNotAllowed
from sealgate.web.sdk import CHECKOUT, TYPES, Sdk, accepts_gzip

PROJECT = Path(__file__).parents[2]
SCRIPT = "text/javascript; charset=utf-8"
TYPESCRIPT = "application/typescript; charset=utf-8"


def get(path, *fields, base="", method="GET"):
    reply = Sdk(base).answer(method, path, fields)
    return reply and (reply.status, dict(reply.headers), reply.body)


@pytest.mark.parametrize(
    ("base", "path", "file", "kind"),
    [
        ("", "/sdk/sealgate.js", "sealgate.js", SCRIPT),
        ("", "/sdk/adapter.js", "adapter.js", SCRIPT),
        ("", "/sdk/sealgate.d.ts", "sealgate.d.ts", TYPESCRIPT),
        ("", "/sdk/adapter.d.ts", "adapter.d.ts", TYPESCRIPT),
        ("", "/t/acme/sdk/sealgate.js", "sealgate.js", SCRIPT),
        ("/a.b/c", "/a.b/c/sdk/sealgate.js", "sealgate.js", SCRIPT),
        ("/a.b/c", "/a.b/c/t/acme/sdk/adapter.js", "adapter.js", SCRIPT),
    ],
)
def test_where_the_files_are(base, path, file, kind):
    status, headers, body = get(path, base=base)
    assert (status, headers["content-type"]) == (200, kind)
    assert body == (PROJECT / "sdk" / file).read_bytes()
    assert headers["cache-control"] == "public, max-age=300"
    assert headers["vary"] == "Accept-Encoding"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch(r'"[0-9a-f]{32}"', headers["etag"])


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("", "/sdk"), ("", "/sdk/"), ("", "/sdk/package.json"), ("", "/sdk/../sdk/sealgate.js"),
        ("", "/sdk/sealgateXjs"), ("", "/x/sdk/sealgate.js"), ("", "/t//sdk/sealgate.js"),
        ("", "/sdk/sealgate.js/"), ("/a.b", "/sdk/sealgate.js"), ("/a.b", "/aXb/sdk/sealgate.js"),
    ],
)  # fmt: skip
def test_nothing_else_is_a_file(base, path):
    assert get(path, base=base) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_files_are_only_read(method):
    with pytest.raises(MethodNotAllowed) as raised:
        get("/sdk/sealgate.js", method=method)
    assert raised.value.headers == {"allow": "GET, HEAD"}


@pytest.mark.parametrize(
    ("wanted", "compressed"),
    [
        (None, False), ("", False), ("br", False), ("*", False), ("gzip", True), ("br, GZIP", True),
        ("x-gzip", True), ("gzip;q=0.5, br", True), ("gzip; q=0", False), ("gzip;q=0.000", False),
        ("gzipped", False), ("deflate, gzip;q=1.0, *;q=0.5", True),
    ],
)  # fmt: skip
def test_a_file_is_compressed_for_who_takes_that(wanted, compressed):
    fields = () if wanted is None else (("accept-encoding", wanted),)
    assert accepts_gzip(fields) is compressed
    _, headers, body = get("/sdk/sealgate.js", *fields)
    plain = get("/sdk/sealgate.js")
    assert (headers.get("content-encoding") == "gzip") is compressed
    assert (gzip.decompress(body) if compressed else body) == plain[2]
    assert (headers["etag"] != plain[1]["etag"]) is compressed


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ("{tag}", 304), ("W/{tag}", 304), ('"other", {tag}', 304), ("*", 304),
        ('"other"', 200), ("{bare}", 200), ("", 200),
    ],
)  # fmt: skip
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_what_the_client_has_is_not_sent_again(known, status, coding):
    fields = (("accept-encoding", coding),)
    tag = get("/sdk/sealgate.js", *fields)[1]["etag"]
    known = known.format(tag=tag, bare=tag.strip('"'))
    found, headers, body = get("/sdk/sealgate.js", *fields, ("if-none-match", known))
    assert (found, headers["etag"]) == (status, tag)
    assert (body == b"") is (status == 304)
    assert headers["vary"] == "Accept-Encoding" and headers["cache-control"] == "public, max-age=300"


def test_the_tag_of_another_coding_does_not_match():
    plain = get("/sdk/sealgate.js")[1]["etag"]
    assert get("/sdk/sealgate.js", ("accept-encoding", "gzip"), ("if-none-match", plain))[0] == 200


def test_a_wheel_has_the_files_where_they_are_looked_for(tmp_path, monkeypatch):
    from hatchling.build import build_wheel

    monkeypatch.chdir(PROJECT)
    with zipfile.ZipFile(tmp_path / build_wheel(str(tmp_path))) as wheel:
        wheel.extractall(tmp_path / "installed")
    folder = tmp_path / "installed" / "sealgate" / "web" / "sdk_files"
    assert {path.name for path in folder.iterdir()} == set(TYPES)
    program = "from sealgate.web.sdk import Sdk, sdk_folder; Sdk(''); print(sdk_folder())"
    environment = {"PYTHONPATH": str(tmp_path / "installed")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == str(folder), done.stderr
    for name in TYPES:
        assert (folder / name).read_bytes() == (CHECKOUT / name).read_bytes()


def test_an_installation_without_the_files_says_which_are_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=re.escape("sealgate.js")):
        Sdk("", tmp_path)
