"""The demo's table tells right from wrong: every row is played by hand against the real fakes."""

import http.client
import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import pytest
from rich.console import Console

from sealgate.cli.demo.gateway import Answer
from sealgate.cli.demo.scene import CALLS, Evidence, Row, Scene, Stage
from sealgate.cli.demo.scenes import (
    SCENES,
    ApiKeyInHeader,
    ApiKeyInQuery,
    ClientCredentials,
    Jwt,
    JwtBearer,
    NoAuthentication,
)
from sealgate.cli.demo.table import WIDTH, print_rows
from sealgate.testing import FakeApi, OAuthServer
from sealgate.testing.grants import JWT_BEARER
from sealgate.testing.jwts import sign
from sealgate.testing.keys import ec_key, rsa_key

SESSION = "the-session-of-the-user"


@dataclass
class Sending:
    """What a gateway sends for one scene: right, until a case changes it."""

    key: str
    query: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    claims: dict = field(default_factory=dict)
    signing_key: str = ""
    token_requests: int = 1
    afresh: bool = True
    calls: int = CALLS


@pytest.fixture
def stage() -> Iterator[Stage]:
    with OAuthServer() as oauth, FakeApi(accepts=oauth.accepts) as api:
        yield Stage(api, oauth)


def post(url: str, method: str, target: str, body=None, headers=()) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.putrequest(method, target)
    content = urlencode(body).encode() if body else b""
    for name, value in [*headers, ("Content-Length", str(len(content)))]:
        connection.putheader(name, value)
    connection.endheaders(content)
    response = connection.getresponse()
    answer = Answer(response.status, response.read())
    connection.close()
    return answer


def buy_token(stage: Stage, form) -> str:
    answer = post(stage.oauth.origin, "POST", urlsplit(stage.oauth.token_url).path, form)
    return json.loads(answer.body).get("access_token", "refused")


def right_sending(scene: Scene, stage: Stage) -> Sending:
    now = int(time.time())
    email = stage.user["email"]
    sending = Sending(key=stage.secrets["weather_api_key"], query=scene.query)
    if isinstance(scene, Jwt):
        sending.signing_key = stage.jwt_key.private_pem
        sending.token_requests = 0
        sending.claims = {"iss": "sealgate-demo", "sub": email, "aud": stage.api.origin}
        sending.claims |= {"exp": now + 3600, "iat": now}
    if isinstance(scene, JwtBearer):
        sending.signing_key = stage.assertion_key.private_pem
        sending.claims = {"iss": "demo-app", "sub": email, "aud": stage.oauth.origin}
        sending.claims |= {"exp": now + 180, "iat": now, "scope": "api"}
    return sending


def credential(scene: Scene, stage: Stage, sending: Sending) -> list[tuple[str, str]]:
    if isinstance(scene, ApiKeyInHeader):
        return [("X-API-Key", sending.key)]
    if isinstance(scene, ClientCredentials):
        form = {"grant_type": "client_credentials", "client_id": "demo-service"}
        form |= {"client_secret": stage.secrets["crm_client_secret"], "scope": "api"}
        tokens = [buy_token(stage, form) for _ in range(sending.token_requests)]
        return [("Authorization", f"Bearer {tokens[-1]}")]
    if isinstance(scene, Jwt):
        token = sign(sending.claims, sending.signing_key, "ES256", {"kid": "demo-key"})
        return [("Authorization", f"Bearer {token}")]
    if isinstance(scene, JwtBearer):
        assertion = sign(sending.claims, sending.signing_key, "RS256", {"kid": "demo-app-key"})
        form = {"grant_type": JWT_BEARER, "assertion": assertion}
        tokens = [buy_token(stage, form) for _ in range(sending.token_requests)]
        return [("Authorization", f"Bearer {tokens[-1]}")]
    return []


def play(scene: Scene, stage: Stage, change=lambda sending, stage: None) -> Row:
    sending = right_sending(scene, stage)
    change(sending, stage)
    query = sending.query
    if isinstance(scene, ApiKeyInQuery) and "key=" not in query:
        query += f"&key={sending.key}"
    target = scene.path + (f"?{query}" if query else "")
    added, answers = credential(scene, stage, sending), []
    for _ in range(sending.calls):
        if isinstance(scene, Jwt) and sending.afresh:
            added = credential(scene, stage, sending)
        answers.append(post(stage.api.origin, "GET", target, headers=[*added, *sending.headers]))
    return scene.row(Evidence(stage.api.requests, stage.oauth.token_requests, answers, SESSION), stage)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.permalink)
def test_a_right_row_is_right(stage: Stage, scene: Scene):
    row = play(scene, stage)
    assert [check.text for check in row.checks if not check.right] == []
    assert row.right


