"""The documentation is tested: its examples run, and nothing that it should list is missing."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sealgate import errors
from sealgate.auth.catalog import TYPES
from sealgate.execution.engine import Engine
from sealgate.execution.trial import TestRequest
from sealgate.model.connector import Connector
from sealgate.model.document import parse_json
from sealgate.secret import Secret
from sealgate.services.secrets import put_secret
from sealgate.settings import Settings
from sealgate.templates import Field, compile_template
from sealgate.testing import FakeApi, OAuthServer, jwts, keys

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.M | re.S)
USER = {"sub": "7", "email": "ada@example.com", "given_name": "Ada"}


def blocks():
    """Each JSON example with the HTTP block that follows it at once."""
    for page in sorted(DOCS.glob("*.md")):
        found = list(BLOCK.finditer(page.read_text()))
        for block, following in zip(found, [*found, None][1:], strict=True):
            language, kind, text = block.groups()
            if language == "json":
                after = following and following[1] == "http" and following.start() - block.end() < 3
                line = page.read_text()[: block.start()].count("\n") + 1
                yield pytest.param(kind, text, following[3] if after else None, id=f"{page.name}:{line}")


def names_of(source: str, function: str) -> set[str]:
    return set(re.findall(rf"{function}\('(\w+)'\)", source))


@pytest.fixture
async def engine(tmp_path):
    settings = Settings(data=tmp_path, egress_allow=("http://127.0.0.1:*",))
    async with await Engine.start(settings) as running:
        yield running


@pytest.mark.parametrize(("kind", "text", "http"), list(blocks()))
async def test_example(engine, kind, text, http):
    if "…" in text:
        assert json.loads(text.replace("…", ""))
        return
    document = parse_json(text)
    if kind == "registry":
        checked = [engine.check("default", each) for each in document["connectors"]]
        assert not [fault for each in checked for fault in each.faults]
    elif kind == "fault":
        paths = {fault.path for fault in engine.check("default", document).faults}
        assert paths == {"url", "headers.0.value", "authentication.config.value"}
    else:
        with FakeApi() as api, OAuthServer() as oauth:
            await run_example(engine, text, http, api, oauth)


async def run_example(engine, text, http, api, oauth):
    values = await prepare(engine, text, oauth)
    local = text.replace("https://login.example.com/oauth/token", oauth.token_url)
    document = parse_json(local.replace("https://api.example.com", api.origin))
    assert not engine.check("default", document).warnings
    if "steps" in document:
        api.reply_with(200, [("Content-Type", "application/json")], '{"id": "c1"}')
    if document.get("response_body"):
        api.reply_with(200, [("Content-Type", "application/json")], '{"total": 3}')
    request = {"user": USER, "path_params": {"idea_id": 42} if "idea_id" in text else {}}
    if document.get("method") == "POST":
        request["body"] = {"order": {"id": 1}}
    result = await engine.test("default", document, TestRequest.from_json(request))
    assert result.error is None and result.status == 200, (result.error, result.body)
    if http:
        compare(http, api.requests[-1], values, oauth)


async def prepare(engine, text, oauth):
    """Store every secret that the example names, and make the OAuth server know them."""
    values = {name: secrets.token_hex(16) for name in names_of(text, "get_secret")}
    pair = keys.rsa_key(name="docs")
    for name in values:
        if "private_key" in name:
            values[name] = pair.private_pem
    for name, value in values.items():
        await put_secret(engine, "default", name, Secret(value), actor="docs")
    await engine.refresh()
    if "salesforce_client_id" in values:
        scopes = ["api", "refresh_token"]
        oauth.add_client(values["salesforce_client_id"], values["salesforce_client_secret"], scopes=scopes)
    if "salesforce_jwt_client_id" in values:
        oauth.add_key(values["salesforce_jwt_client_id"], pair.public_pem, "RS256", ["api", "refresh_token"])
        oauth.allow_subject(USER["email"])
    return values


def compare(http, received, values, oauth):
    head, *rows = http.strip().splitlines()
    expected = {name: value for name, value in values.items() if f"<{name}>" in http}
    for name, value in expected.items():
        head = head.replace(f"<{name}>", value)
    assert head == f"{received.method} {received.target} HTTP/1.1"
    for row in rows:
        name, _, value = row.partition(": ")
        sent = received.header(name)
        if name == "Host":
            continue
        if "<access token>" in value:
            assert sent == f"Bearer {oauth.issued[0].token}"
        elif "<signed JWT>" in value:
            _, claims = jwts.verify(
                sent.removeprefix("Bearer "), keys.rsa_key(name="docs").public_pem, "RS256"
            )
            assert claims["sub"] == USER["email"]
        else:
            for each, text in expected.items():
                value = value.replace(f"<{each}>", text)
            assert sent == value


# -- nothing is missing ------------------------------------------------------------------------------


def page(name: str) -> str:
    return (DOCS / name).read_text()


def every_error(root: type = errors.SealgateError):
    yield root
    for child in root.__subclasses__():
        yield from every_error(child)


@pytest.mark.parametrize("code", sorted({error.code for error in every_error()}))
def test_each_error_code_is_documented(code):
    assert f"`{code}`" in page("calling.md")


@pytest.mark.parametrize("error", sorted(set(every_error()), key=lambda each: each.__name__))
def test_the_error_tree_in_the_docstring_is_the_tree(error):
    if "code" in vars(error) and error is not errors.SealgateError:
        line = next(line for line in errors.__doc__.splitlines() if f" {error.__name__} " in line)
        assert error.code in line
        assert str(error.status) in line or error.status in (422, 502)


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_each_setting_is_documented(setting):
    assert f"`SEALGATE_{setting.upper()}`" in page("operating.md")


@pytest.mark.parametrize("field", Connector.model_fields)
def test_each_connector_field_is_documented(field):
    assert f"`{field}`" in page("connectors.md")


@pytest.mark.parametrize("kind", TYPES)
def test_each_authentication_type_has_a_section_and_its_fields(kind):
    section = page("authentication.md").split(f"\n## {kind}\n")[1].split("\n## ")[0]
    for name, member in TYPES[kind].config.model_fields.items():
        assert (member.alias or name) in section or (member.alias or name) in page("authentication.md")


@pytest.mark.parametrize("name", ["get_secret", "get_variable", "jwt_encode", "key_id", "now"])
def test_each_function_is_documented(name):
    assert f"`{name}(" in page("templates.md")


@pytest.mark.parametrize("name", ["from_json", "json_encode", "tojson", "base64_encode", "base64_decode"])
def test_each_filter_is_documented_and_there(name):
    assert f"`{name}`" in page("templates.md")
    compile_template(f"{{{{ '1' | {name} }}}}", Field.RESPONSE_BODY)


@pytest.mark.parametrize(
    "path", sorted([*DOCS.rglob("*.md"), DOCS.parent / "README.md"]), ids=lambda p: p.name
)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text()):
        parts = urlsplit(target)
        if parts.scheme:
            continue
        file = (path.parent / parts.path) if parts.path else path
        assert file.exists(), target
        if parts.fragment:
            headings = re.findall(r"^#+ (.+)$", file.read_text(), re.M)
            assert parts.fragment in [re.sub(r"[^\w-]", "", h.lower().replace(" ", "-")) for h in headings], (
                target
            )
