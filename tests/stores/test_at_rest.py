"""A canary: no secret lies readable in any file of the data directory, in whatever form."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from sealgate.secret import Secret
from sealgate.settings import Settings
from sealgate.stores import SqlStore
from sealgate.stores.key_file import KeyFile
from sealgate.stores.ports import CachedToken, TokenFailure

CANARIES = {
    "secret": 'c4nary-old/&"ü\\1',
    "replaced": 'c4nary-new/&"ü\\2',
    "token": 'Bearer c4nary-token+/"3',
    "failure": 'bad client_secret c4nary-failure/"4',
}


def forms(value: bytes) -> Iterator[bytes]:
    """The value plain, in hex, in base64 at each of its three alignments, URL- and JSON-escaped."""
    yield value
    yield value.hex().encode()
    yield value.hex().upper().encode()
    for skipped in range(3):
        whole = value[skipped : skipped + (len(value) - skipped) // 3 * 3]
        yield base64.b64encode(whole)
        yield base64.urlsafe_b64encode(whole)
    text = value.decode()
    yield quote(text, safe="").encode()
    yield quote_plus(text).encode()
    yield json.dumps(text)[1:-1].encode()
    yield json.dumps(text, ensure_ascii=False)[1:-1].encode()


async def test_no_file_shows_a_secret(store: SqlStore, settings: Settings) -> None:
    await store.put_variable("default", "plain", "v4riable", actor="ada")
    await store.put_secret("default", "s", Secret(CANARIES["secret"]), actor="ada")
    await store.put_secret("default", "s", Secret(CANARIES["replaced"]), actor="ada")
    token = CachedToken("header", "Authorization", Secret(CANARIES["token"]), 1e6, 2e6, 1.5e6)
    await store.tokens.store("k", "me", token)
    failure = TokenFailure("detail", "TOKEN_REQUEST_FAILED", 400, None, CANARIES["failure"], 1, 1e6)
    await store.tokens.fail("k", "me", failure)
    _, text = await store.create_api_token("default", "ci", frozenset({"read"}), actor="ada")

    def assert_nothing_shows(expected: set[str]) -> None:
        files = {path.name: path.read_bytes() for path in settings.data.iterdir()}
        assert expected <= set(files)
        found = b"".join(files.values())
        assert b"v4riable" in found
        for canary in (*CANARIES.values(), text.reveal(), text.reveal().removeprefix("sgt_")):
            for form in forms(canary.encode()):
                assert form not in found, canary

    assert_nothing_shows({"sealgate.db", "sealgate.db-wal"})
    await store.close()
    assert_nothing_shows({"sealgate.db"})


async def test_the_operators_key_is_in_no_other_file(store: SqlStore, settings: Settings) -> None:
    key = KeyFile(settings.master_key_file).read().reveal()
    await store.put_secret("default", "s", Secret("value"), actor="ada")
    for path in settings.data.iterdir():
        if path != settings.master_key_file:
            content = path.read_bytes()
            assert key not in content
            assert base64.b64encode(key) not in content
            assert key.hex().encode() not in content