def add(name: str, value: str):
    return lambda sending, stage: sending.headers.append((name, value))


def put(**changes):
    return lambda sending, stage: [setattr(sending, name, value) for name, value in changes.items()]


def claim(name: str, value):
    return lambda sending, stage: sending.claims.update({name: value})


WRONG = [
    (NoAuthentication, add("Authorization", "Bearer x"), "no credential added"),
    (NoAuthentication, add("X-Forwarded-Session", SESSION), "user's session not sent to the API"),
    (NoAuthentication, put(calls=2), "the API received 2 of 3 calls"),
    (ApiKeyInHeader, put(key="sk-other"), "the stored secret, once"),
    (ApiKeyInHeader, add("x-api-key", "sk-caller"), "the stored secret, once"),
    (ApiKeyInHeader, put(query="q=Paris"), "caller's query kept"),
    (ApiKeyInQuery, put(key="sk-other"), "the stored secret, after all others"),
    (
        ApiKeyInQuery,
        lambda sending, stage: setattr(sending, "query", f"key={sending.key}&q=Warsaw"),
        "the stored secret, after all others",
    ),
    (ClientCredentials, put(token_requests=3), "3 token requests for 3 calls"),
    (
        ClientCredentials,
        lambda sending, stage: sending.headers.append(("X-Leak", stage.secrets["crm_client_secret"])),
        "client secret not sent to the API",
    ),
    (
        ClientCredentials,
        lambda sending, stage: stage.oauth.misbehave("no_access_token"),
        "the API received 3 of 3 calls",
    ),
    (Jwt, put(signing_key=ec_key(name="other").private_pem), "signature not verified"),
    (Jwt, claim("sub", "mallory@example.com"), "header and claims as configured"),
    (Jwt, claim("exp", 9999999999), "exp = iat + 3600"),
    (Jwt, put(afresh=False), "1 signatures for 3 calls"),
    (JwtBearer, put(token_requests=2), "2 token requests for 3 calls"),
    (JwtBearer, claim("exp", int(time.time()) + 3600), "exp = iat + 180"),
    (JwtBearer, claim("aud", "https://login.example"), "the API received 3 of 3 calls"),
    (JwtBearer, put(signing_key=rsa_key(name="other").private_pem), "the API received 3 of 3 calls"),
]


@pytest.mark.parametrize(("kind", "change", "why"), WRONG)
def test_a_wrong_row_says_why(stage: Stage, kind, change, why):
    row = play(kind(), stage, change)
    assert not row.right
    assert any(why in check.text for check in row.checks if not check.right), row.checks


def test_a_forwarded_assertion_is_found(stage: Stage):
    scene, sending = JwtBearer(), right_sending(JwtBearer(), stage)
    added = credential(scene, stage, sending)
    assertion = stage.oauth.token_requests[0].form["assertion"]
    answers = [
        post(stage.api.origin, "GET", scene.path, headers=[*added, ("X-Assertion", assertion)])
        for _ in range(CALLS)
    ]
    row = scene.row(Evidence(stage.api.requests, stage.oauth.token_requests, answers, SESSION), stage)
    assert [check.text for check in row.checks if not check.right] == ["assertion not sent to the API"]


def printed(rows: list[Row], *, terminal: bool = False) -> str:
    console = Console(width=WIDTH, record=True, force_terminal=terminal, file=io.StringIO())
    print_rows(console, rows)
    return console.export_text()


def test_the_table_shows_what_was_received_but_no_credential(stage: Stage):
    rows = []
    for scene in SCENES:
        rows.append(play(scene, stage))
        stage.api.clear()
        stage.oauth.clear()
    text = printed(rows)
    assert max(map(len, text.splitlines())) <= WIDTH
    for shown in (
        "GET /v1/public/data",
        "GET /weather?q=Warsaw&key=sk-",
        "X-API-Key: sk-",
        "grant_type=client_credentials",
        "1 token request for 3 calls",
        "alg: ES256",
        "sub: ada@example.com",
        "signature verified with public key",
        "✓ all 6 rows are right",
    ):
        assert shown in text
    joined = "".join(text.split())
    credentials = [stage.secrets["weather_api_key"], stage.secrets["crm_client_secret"]]
    credentials += [token.token for token in stage.oauth.issued]
    assert not [value for value in credentials if value in joined or value in text]


def test_a_wrong_row_is_named_below_the_table(stage: Stage):
    rows = [play(NoAuthentication(), stage, add("Cookie", "a=b"))]
    text = printed(rows)
    assert "✗ no credential added" in text
    assert "✗ wrong: None" in text


def test_outside_a_terminal_the_table_is_plain(stage: Stage):
    rows = [play(NoAuthentication(), stage)]
    assert "+---+" in printed(rows)
    assert "╭" in printed(rows, terminal=True)
