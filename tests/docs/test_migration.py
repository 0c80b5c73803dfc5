"""docs/migration.md, typed as it stands there against the example file: the hosts are those of the fakes,
the ports are free ones. Then every connector is called as a page would."""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets as random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sealgate.testing import FakeApi, OAuthServer, jwts, keys
from sealgate.testing.jwts import session_jwt
from sealgate.testing.ports import free_ports

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "migration.md").read_text()
STEPS = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.M | re.S)
REGISTRY = (DOCS / "examples" / "migration" / "connectors_registry.json").read_text()
ADA = {"sub": "7", "email": "ada@example.com", "given_name": "Ada", "family_name": "Lovelace"}
CALENDAR = "calendar@project.example.com"
SHARED = "guide-shared-session-secret-0123456789"

MARK = "---- the next step"
pytestmark = pytest.mark.timeout(300)  # every command of the guide starts an interpreter

READY = """
for try in $(seq 300); do
  if curl -sS -o /dev/null "http://127.0.0.1:{port}/readyz" 2>/dev/null; then break; fi; sleep 0.1
done
"""


@dataclass
class Moved:
    """The gateway at the end of the guide, and what its commands printed."""

    api: FakeApi
    oauth: OAuthServer
    port: int
    secrets: dict[str, str]
    printed: list[str]

    def call(self, permalink, method="GET", query="", payload=None, path_params=None, user=ADA):
        """The status, the content type and the content of a call like the SDK's."""
        headers = {"Authorization": f"Bearer {session_jwt(SHARED, **user)}"} if user else {}
        if path_params:
            headers["X-Path-Params"] = urlencode(path_params)
        body = None
        if payload is not None:
            headers["Content-Type"], body = "application/json", json.dumps(payload)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        target = f"/widget-service/connectors/{permalink}/execute{'?' if query else ''}{query}"
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.getheader("Content-Type"), content


def secret_values(oauth: OAuthServer) -> dict[str, str]:
    portal, calendar = keys.rsa_key(name="portal"), keys.rsa_key(name="calendar")
    values = {name: random.token_hex(16) for name in re.findall(r"get_secret\('(\w+)'\)", REGISTRY)}
    values |= {"portal_private_key": portal.private_pem, "calendar_private_key": calendar.private_pem}
    values["calendar_account"] = CALENDAR
    oauth.add_client(values["crm_client_id"], values["crm_client_secret"], ["api", "refresh_token"])
    oauth.add_key(CALENDAR, calendar.public_pem, "RS256", ["calendar.readonly"])
    oauth.allow_subject(CALENDAR)
    return values


def at_the_fakes(text: str, api: FakeApi, oauth: OAuthServer) -> str:
    host = api.origin.removeprefix("http://")
    for written, meant in (
        ("https://api.example.com", api.origin),
        ("https://login.example.com", oauth.origin),
        ("set portal_host api.example.com", f"set portal_host {host}"),
        ("https://{{", "http://{{"),
    ):
        text = text.replace(written, meant)
    return text


def script(api: FakeApi, oauth: OAuthServer, port: int) -> str:
    """The guide's commands, each followed by a mark; at the end everything runs on until a line comes."""
    lines = ["set -e", "trap 'kill $(jobs -p); wait' EXIT"]
    for step in STEPS:
        text = at_the_fakes(step, api, oauth).replace("127.0.0.1:8080", f"127.0.0.1:{port}")
        text = re.sub(r'SEALGATE_SESSION_SECRET="\$\(.*\)"', f'SEALGATE_SESSION_SECRET="{SHARED}"', text)
        wait = READY.format(port=port) if text.rstrip().endswith("&") else ""
        lines += [text, wait, f"echo; echo '{MARK}'"]
    return "\n".join([*lines, "echo done", "read line"])


