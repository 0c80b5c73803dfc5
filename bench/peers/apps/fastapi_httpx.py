import asyncio
import ssl
import time

import httpx
import orjson
from calls import API_KEY, CONFIG, joined, reshaped, signed, user_fields
from fastapi import FastAPI, Header, Request, Response

app = FastAPI()
client = httpx.AsyncClient(
    base_url=CONFIG["upstream"],
    limits=httpx.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=3600),
    trust_env=False,
)
secure_client = httpx.AsyncClient(
    base_url=CONFIG["upstream_tls"],
    limits=httpx.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=3600),
    verify=ssl.create_default_context(cafile=CONFIG["authority"]),
    trust_env=False,
)
token = None
token_until = 0.0
token_lock = asyncio.Lock()


async def forward(request, path, headers, through=client):
    query = request.url.query
    reply = await through.get(f"{path}?{query}" if query else path, headers=headers)
    return Response(reply.content, reply.status_code, media_type=reply.headers["content-type"])


async def bearer():
    global token, token_until
    if time.time() >= token_until:
        async with token_lock:
            if time.time() >= token_until:
                form = {
                    "grant_type": "client_credentials",
                    "client_id": CONFIG["client_id"],
                    "client_secret": CONFIG["client_secret"],
                }
                reply = (await client.post("/token", data=form)).json()
                token, token_until = reply["access_token"], time.time() + reply["expires_in"] - 60
    return {"Authorization": f"Bearer {token}"}


@app.get("/none")
async def no_credential(request: Request):
    return await forward(request, "/small", {})


@app.get("/api-key")
async def api_key(request: Request):
    return await forward(request, "/small", API_KEY)


@app.get("/oauth")
async def oauth(request: Request):
    return await forward(request, "/small", await bearer())


@app.get("/rs256")
async def rs256(request: Request):
    return await forward(request, "/small", signed("RS256"))


@app.get("/es256")
async def es256(request: Request):
    return await forward(request, "/small", signed("ES256"))


@app.get("/hs256")
async def hs256(request: Request):
    return await forward(request, "/small", signed("HS256"))


@app.get("/fields")
async def fields(request: Request, authorization: str = Header()):
    return await forward(request, "/small", user_fields(authorization))


@app.get("/large")
async def large(request: Request):
    return await forward(request, "/large", API_KEY)


@app.get("/rows")
async def rows(request: Request):
    reply = await forward(request, "/large", API_KEY)
    return Response(reshaped(reply.body), media_type="application/json")


@app.post("/composite")
async def composite(request: Request):
    first = await forward(request, "/small", API_KEY)
    again = {**API_KEY, "X-First": str(orjson.loads(first.body)["id"])}
    second = await forward(request, "/small", again)
    return Response(joined(first.body, second.body), media_type="application/json")


@app.get("/tls")
async def tls(request: Request):
    return await forward(request, "/small", API_KEY, secure_client)
