"""What the two FastAPI gateways have in common: the settings, signing, the session, reshaping."""

import json
import os
import time
from pathlib import Path

import jwt
import orjson
from cryptography.hazmat.primitives.serialization import load_pem_private_key

CONFIG = json.loads(Path(os.environ["BENCH_CONFIG"]).read_text())
API_KEY = {"X-API-Key": CONFIG["api_key"]}
KEYS = {
    "RS256": load_pem_private_key(CONFIG["rs256"].encode(), None),
    "ES256": load_pem_private_key(CONFIG["es256"].encode(), None),
    "HS256": CONFIG["hs256"],
}


def signed(algorithm):
    now = int(time.time())
    claims = {
        "iss": "bench",
        "sub": "service",
        "aud": "https://api.example.com",
        "exp": now + 3600,
        "iat": now,
    }
    return {"Authorization": f"Bearer {jwt.encode(claims, KEYS[algorithm], algorithm)}"}


def user_fields(authorization):
    claims = jwt.decode(authorization.removeprefix("Bearer "), CONFIG["session_secret"], algorithms=["HS256"])
    return {
        **API_KEY,
        "X-User-Id": claims["sub"],
        "X-User-Email": claims["email"],
        "X-User-Name": f"{claims['given_name']} {claims['family_name']}",
        "X-User-Team": claims["profile_fields"]["3"],
        "X-Expires": str(int(time.time()) + 60),
    }


def reshaped(body):
    document = orjson.loads(body)
    return orjson.dumps(
        {
            "count": document["total"],
            "rows": [
                {
                    "key": item["id"],
                    "label": f"{item['name']} <{item['email']}>",
                    "active": item["active"],
                    "balance": item["balance"],
                }
                for item in document["items"]
            ],
        }
    )


def joined(first, second):
    return orjson.dumps({"first": orjson.loads(first)["id"], "second": orjson.loads(second)["id"]})
