"""Who calls: every way to say it, and every way to get it wrong, over a real store."""

import asyncio
import time

import pytest
import pytest_asyncio

from sealgate.caller import ANONYMOUS
from sealgate.errors import AuthenticationRequired, Forbidden
from sealgate.execution.engine import Engine
from sealgate.message import Fields
from sealgate.settings import Settings
from sealgate.testing.jwts import session_jwt
from sealgate.web.access import Access
from sealgate.web.cors import Cors

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "s" * 48
PAGE = "https://app.example"
HOST = ("host", "gw.example")
ADA = {"sub": "7", "email": "ada@example.com", "given_name": "Ada", "profile_fields": {"42": "blue"}}


class Door:
    """Access over a new store. `await door(…)` is who came in."""

    def __init__(self, engine):
        self.store = engine.store
        self.access = Access(engine, Cors(engine.settings.cors_origins, credentials=True))

    async def __call__(self, *fields, tenant="default", permalink="weather"):
        return await self.access.identify(tenant, permalink, Fields(fields))

    async def token(self, *, tenant="default", scopes=("execute",), **limits):
        _, text = await self.store.create_api_token(tenant, "ci", frozenset(scopes), **limits, actor="test")
        return "authorization", f"Bearer {text.reveal()}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_door(tmp_path_factory):
    directory, started = tmp_path_factory.mktemp("access"), []

    async def door(**settings):
        engine = await Engine.start(Settings(data=directory, **settings))
        started.append(engine)
        return Door(engine)

    yield door
    for engine in started:
        await engine.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(open_door):
    return await open_door(
        session_secret=SECRET,
        session_cookie="session",
        admin_token="bootstrap",
        anonymous_access=True,
        cors_origins=(PAGE,),
    )


def bearer(text):
    return "authorization", f"Bearer {text}"


def session(**claims):
    return session_jwt(SECRET, **{**ADA, **claims})


async def test_nobody_known(open_door, door):
    known = await door()
    assert (known.caller.user, known.caller.token_name, known.source) == (None, None, "anonymous")
    closed = await open_door(session_secret=SECRET)
    with pytest.raises(AuthenticationRequired, match="Authorization: Bearer") as caught:
        await closed()
    assert caught.value.headers["www-authenticate"].startswith("Bearer")


async def test_a_signed_in_user(door):
    known = await door(bearer(session()))
    user = known.caller.user
    assert (user.id, user.email, user.first_name, known.source) == ("7", "ada@example.com", "Ada", "session")
    assert user.profile_fields.by_id(42) == "blue" and user != ANONYMOUS


@pytest.mark.parametrize(
    "fields",
    [
        [("authorization", "Basic YTpi")],
        [("authorization", "Bearer")],
        [("authorization", "Bearer ")],
        [("authorization", "")],
        [bearer("opaque")],
        [bearer("sgt_" + "a" * 43)],
        [bearer("sgt_")],
        [bearer("bootstrapp")],
        [bearer(session_jwt("x" * 48, sub="7"))],
        [bearer(session_jwt(SECRET, sub="7", lifetime=-3600))],
        [bearer(session()), bearer(session())],
        [("cookie", f"session={session_jwt('x' * 48, sub='7', csrf='c')}"), ("x-csrf-token", "c")],
    ],
)
async def test_a_bad_credential_is_not_taken_for_none(door, fields):
    with pytest.raises(AuthenticationRequired) as caught:
        await door(*fields)
    assert 'error="invalid_token"' in caught.value.headers["www-authenticate"]


async def test_the_scheme_is_not_case_sensitive(door):
    assert (await door(("authorization", f"bearer  {session()}"))).source == "session"


async def test_without_session_settings_no_session_is_taken(open_door):
    with pytest.raises(AuthenticationRequired, match="takes no sessions"):
        await (await open_door())(bearer(session()))


@pytest.mark.parametrize(
    ("claims", "tenant", "allowed"),
    [
        ({}, "default", True),
        ({}, "acme", False),
        ({"tenant": "acme"}, "acme", True),
        ({"tenant": "acme"}, "default", False),
        ({"tenant": "acme"}, "other", False),
        ({"tenant": None}, "default", False),
        ({"tenant": ["default"]}, "default", False),
    ],
)
async def test_a_session_is_of_one_tenant(door, claims, tenant, allowed):
    if allowed:
        assert (await door(bearer(session(**claims)), tenant=tenant)).caller.tenant == tenant
    else:
        with pytest.raises(Forbidden, match="another tenant"):
            await door(bearer(session(**claims)), tenant=tenant)


