from authlib.integrations.httpx_client import AsyncOAuth2Client
from calls import CONFIG
from fastapi import FastAPI, Request, Response
from httpx import Limits

app = FastAPI()
client = AsyncOAuth2Client(
    CONFIG["client_id"],
    CONFIG["client_secret"],
    token_endpoint=f"{CONFIG['upstream']}/token",
    token_endpoint_auth_method="client_secret_post",  # noqa: S106
    grant_type="client_credentials",
    limits=Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=3600),
    trust_env=False,
)


@app.get("/oauth")
async def oauth(request: Request):
    if client.token is None:
        await client.fetch_token()
    query = request.url.query
    reply = await client.get(f"{CONFIG['upstream']}/small" + (f"?{query}" if query else ""))
    return Response(reply.content, reply.status_code, media_type=reply.headers["content-type"])
