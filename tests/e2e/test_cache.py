"""The HTTP cache on a real gateway with two workers."""

import json
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest
from gateway import Gateway

from sealgate.testing import FakeApi, keys

FRESH = [("Content-Type", "application/json"), ("Cache-Control", "max-age=3600")]


def answers(api, headers=FRESH, body=b'{"n": 1}', status=200, times=1000):
    api.reply_with(status, headers, body, times=times)


def timing(answer):
    return json.loads(answer.header("X-Connector-Timing"))


def until(holds):
    """Writes to the shared storage end after the reply: wait for their effect."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def entries(gateway, permalink):
    if not (gateway.data / "http-cache.db").exists():
        return 0
    with sqlite3.connect(f"file:{gateway.data}/http-cache.db?mode=ro", uri=True) as cache:
        (count,) = cache.execute("SELECT count(*) FROM entries WHERE permalink = ?", (permalink,)).fetchone()
        return count


def test_a_fresh_response_is_served_without_the_api_by_every_worker(gateway, api):
    answers(api)
    permalink = gateway.connector({"url": f"{api.origin}/x"})
    first = gateway.call(permalink)
    assert (timing(first)["cache_hit"], first.header("Age")) == (False, None)
    until(lambda: entries(gateway, permalink) == 1)
    for answer in [gateway.call(permalink) for _ in range(20)]:
        assert (answer.status, answer.json) == (200, {"n": 1})
        assert answer.header("Age") is not None and answer.header("Content-Type") == "application/json"
        assert 'desc="Cache Hit"' in answer.header("Server-Timing")
        assert "external" not in answer.header("Server-Timing")
        assert timing(answer)["cache_hit"] is True and "external_host" not in timing(answer)
    assert len(api.requests) == 1


@pytest.mark.parametrize("control", ["no-store", "no-cache", "private, max-age=60", "max-age=0", ""])
def test_what_may_not_be_stored_is_asked_for_each_time(gateway, api, control):
    answers(api, [("Cache-Control", control)])
    permalink = gateway.connector({"url": f"{api.origin}/x"})
    for _ in range(3):
        assert timing(gateway.call(permalink))["cache_hit"] is False
    assert len(api.requests) == 3


def test_a_304_makes_the_stored_body_the_answer(gateway, api):
    api.reply_with(200, [("ETag", '"v1"')], b"body")
    api.reply_with(304, [("ETag", '"v1"')], times=10)
    permalink = gateway.connector({"url": f"{api.origin}/x"})
    assert gateway.call(permalink).body == b"body"
    until(lambda: entries(gateway, permalink) == 1)
    answer = gateway.call(permalink)
    assert (answer.status, answer.body, timing(answer)["cache_hit"]) == (200, b"body", True)
    assert timing(answer)["external_host"] == "127.0.0.1"
    assert api.requests[-1].header("If-None-Match") == '"v1"'


def test_callers_conditions_and_directives_do_not_reach_the_cache(gateway, api):
    answers(api, [*FRESH, ("ETag", '"v1"')])
    permalink = gateway.connector({"url": f"{api.origin}/x"})
    gateway.call(permalink)
    until(lambda: entries(gateway, permalink) == 1)
    for headers in ({"If-None-Match": '"v1"'}, {"Cache-Control": "no-cache"}, {"Pragma": "no-cache"}):
        assert gateway.call(permalink, headers=headers).status == 200
    assert len(api.requests) == 1


def test_users_of_a_templated_header_never_share(gateway, api):
    answers(api, [*FRESH[1:], ("Cache-Control", "public")])
    permalink = gateway.connector(
        {"url": f"{api.origin}/x", "headers": [{"key": "X-User", "value": "{{ user.email }}"}]}
    )
    for name in ("ada", "bob"):
        gateway.call(permalink, user={"sub": name, "email": f"{name}@example.com"})
    assert [request.header("X-User") for request in api.requests] == ["ada@example.com", "bob@example.com"]


@pytest.mark.parametrize(("control", "requests"), [("public, max-age=60", 1), ("max-age=60", 2)])
def test_users_share_what_says_public_where_the_connector_permits(gateway, api, control, requests):
    answers(api, [("Cache-Control", control)])
    permalink = gateway.connector(
        {
            "url": f"{api.origin}/x",
            "headers": [{"key": "X-User", "value": "{{ user.email }}"}],
            "share_cached": True,
        }
    )
    gateway.call(permalink, user={"sub": "ada", "email": "ada@example.com"})
    until(lambda: entries(gateway, permalink) == 1)
    gateway.call(permalink, user={"sub": "bob", "email": "bob@example.com"})
    assert len(api.requests) == requests


def test_a_fresh_signature_does_not_empty_the_cache(gateway, api):
    answers(api)
    gateway.secret("cache_pk", keys.rsa_key(name="cache").private_pem)
    claims = {"sub": "x", "jti": "id-{{ now() }}", "iat": "{{ now() }}", "exp": "{{ now(60) }}"}
    config = {"private_key": "{{ get_secret('cache_pk') }}", "claims": claims}
    permalink = gateway.connector(
        {"url": f"{api.origin}/x", "authentication": {"type": "jwt", "config": config}}
    )
    gateway.call(permalink)
    until(lambda: entries(gateway, permalink) == 1)
    assert timing(gateway.call(permalink))["cache_hit"] is True
    assert len(api.requests) == 1


def test_the_response_template_runs_for_each_user_on_a_hit(gateway, api):
    answers(api)
    permalink = gateway.connector(
        {"url": f"{api.origin}/x", "response_body": "{{ user.email }}:{{ (response.body | from_json).n }}"}
    )
    for name in ("ada", "bob"):
        answer = gateway.call(permalink, user={"sub": name, "email": f"{name}@example.com"})
        assert answer.body == f"{name}@example.com:1".encode()
        until(lambda: entries(gateway, permalink) == 1)
    assert len(api.requests) == 1


def test_vary_selects(gateway, api):
    answers(api, [*FRESH, ("Vary", "Accept-Language")])
    permalink = gateway.connector({"url": f"{api.origin}/x"})
    for number, language in enumerate(("en", "de"), 1):
        gateway.call(permalink, headers={"Accept-Language": language})
        until(lambda wanted=number: entries(gateway, permalink) == wanted)
    for language in ("en", "de", "en"):
        assert timing(gateway.call(permalink, headers={"Accept-Language": language}))["cache_hit"] is True
    assert len(api.requests) == 2


def test_50_callers_on_a_miss_make_one_request(gateway):
    class Slow(FakeApi):
        def answer(self, received):
            self.closing.wait(0.5)
            return super().answer(received)

    with Slow() as api:
        answers(api)
        permalink = gateway.connector({"url": f"{api.origin}/x"})
        with ThreadPoolExecutor(50) as pool:
            statuses = list(pool.map(lambda _: gateway.call(permalink).status, range(50)))
        assert statuses == [200] * 50
        assert len(api.requests) == 1


def test_a_purge_is_in_force_in_every_worker(gateway, api):
    answers(api)
    permalink = gateway.connector({"url": f"{api.origin}/x"})
    for purge in (
        lambda: gateway.admin("POST", "/api/v1/cache/purge", {"permalink": permalink}).json["purged"],
        lambda: gateway.admin("POST", "/api/v1/cache/purge", {}).json["purged"],
        lambda: _purge_by_command(gateway, permalink),
    ):
        before = len(api.requests)
        gateway.call(permalink)
        until(lambda: entries(gateway, permalink) == 1)
        assert [timing(gateway.call(permalink))["cache_hit"] for _ in range(10)] == [True] * 10
        assert purge() >= 1
        assert timing(gateway.call(permalink))["cache_hit"] is False
        assert len(api.requests) == before + 2
        gateway.admin("POST", "/api/v1/cache/purge", {"permalink": permalink})


def _purge_by_command(gateway, permalink):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sealgate",
            "cache",
            "purge",
            permalink,
            "--json",
            "--data",
            str(gateway.data),
        ],
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)["purged"]


def test_a_changed_connector_does_not_meet_old_entries(gateway, api):
    answers(api)
    permalink = gateway.connector({"name": "Cached and changed", "url": f"{api.origin}/x"})
    gateway.call(permalink)
    until(lambda: entries(gateway, permalink) == 1)
    document = {"name": "Cached and changed", "url": f"{api.origin}/x", "forward_query": False}
    assert gateway.admin("PUT", f"/api/v1/connectors/{permalink}", document).status == 200
    gateway.settle()
    assert timing(gateway.call(permalink))["cache_hit"] is False


def test_test_connection_neither_reads_nor_writes(gateway, api):
    answers(api)
    permalink = gateway.connector({"url": f"{api.origin}/x"})
    for _ in range(2):
        gateway.admin("POST", "/api/v1/test", {"permalink": permalink})
    assert len(api.requests) == 2 and entries(gateway, permalink) == 0


def test_a_stale_response_is_served_while_one_refresh_runs(gateway, api):
    stale = ("Cache-Control", "max-age=1, stale-while-revalidate=3600")
    answers(api, [stale, ("Date", formatdate(time.time() - 10, usegmt=True))])
    permalink = gateway.connector({"url": f"{api.origin}/x"})
    gateway.call(permalink)
    until(lambda: entries(gateway, permalink) == 1)
    assert timing(gateway.call(permalink))["cache_hit"] is True
    until(lambda: len(api.requests) == 2)


@pytest.mark.parametrize(("control", "status"), [("stale-if-error=3600", 200), ("must-revalidate", 503)])
def test_a_stale_response_stands_in_for_an_error_when_the_api_says_so(gateway, api, control, status):
    made = formatdate(time.time() - 10, usegmt=True)
    headers = [("Cache-Control", f"max-age=1, {control}"), ("Date", made), ("ETag", '"v1"')]
    api.reply_with(200, headers, b"kept")
    answers(api, (), b"down", 503)
    permalink = gateway.connector({"url": f"{api.origin}/x"})
    gateway.call(permalink)
    until(lambda: entries(gateway, permalink) == 1)
    assert gateway.call(permalink).status == status


def test_neither_body_nor_secret_can_be_read_in_the_files(gateway, api):
    gateway.secret("cache_key", "the-key-of-the-cached-api")
    answers(api, FRESH, b"the-body-that-must-not-be-readable")
    header = {"key": "X-Key", "value": "{{ get_secret('cache_key') }}"}
    permalink = gateway.connector({"url": f"{api.origin}/x", "headers": [header]})
    gateway.call(permalink)
    until(lambda: entries(gateway, permalink) == 1)
    files = list(gateway.data.glob("http-cache*"))
    assert len(files) >= 2
    for file in files:
        assert b"the-body-that-must-not-be-readable" not in file.read_bytes()
    gateway.search_files()


def test_the_size_is_bounded_and_a_broken_file_is_made_anew(tmp_path, api):
    with Gateway(tmp_path, SEALGATE_CACHE_SIZE="200000", SEALGATE_WORKERS="1") as gateway:
        answers(api, FRESH, b"x" * 15_000)
        permalink = gateway.connector({"url": f"{api.origin}/x"})
        for number in range(30):
            gateway.call(permalink, query=f"n={number}")
        until(lambda: 0 < entries(gateway, permalink) <= 13)
        file = gateway.data / "http-cache.db"
        gateway.stop()
        file.write_bytes(b"this is no database" * 1000)
        gateway.start()
        gateway.call(permalink)
        gateway.call(permalink)
        until(lambda: entries(gateway, permalink) >= 1)


def test_no_size_no_cache(tmp_path, api):
    with Gateway(tmp_path, SEALGATE_CACHE_SIZE="0", SEALGATE_WORKERS="1") as gateway:
        answers(api)
        permalink = gateway.connector({"url": f"{api.origin}/x"})
        assert [timing(gateway.call(permalink))["cache_hit"] for _ in range(3)] == [False] * 3
        assert not list(gateway.data.glob("http-cache*"))
