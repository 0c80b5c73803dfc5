"""Each authentication type from a registry file, and one token for many calls."""

from __future__ import annotations

import asyncio
import json
import secrets as random

from sealgate import Gateway
from sealgate.testing import jwts, keys

ADA = {"sub": "7", "email": "ada@example.com"}


def authentications(oauth):
    """Each type as it stands in a registry file, and what the API must receive."""
    pair = keys.rsa_key(name="gateway")
    secret = {name: random.token_hex(16) for name in ("key", "client_id", "client_secret", "jwt_client_id")}
    secret["private_key"] = pair.private_pem
    oauth.add_client(secret["client_id"], secret["client_secret"], scopes=["api"])
    oauth.add_key(secret["jwt_client_id"], pair.public_pem)
    oauth.allow_subject(ADA["email"])

    def signed(value):
        _, claims = jwts.verify(value.removeprefix("Bearer "), pair.public_pem, "RS256")
        return claims["sub"] == ADA["email"]

    def issued(value):
        return oauth.accepts(value.removeprefix("Bearer "))

    key = {"key": "X-Key", "value": "{{ get_secret('key') }}"}
    client = {name: f"{{{{ get_secret('{name}') }}}}" for name in ("client_id", "client_secret")}
    signing = {"private_key": "{{ get_secret('private_key') }}"}
    assertion = {
        "client_id": "{{ get_secret('jwt_client_id') }}",
        "token_url": oauth.token_url,
        "subject": "{{ user.email }}",
        "audience": oauth.origin,
    }
    claims = {"sub": "{{ user.email }}", "exp": "{{ now(60) }}"}
    table = {
        "none": (None, "Authorization", lambda value: value is None),
        "api_key": (key, "X-Key", lambda value: value == secret["key"]),
        "oauth_client_credentials": (
            {**client, "token_url": oauth.token_url, "scope": "api"},
            "Authorization",
            issued,
        ),
        "jwt": ({**signing, "claims": claims}, "Authorization", signed),
        "oauth_jwt_bearer": ({**assertion, **signing}, "Authorization", issued),
    }
    return table, secret


async def test_every_authentication_type_of_a_registry_file(tmp_path, api, oauth):
    table, secret = authentications(oauth)
    file = tmp_path / "connectors_registry.json"
    connectors = [
        {
            "name": name.replace("_", " "),
            "url": f"{api.origin}/data",
            "authentication": {"type": name, **({"config": config} if config else {})},
        }
        for name, (config, _, _) in table.items()
    ]
    file.write_text(json.dumps({"connectors": connectors}))
    allow = [api.origin, oauth.origin]
    async with Gateway.from_registry(file, secrets=secret, egress_allow=allow) as gateway:
        assert gateway.warnings == ()
        assert len(gateway.permalinks) == 5
        for name, (_, header, right) in table.items():
            reply = await gateway.execute(name.replace("_", "-"), user=ADA)
            assert reply.status == 200, reply.text
            assert right(api.requests[-1].header(header)), name
        await gateway.execute("oauth-client-credentials")
        assert len([each for each in oauth.token_requests if "client_secret" in each.form]) == 1


async def test_many_calls_at_once_fetch_one_token(embedded, api, oauth):
    table, secret = authentications(oauth)
    config, _, _ = table["oauth_client_credentials"]
    authentication = {"type": "oauth_client_credentials", "config": config}
    document = {"url": f"{api.origin}/protected", "authentication": authentication}
    allow = [api.origin, oauth.origin]
    async with embedded(document, secrets=secret, egress_allow=allow) as gateway:
        replies = await asyncio.gather(*[gateway.execute("weather") for _ in range(20)])
    assert {reply.status for reply in replies} == {200}
    assert len(oauth.token_requests) == 1