def follow(folder: Path, commands: str, port: int, control: int) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEALGATE_")}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "SEALGATE_LISTEN": f"127.0.0.1:{port}",
        "SEALGATE_ADMIN_LISTEN": f"127.0.0.1:{control}",
        "SEALGATE_EGRESS_ALLOW": "http://127.0.0.1:*",
    }
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["bash", "-c", commands],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("community")
    port, control = free_ports(2)
    with OAuthServer() as oauth, FakeApi(accepts=oauth.accepts) as api:
        (folder / "connectors_registry.json").write_text(at_the_fakes(REGISTRY, api, oauth))
        (folder / "secrets").mkdir()
        values = secret_values(oauth)
        for name, value in values.items():
            (folder / "secrets" / name).write_text(value)
        shell = follow(folder, script(api, oauth, port), port, control)
        lines = []
        for line in shell.stdout:
            if line == "done\n":
                break
            lines.append(line)
        log = folder / "log"
        try:
            assert shell.poll() is None, "".join(lines) + log.read_text()
            yield Moved(api, oauth, port, values, "".join(lines).split(f"\n{MARK}\n"))
        finally:
            shell.communicate("\n", timeout=30)
        # The API's own reply, which prints the request, is the only place for a secret.
        shown = "".join(line for line in lines if not line.startswith('{"method"')) + log.read_text()
        assert not [name for name, value in values.items() if value in shown and value != CALENDAR]


@pytest.fixture(autouse=True)
def forget(moved):
    moved.api.clear()


def test_the_commands_print_what_the_guide_says(moved):
    check, strict, names, _, _, loaded, tried, _, answer, _ = moved.printed
    assert "no faults, 6 warnings" in check and "not clean yet" in strict
    assert set(re.findall(r"get_secret\('(\w+)'\)", names)) == set(moved.secrets)
    permalinks = re.findall(r'"permalink": "(.+)"', REGISTRY)
    assert len(permalinks) == 14 and all(permalink in loaded for permalink in permalinks)
    assert tried.count("the API answered 200") == 2
    assert json.loads(answer)["path"] == "/v1/current.json"


@pytest.mark.parametrize(
    ("permalink", "call", "sent", "headers"),
    [
        ("weather", {"query": "q=Warsaw"},
         "GET /v1/current.json?units=%20&fields=name,capital,flags&q=Warsaw&key={weather_key}", {}),
        ("weather", {"query": "q=Warsaw&units=metric&fields=evil&key=evil", "user": ADA},
         "GET /v1/current.json?units=metric&fields=name,capital,flags&q=Warsaw&key={weather_key}", {}),
        ("release-notes", {}, "GET /public/notes?include[]=author", {"Authorization": None}),
        ("warehouse-stock", {}, "GET /stock/default",
         {"Authorization": "Basic {warehouse_basic}", "X-Region": "eu"}),
        ("my-ideas", {"path_params": {"categoryId": 12}},
         "GET /ideas?filter[category.id][]=12&filter[user.id][]=7&include[]=user&limit=50",
         {"Authorization": "Bearer {community_token}"}),
        ("accounts", {"query": "limit=3"}, "GET /protected/accounts?limit=3", {"Authorization": "<token>"}),
        ("certificates", {}, "GET /api/v2/certificates", {"Authorization": "<signed for portal>"}),
        ("calendar", {}, "GET /protected/calendars/ada%40example.com/events", {"Authorization": "<token>"}),
        ("update-profile", {"method": "PUT", "path_params": {"profile_id": "p-1"}, "payload": {"bio": "ł"}},
         "PUT /profiles/p-1", {"X-API-Key": "{profile_key}", "X-Signed-User": "<signed by hand>"}),
        ("remove-bookmark", {"method": "DELETE", "path_params": {"bookmark": "b.1"}},
         "DELETE /users/7/bookmarks/b.1", {"X-API-Key": "{profile_key}"}),
    ],
)  # fmt: skip
def test_what_each_connector_sends(moved, permalink, call, sent, headers):
    status, _, content = moved.call(permalink, **call)
    assert status == 200, content
    (received,) = moved.api.requests
    assert f"{received.method} {received.target}" == sent.format(**moved.secrets)
    for name, expected in headers.items():
        assert right(moved, received.header(name), expected), name
    if "payload" in call:
        assert json.loads(received.body) == call["payload"]


