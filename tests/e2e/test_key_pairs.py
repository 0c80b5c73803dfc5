"""A connector signs with a key that was generated here; an API that knows only the published keys, and
an independent library, verifies what it gets."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gateway import Gateway, exchange
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError
from joserfc.jwk import KeySet

from sealgate.auth.key_pairs import KEY_PAIR_ALGORITHMS
from sealgate.testing import FakeApi


@pytest.fixture(scope="module")
def api() -> Iterator[FakeApi]:
    with FakeApi() as server:
        yield server


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("key-pairs"), SEALGATE_BASE_PATH="/base") as running:
        made = running.admin(
            "POST", "/api/v1/secrets/other/key-pair", {"algorithm": "RS256", "publish": True}
        )
        assert made.status == 201
        yield running


def key_set(gateway: Gateway, tenant: str = "") -> dict[str, Any]:
    answer = exchange(gateway.port, "GET", f"/base{tenant}/.well-known/jwks.json")
    assert (answer.status, answer.header("cache-control")) == (200, "public, max-age=300")
    gateway.search(answer.body, "the key set")
    return dict(answer.json)


def know_the_private_key(gateway: Gateway, name: str, tenant: str) -> None:
    """Make the private key a canary: read behind the server's back."""
    script = (
        "import asyncio, sys; from pathlib import Path; from sealgate.execution.engine import Engine; "
        "from sealgate.settings import Settings\n"
        "async def main():\n"
        "    async with await Engine.start(Settings(data=Path(sys.argv[1]))) as engine:\n"
        "        print(engine.tenant(sys.argv[3]).secrets[sys.argv[2]].reveal())\n"
        "asyncio.run(main())"
    )
    command = [sys.executable, "-c", script, str(gateway.data), name, tenant]
    pem = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "PRIVATE KEY" in pem
    gateway.canaries |= {pem.strip(), "".join(pem.strip().splitlines()[1:-1])}
    gateway.canaries |= {line for line in pem.splitlines() if len(line) > 40 and "-----" not in line}


def signed(gateway: Gateway, api: FakeApi, secret: str, algorithm: str, kid: str) -> str:
    config = {
        "private_key": f"{{{{ get_secret('{secret}') }}}}",
        "algorithm": algorithm,
        "claims": {"iss": "sealgate", "sub": "{{ user.email }}", "exp": "{{ now(60) }}"},
        "jwt_headers": {"kid": kid},
    }
    document = {"url": f"{api.origin}/x", "authentication": {"type": "jwt", "config": config}}
    permalink = gateway.connector(document)
    target = f"/base/connectors/{permalink}/execute"
    caller = {"Authorization": f"Bearer {gateway.session(sub='7', email='ada@example.com')}"}
    answer = exchange(gateway.port, "GET", target, caller)
    assert answer.status == 200, answer.body
    return str(api.requests[-1].header("Authorization")).removeprefix("Bearer ")


def verify(token: str, keys: dict[str, Any], algorithm: str) -> dict[str, Any]:
    return dict(jwt.decode(token, KeySet.import_key_set(keys), algorithms=[algorithm]).claims)


@pytest.mark.parametrize("algorithm", KEY_PAIR_ALGORITHMS)
def test_what_is_signed_is_verified(gateway: Gateway, api: FakeApi, algorithm: str) -> None:
    name = f"key_{algorithm}"
    made = gateway.admin(
        "POST", f"/api/v1/secrets/{name}/key-pair", {"algorithm": algorithm, "publish": True}
    )
    assert made.status == 201, made.body
    token = signed(gateway, api, name, algorithm, made.json["jwk"]["kid"])
    assert verify(token, key_set(gateway), algorithm)["sub"] == "ada@example.com"
    others = [key for key in key_set(gateway)["keys"] if key["kid"] != made.json["jwk"]["kid"]]
    with pytest.raises((InvalidKeyIdError, ValueError)):
        verify(token, {"keys": others}, algorithm)
    head, payload, signature = token.split(".")
    with pytest.raises(BadSignatureError):
        verify(f"{head}.{payload[:-4]}AAAA.{signature}", key_set(gateway), algorithm)


def test_a_rotation_and_a_withdrawal(gateway: Gateway, api: FakeApi) -> None:
    path = "/api/v1/secrets/rotated"
    kids, tokens = [], []
    for _ in range(2):
        made = gateway.admin("POST", f"{path}/key-pair", {"algorithm": "ES256", "publish": True})
        know_the_private_key(gateway, "rotated", "default")
        gateway.search(made.body, "the answer with the public key")
        kids.append(made.json["jwk"]["kid"])
        gateway.settle()
        tokens.append(signed(gateway, api, "rotated", "ES256", kids[-1]))
    assert kids[0] != kids[1]
    for token in tokens:
        assert verify(token, key_set(gateway), "ES256")["iss"] == "sealgate"
    for end in ("", "/public-key", "/usage"):
        assert gateway.admin("GET", path + end).status == 200
    assert gateway.admin("PUT", f"{path}/public-key", {"published": False}).status == 200
    gateway.settle()
    assert not {key["kid"] for key in key_set(gateway)["keys"]} & set(kids)


def test_another_tenant_has_its_own_keys(gateway: Gateway) -> None:
    body = {"algorithm": "EdDSA", "publish": True}
    made = gateway.admin("POST", "/t/acme/api/v1/secrets/theirs/key-pair", body)
    know_the_private_key(gateway, "theirs", "acme")
    gateway.settle()
    kid = made.json["jwk"]["kid"]
    assert [key["kid"] for key in key_set(gateway, "/t/acme")["keys"]] == [kid]
    assert kid not in json.dumps(key_set(gateway))
    assert key_set(gateway, "/t/nobody") == {"keys": []}


def test_the_key_set_is_not_on_the_control_plane(gateway: Gateway) -> None:
    answer = exchange(gateway.admin_port, "GET", "/.well-known/jwks.json")
    assert answer.status == 404


def test_the_command_line_prints_public_keys_alone(gateway: Gateway, tmp_path: Path) -> None:
    def sealgate(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "sealgate", *arguments, "--data", str(gateway.data)]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)

    made = sealgate("keys", "generate", "by_command", "--algorithm", "EdDSA", "--publish")
    know_the_private_key(gateway, "by_command", "default")
    shown = sealgate("keys", "public", "by_command")
    assert made.stdout == shown.stdout and made.stdout.startswith("-----BEGIN PUBLIC KEY-----")
    document = json.loads(sealgate("keys", "public", "by_command", "--json").stdout)
    assert document["pem"].strip() == made.stdout.strip() and document["published"] is True
    gateway.settle()
    assert document["jwk"] in key_set(gateway)["keys"]
    withdrawn = sealgate("keys", "withdraw", "by_command", "--json")
    assert json.loads(withdrawn.stdout)["published"] is False
    for result in (made, shown, withdrawn):
        gateway.search((result.stdout + result.stderr).encode(), "the command's output")