# -- cookies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "fields", "refusal"),
    [
        ({"csrf": "c-1"}, [("x-csrf-token", "c-1")], None),
        ({"csrf": "c-1"}, [("x-csrf-token", "c-1"), ("origin", PAGE)], None),
        ({"csrf": "c-1"}, [("x-csrf-token", "c-1"), ("origin", "https://gw.example"), HOST], None),
        ({"csrf": "c-1"}, [], "X-CSRF-Token"),
        ({"csrf": "c-1"}, [("x-csrf-token", "")], "X-CSRF-Token"),
        ({"csrf": "c-1"}, [("x-csrf-token", "c-2")], "X-CSRF-Token"),
        ({}, [("x-csrf-token", "")], "`csrf` claim"),
        ({}, [("x-csrf-token", "None")], "`csrf` claim"),
        ({"csrf": ""}, [("x-csrf-token", "")], "`csrf` claim"),
        ({"csrf": 1}, [("x-csrf-token", "1")], "`csrf` claim"),
        ({"csrf": "c-1"}, [("x-csrf-token", "c-1"), ("origin", "https://evil.example")], "origin"),
        ({"csrf": "c-1"}, [("x-csrf-token", "c-1"), ("origin", "null")], "origin"),
    ],
)  # fmt: skip
async def test_a_session_in_a_cookie(door, claims, fields, refusal):
    sent = (("cookie", f"theme=dark; session={session(**claims)}"), *fields)
    if refusal:
        with pytest.raises(Forbidden, match=refusal):
            await door(*sent)
    else:
        known = await door(*sent)
        assert (known.caller.user.id, known.source) == ("7", "session cookie")


async def test_other_cookies_say_nothing(open_door, door):
    assert (await door(("cookie", "theme=dark; xsession=1; session="))).source == "anonymous"
    without = await open_door(session_secret=SECRET, anonymous_access=True)
    assert (await without(("cookie", f"session={session(csrf='c')}"))).source == "anonymous"


async def test_authorization_goes_before_the_cookie(door):
    cookie = ("cookie", f"session={session(csrf='c-1')}")
    assert (await door(await door.token(), cookie)).source == "api token"


# -- API tokens ------------------------------------------------------------------------------------


async def test_the_admin_token_opens_every_tenant(door):
    for tenant in ("default", "acme"):
        known = await door(bearer("bootstrap"), tenant=tenant)
        assert (known.caller.tenant, known.caller.user, known.source) == (tenant, None, "admin token")


@pytest.mark.parametrize(
    ("token", "call", "refusal"),
    [
        ({}, {}, None),
        ({}, {"tenant": "acme"}, "another tenant"),
        ({"tenant": "acme"}, {"tenant": "acme"}, None),
        ({"tenant": "acme"}, {}, "another tenant"),
        ({"scopes": ["admin"]}, {}, None),
        ({"scopes": ["read", "write", "secrets"]}, {}, "scope `execute`"),
        ({"permalinks": ["weather"]}, {}, None),
        ({"permalinks": ["forecast"]}, {}, "other connectors"),
        ({"origins": [PAGE]}, {"origin": PAGE}, None),
        ({"origins": [PAGE]}, {"origin": "https://evil.example"}, "certain origins"),
        ({"origins": [PAGE]}, {}, "without Origin"),
        ({}, {"origin": "https://evil.example"}, None),
    ],
)
async def test_limits_of_a_token(door, token, call, refusal):
    fields = [await door.token(**token)]
    origin = call.pop("origin", None)
    if origin:
        fields.append(("origin", origin))
    if refusal:
        with pytest.raises(Forbidden, match=refusal):
            await door(*fields, **call)
    else:
        known = await door(*fields, **call)
        assert (known.caller.token_name, known.caller.user, known.source) == ("ci", None, "api token")


async def test_an_expired_token(door):
    with pytest.raises(AuthenticationRequired, match="expired"):
        await door(await door.token(expires_at=time.time() - 1))
    expiring = await door.token(expires_at=time.time() + 0.3)
    await door(expiring)
    await asyncio.sleep(0.35)
    with pytest.raises(AuthenticationRequired, match="expired"):
        await door(expiring)


async def test_a_revoked_token_is_refused_within_a_second(door):
    token = await door.token()
    await door(token)
    stored = (await door.store.list_api_tokens("default"))[-1]
    await door.store.delete_api_token("default", stored.id, actor="test")
    await asyncio.sleep(1)
    with pytest.raises(AuthenticationRequired, match="unknown or was revoked"):
        await door(token)