def right(moved, value, expected):
    if expected is None:
        return value is None
    scheme, _, token = value.rpartition(" ")
    if expected == "<token>":
        return scheme == "Bearer" and moved.oauth.accepts(token)
    if expected == "<signed for portal>":
        header, claims = jwts.verify(token, keys.rsa_key(name="portal").public_pem, "RS256")
        return (header["kid"], claims["sub"], claims["exp"] - claims["iat"]) == (
            "portal-1",
            ADA["email"],
            300,
        )
    if expected == "<signed by hand>":
        return jwts.verify(token, moved.secrets["profile_signing_key"], "HS256")[1]["sub"] == "7"
    return value == expected.format(**moved.secrets)


CONTACT = {"records": [{"Id": "003x"}], "totalSize": 1}
COUNTRIES = {
    "items": [
        {"name": {"common": "Malta"}, "capital": ["Valletta"], "population": 1},
        {"name": {"common": "Poland"}, "capital": ["Warsaw"], "population": 38},
    ]
}
ROWS = [{"name": "Poland", "capital": "Warsaw"}, {"name": "Malta", "capital": "Valletta"}]
QUERY = "/protected/query?q=SELECT%20Id%20FROM%20Contact%20WHERE%20Email%20%3D%20%27ada@example.com%27"
TICKET = {"subject": 'He said "no"', "body": "<b>ł</b>\n", "categoryId": 7}


@pytest.mark.parametrize(
    ("permalink", "call", "replies", "sent", "status", "answer"),
    [
        ("my-contact", {}, [(200, CONTACT)], [("GET", QUERY, None)], 200, {"id": "003x", "total": 1}),
        ("my-contact", {}, [(400, ["bad"])], [("GET", QUERY, None)], 400, ["bad"]),
        ("countries", {}, [(200, COUNTRIES)], [("GET", "/v3.1/all?fields=name,capital", None)], 200, ROWS),
        ("create-ticket", {"method": "POST", "payload": TICKET}, [(201, {"number": "T-1"})],
         [("POST", "/protected/tickets", {"Subject": 'He said "no"', "body": "<b>ł</b>\n", "categoryId": 7,
                                          "priority": "3", "reporter": "Ada Lovelace"})],
         201, {"ticket": "T-1"}),
        ("my-orders", {"method": "POST", "query": "since=2024"},
         [(200, {"contact-id": "c 1"}), (200, {"orders": [1, 2, 3]})],
         [("GET", "/protected/contacts?email=ada@example.com", None),
          ("GET", "/protected/orders?contact=c%201&since=2024", None)],
         200, {"orders": 3, "contact": "c 1"}),
        ("enrol-in-course", {"method": "POST", "payload": {"course": "py-101"}},
         [(201, {"id": 42}), (202, {"seat": 9})],
         [("POST", "/learners", {"email": "ada@example.com", "name": "Ada"}),
          ("POST", "/learners/42/enrolments", {"course": "py-101"})],
         202, {"seat": 9}),
    ],
)  # fmt: skip
def test_what_comes_back(moved, permalink, call, replies, sent, status, answer):
    for code, body in replies:
        moved.api.reply_with(code, [("Content-Type", "application/json")], json.dumps(body))
    got, content_type, content = moved.call(permalink, **call)
    assert (got, json.loads(content)) == (status, answer)
    assert content_type == "application/json"
    received = [(each.method, each.target, each.body) for each in moved.api.requests]
    assert [(method, target, json.loads(body or "null")) for method, target, body in received] == sent


def test_a_failing_step_of_a_composite_connector(moved):
    moved.api.reply_with(500, path="/learners")
    status, _, content = moved.call("enrol-in-course", "POST", payload={"course": "py-101"})
    errors = json.loads(content)["errors"]
    assert (status, errors["scope"]) == (502, "Composite step 'learner' (index 0): Downstream (HTTP error)")


@pytest.mark.parametrize("permalink", ["weather", "my-ideas"])
def test_nobody_calls_without_a_session(moved, permalink):
    assert moved.call(permalink, user=None)[0] == 401
    assert moved.api.requests == []


def test_the_adapter_is_where_the_guide_loads_it_from(moved):
    (address,) = re.findall(r'from "https://gateway\.example\.com(/.+)"', GUIDE)
    connection = http.client.HTTPConnection("127.0.0.1", moved.port, timeout=30)
    connection.request("GET", address)
    answer = connection.getresponse()
    assert answer.status == 200 and "export function createSdk" in answer.read().decode()
    connection.close()
