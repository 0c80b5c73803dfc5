"""What is shown of the data plane's address is the address behind which it stands."""

import json
import os
import subprocess
import sys

from gateway import Gateway
from test_signing_in import get, signed_in

PUBLIC = "https://gateway.example.com/connect"
KEY_SET = f"{PUBLIC}/t/acme/.well-known/jwks.json"


def test_pages_and_commands_show_the_public_url(tmp_path):
    settings = {"SEALGATE_PUBLIC_URL": f"{PUBLIC}/", "SEALGATE_BASE_PATH": "/inside"}
    with Gateway(tmp_path, **settings) as gateway:
        made = gateway.admin(
            "POST", "/t/acme/api/v1/secrets/signing/key-pair", {"algorithm": "ES256", "publish": True}
        )
        document = {"name": "Ideas", "url": "https://api.example.com/ideas"}
        stored = gateway.admin("PUT", "/t/acme/api/v1/connectors/ideas", document)
        assert (made.status, stored.status) == (201, 201)
        cookie = signed_in(gateway, "--tenant", "acme")
        key_page = get(gateway, "/t/acme/secrets/signing", Cookie=cookie)
        use_page = get(gateway, "/t/acme/connectors/ideas/use", Cookie=cookie)
        listed = gateway.admin("GET", "/t/acme/api/v1/connectors/ideas/snippets")
        command = [sys.executable, "-m", "sealgate", "keys", "public", "signing", "--tenant", "acme"]
        environment = os.environ | gateway.environment
        shown = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
        )
    assert KEY_SET in key_page.body.decode() and KEY_SET in shown.stderr
    assert "SEALGATE_PUBLIC_URL" not in key_page.body.decode()
    for body in (key_page.body, use_page.body, listed.body):
        assert f"127.0.0.1:{gateway.port}" not in body.decode()
    called = f"{PUBLIC}/t/acme/connectors/ideas/execute"
    texts = {snippet["name"]: snippet["text"] for snippet in json.loads(listed.body)["snippets"]}
    assert called in texts["curl"] and called in texts["python-http"]
    assert f"{PUBLIC}/t/acme/sdk/sealgate.js" in texts["sdk"]
    assert called in use_page.body.decode()
