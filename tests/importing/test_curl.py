"""curl commands as connectors: tables of commands and documents."""

import base64
import json

import pytest

from sealgate.errors import DocumentInvalid
from sealgate.importing.curl import import_curl
from sealgate.importing.naming import Names
from sealgate.secret import reveal

CANARY = "canary-value-4711"
FIXED_BODY = "the body is fixed as it was pasted"
BEARER = {"key": "Authorization", "value": "Bearer {{ get_secret('acme_token') }}", "in": "header"}


def take(command, **more):
    return import_curl(command, Names(), **more)


def row(key, value):
    return {"key": key, "value": value}


def api_key(key, value, placement="header"):
    return {"type": "api_key", "config": {"key": key, "value": value, "in": placement}}


URL = "https://api.acme.com/v1/orders"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (f"curl {URL}", {"url": URL, "method": "GET"}),
        (f"$ curl.exe {URL}", {"url": URL}),
        (f"curl --url {URL} -X delete", {"method": "DELETE"}),
        (f"curl -XPUT -d x {URL}", {"method": "PUT", "request_body": "x"}),
        (f"curl -I {URL}", {"method": "HEAD"}),
        (f"curl -sSLv -o out.json {URL}", {"url": URL}),
        ("curl api.acme.com/x", {"url": "https://api.acme.com/x"}),
        ("curl https://api.acme.com", {"url": "https://api.acme.com/"}),
        ("curl 'https://api.acme.com/a b/%C3%A9?x={y}'", {
            "url": "https://api.acme.com/a%20b/%C3%A9", "query_parameters": [row("x", "{y}")]}),
        ("curl 'https://api.acme.com/a{{b'", {"url": "https://api.acme.com/a%7B%7Bb"}),
        ("curl 'https://api.acme.com/x?a=1&a=2&b=%26+c&flag'", {
            "url": "https://api.acme.com/x?a=1&a=2&flag", "query_parameters": [row("b", "& c")]}),
        ("curl 'https://api.acme.com/x?f[]=1&f[]=2'", {"url": "https://api.acme.com/x?f[]=1&f[]=2"}),
        ("curl 'https://api.acme.com/x?q={{a}}'", {
            "query_parameters": [row("q", "{{ '{' }}{{ '{' }}a}}")]}),
        (f"curl -G {URL} -d a=1 --data-urlencode 'q=x & y' --url-query z=3", {
            "method": "GET", "query_parameters": [row("z", "3"), row("a", "1"), row("q", "x & y")]}),
        (f"curl {URL} -H 'X-Trace: 1' -H 'X-Empty;' -H 'User-Agent:'", {
            "headers": [row("X-Trace", "1"), row("X-Empty", "")]}),
        (f"curl {URL} -A me/1 -e https://acme.com/", {
            "headers": [row("User-Agent", "me/1"), row("Referer", "https://acme.com/")]}),
        (f"curl {URL} -d a=1 -d b=2", {
            "method": "POST", "request_body": "a=1&b=2",
            "headers": [row("Content-Type", "application/x-www-form-urlencoded")]}),
        (f"curl {URL} --data-raw '@x'", {"request_body": "@x"}),
        (f"curl {URL} --data-urlencode 'n=a b' --data-urlencode '=c&d'", {"request_body": "n=a%20b&c%26d"}),
        (f"curl {URL} --json '{{\"a\":' --json '1}}'", {
            "request_body": '{"a":1}',
            "headers": [row("Content-Type", "application/json"), row("Accept", "application/json")]}),
        (f"curl {URL} -H 'content-type: text/plain' -d '{{{{ x }}}}'", {
            "request_body": "{{ '{' }}{{ '{' }} x }}", "headers": [row("content-type", "text/plain")]}),
        (f"curl -H 'Authorization: Bearer {CANARY}' {URL}", {
            "authentication": {"type": "api_key", "config": BEARER}}),
        (f"curl --oauth2-bearer {CANARY} {URL}", {"authentication": {"type": "api_key", "config": BEARER}}),
        (f"curl -H 'Authorization: Bearer '\"$ACME_TOKEN\" {URL}", {
            "authentication": {"type": "api_key", "config": BEARER}}),
        (f"curl -H 'Authorization: {CANARY}' {URL}", {
            "authentication": api_key("Authorization", "{{ get_secret('acme_authorization') }}")}),
        (f"curl -H 'authorization: Token {CANARY}' {URL}", {
            "authentication": api_key("Authorization", "Token {{ get_secret('acme_token') }}")}),
        (f"curl -u {CANARY}:pw {URL}", {"authentication": api_key(
            "Authorization", "Basic {{ get_secret('acme_user_and_password') | base64_encode }}")}),
        (f"curl -u \"$ID:$PW\" {URL}", {"authentication": api_key(
            "Authorization", "Basic {{ (get_secret('id') ~ ':' ~ get_secret('pw')) | base64_encode }}")}),
        (f"curl -u \"$KEY:\" {URL}", {"authentication": api_key(
            "Authorization", "Basic {{ (get_secret('key') ~ ':') | base64_encode }}")}),
        (f"curl 'https://{CANARY}:pw@api.acme.com/x'", {"authentication": api_key(
            "Authorization", "Basic {{ get_secret('acme_user_and_password') | base64_encode }}")}),
        (f"curl -H 'X-Api-Key: {CANARY}' {URL}", {
            "authentication": api_key("X-Api-Key", "{{ get_secret('acme_api_key') }}")}),
        (f"curl -H 'Ocp-Apim-Subscription-Key: {CANARY}' {URL}", {"authentication": api_key(
            "Ocp-Apim-Subscription-Key", "{{ get_secret('acme_ocp_apim_subscription_key') }}")}),
        (f"curl '{URL}?appid={CANARY}&q=Warsaw'", {
            "authentication": api_key("appid", "{{ get_secret('acme_appid') }}", "query"),
            "query_parameters": [row("q", "Warsaw")]}),
        (f"curl '{URL}?key={CANARY}' -H 'X-Auth-Token: {CANARY}2'", {
            "authentication": api_key("X-Auth-Token", "{{ get_secret('acme_auth_token') }}"),
            "query_parameters": [row("key", "{{ get_secret('acme_api_key') }}")]}),
        (f"curl {URL} -H 'apikey: {CANARY}' -H 'Authorization: Bearer {CANARY}'", {
            "authentication": {"type": "api_key", "config": BEARER},
            "headers": [row("apikey", "{{ get_secret('acme_token') }}")]}),
        (f"curl {URL} -H 'X-Custom: sk_live_{CANARY.replace('-', '')}'", {
            "authentication": api_key("X-Custom", "{{ get_secret('acme_custom') }}")}),
        (f"curl '{URL}?page_token=abc&token_type=x' -H 'Idempotency-Key: 1'", {
            "query_parameters": [row("page_token", "abc"), row("token_type", "x")],
            "headers": [row("Idempotency-Key", "1")]}),
    ],
)  # fmt: skip
def test_command(command, expected):
    proposal = take(command)
    document = proposal.document
    assert {name: document.get(name) for name in expected} == expected
    assert CANARY not in json.dumps(document)
    assert CANARY not in repr(proposal)


CHROME = """curl 'https://app.acme.com/api/items?limit=10' \\
  -H 'accept: application/json, text/plain, */*' \\
  -H 'accept-language: en-US,en;q=0.9' \\
  -b '_session=canary-value-4711' \\
  -H 'authorization: Bearer canary-value-4711' \\
  -H 'content-type: application/json' \\
  -H 'origin: https://app.acme.com' \\
  -H 'priority: u=1, i' \\
  -H 'referer: https://app.acme.com/items' \\
  -H 'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"' \\
  -H 'sec-fetch-mode: cors' \\
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64)' \\
  --data-raw $'{"title":"Ada\\'s","tags":["a","b"]}'"""

FIREFOX = """curl 'https://app.acme.com/api/items?limit=10' --compressed -X POST \
-H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0)' -H 'Accept: application/json' \
-H 'Accept-Encoding: gzip, deflate, br, zstd' -H 'Content-Type: application/json' \
-H 'Authorization: Bearer canary-value-4711' -H 'Cookie: a=canary-value-4711' -H 'Connection: keep-alive' \
-H 'Sec-Fetch-Dest: empty' -H 'TE: trailers' --data-raw '{"title":"Ada'\\''s","tags":["a","b"]}'"""

CHROME_CMD = (
    'curl ^"https://app.acme.com/api/items?limit=10^" ^\r\n'
    '  -H ^"accept: application/json^" ^\r\n'
    '  -b ^"_session=canary-value-4711^" ^\r\n'
    '  -H ^"authorization: Bearer canary-value-4711^" ^\r\n'
    '  -H ^"content-type: application/json^" ^\r\n'
    '  -H ^"sec-ch-ua: ^\\^"Chromium^\\^";v=^\\^"140^\\^"^" ^\r\n'
    '  --data-raw ^"^{^\\^"title^\\^":^\\^"Ada\'s^\\^",^\\^"tags^\\^":^[^\\^"a^\\^",^\\^"b^\\^"^]^}^"'
)


@pytest.mark.parametrize("command", [CHROME, FIREFOX, CHROME_CMD], ids=["chrome", "firefox", "chrome-cmd"])
def test_copied_from_a_browser(command):
    proposal = take(command)
    document = proposal.document
    assert document["url"] == "https://app.acme.com/api/items"
    assert document["method"] == "POST"
    assert document["query_parameters"] == [row("limit", "10")]
    assert json.loads(document["request_body"]) == {"title": "Ada's", "tags": ["a", "b"]}
    assert document["authentication"]["config"] == BEARER
    names = {header["key"].lower() for header in document["headers"]}
    assert names <= {"accept", "accept-language", "content-type"}
    assert [reveal(secret.value) for secret in proposal.secrets] == [CANARY]
    assert proposal.secrets[0].hosts == ("app.acme.com",)
    said = " ".join(warning.message for warning in proposal.warnings)
    assert "cookie" in said.lower() and FIXED_BODY in said
    assert CANARY not in said + json.dumps(document)


# -- token requests -------------------------------------------------------------------------------------

TOKEN_URL = "https://login.acme.com/oauth/token"
OAUTH = {
    "type": "oauth_client_credentials",
    "config": {
        "client_id": "id-1",
        "client_secret": "{{ get_secret('acme_client_secret') }}",
        "token_url": TOKEN_URL,
        "scope": "read write",
    },
}


@pytest.mark.parametrize(
    "token_request",
    [
        f"curl {TOKEN_URL} -d grant_type=client_credentials -d client_id=id-1 -d client_secret={CANARY} "
        "-d 'scope=read write'",
        f"curl -u id-1:{CANARY} {TOKEN_URL} -d 'grant_type=client_credentials&scope=read+write'",
        f'curl {TOKEN_URL} --json \'{{"grant_type":"client_credentials","client_id":"id-1",'
        f'"client_secret":"{CANARY}","scope":"read write"}}\'',
        f"curl {TOKEN_URL} -H 'Authorization: Basic {base64.b64encode(f'id-1:{CANARY}'.encode()).decode()}' "
        "-d 'grant_type=client_credentials&scope=read+write'",
    ],
)
def test_a_token_request_and_a_call(token_request):
    proposal = take(f"{token_request}\ncurl {URL} -H 'Authorization: Bearer eyJ-of-yesterday'")
    assert proposal.document["authentication"] == OAUTH
    assert proposal.document["url"] == URL
    (secret,) = proposal.secrets
    assert reveal(secret.value) == CANARY and secret.hosts == ("login.acme.com",)


def test_a_token_request_alone_asks_for_the_url():
    proposal = take(f"curl -u id-1:{CANARY} {TOKEN_URL} -d grant_type=client_credentials")
    assert proposal.document["url"] == "https://login.acme.com/"
    assert "url" in [warning.path for warning in proposal.warnings]


def test_an_assertion_tells_who_asserts_what():
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"iss": "svc@acme", "sub": "ada", "aud": "https://login.acme.com", "exp": 1, "iat": 0}
    assertion = f"{part({'alg': 'ES256', 'kid': 'k1'})}.{part(claims | {'scope': 'api'})}.{CANARY}"
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    proposal = take(f"curl {TOKEN_URL} --data-urlencode grant_type={grant} -d assertion={assertion}")
    assert proposal.document["authentication"] == {
        "type": "oauth_jwt_bearer",
        "config": {
            "client_id": "svc@acme",
            "private_key": "{{ get_secret('acme_private_key') }}",
            "token_url": TOKEN_URL,
            "subject": "ada",
            "audience": "https://login.acme.com",
            "algorithm": "ES256",
            "additional_claims": {"scope": "api"},
            "jwt_headers": {"kid": "k1"},
        },
    }
    assert [(secret.name, secret.value) for secret in proposal.secrets] == [("acme_private_key", None)]
    assert CANARY not in json.dumps(proposal.document)


# -- what is left out or refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expression"),
    [
        ("-k", "-k"), ("-L", "-L"), ("-b a=b", "-b"), ("--max-time 5", "--max-time"), ("-x http://p", "-x"),
        ("--cookie-jar f", "--cookie-jar"), ("-H 'Cookie: a=b'", "Cookie"),
    ],
)  # fmt: skip
def test_left_out_with_a_warning(options, expression):
    proposal = take(f"curl {options} {URL}")
    assert proposal.document["url"] == URL
    assert expression in [warning.expression for warning in proposal.warnings]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("", "no curl command"),
        ("wget https://a.b", "does not begin with `curl`"),
        ("curl", "has no URL"),
        ("curl https://a.b https://c.d", "more than one URL"),
        ("curl https://a.b\ncurl https://c.d", "more than one request"),
        ("curl https://a.b/x?y=1&z=2", "does not begin with `curl`"),
        ("curl https://a.b -F f=@x", "-F cannot be taken over: multipart"),
        ("curl https://a.b -d @file", "--data @… reads a file"),
        ("curl https://a.b --data-urlencode n@file", "--data-urlencode @… reads a file"),
        ("curl https://a.b -T file", "-T cannot be taken over"),
        ("curl https://a.b --made-up", "the option --made-up is not known here"),
        ("curl https://a.b -?", "the option -? is not known here"),
        ("curl https://a.b --request=POST", "curl takes no `=`"),
        ("curl https://a.b -X", "-X needs a value"),
        ("curl https://a.b -X BREW", "the method after -X is none of"),
        ("curl https://a.b -H nonsense", "is no `Name: value`"),
        ("curl https://a.b -H @file", "reads a file"),
        ("curl https://$HOST/x", "the URL holds a shell variable"),
        ("curl 'https://a b/x'", "the URL cannot be used"),
        ("curl ftp://a.b/x", "the URL cannot be used"),
        ("curl https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe", "path holds"),
        ("curl https://a.b -H 'X-A: 1' -H 'x-a: 2'", "stands more than once"),
        ("curl 'https://a.b/?token=a&token=b'", "does not fit into a row"),
        (
            f"curl {TOKEN_URL} -d grant_type=refresh_token -d refresh_token=r",
            "grant_type cannot be taken over",
        ),
        (f"curl {TOKEN_URL} -d grant_type=password -d password=r", "grant_type cannot be taken over"),
        (f"curl '{TOKEN_URL}?client_secret=x' -d grant_type=client_credentials", "the token URL holds"),
        (f"curl {TOKEN_URL} -d grant_type=client_credentials", "no client_id or no client_secret"),
    ],
)
def test_refused(command, says):
    with pytest.raises(DocumentInvalid) as caught:
        take(command)
    assert any(says in fault.message for fault in caught.value.fields), caught.value.fields


def test_all_faults_at_once():
    with pytest.raises(DocumentInvalid) as caught:
        take(f"curl -F a=b --what {CANARY} -d @file https://api.acme.com -H '{CANARY}'")
    assert len(caught.value.fields) == 4 + 1  # the word after --what is one more URL
    assert CANARY not in repr(caught.value.fields) + str(caught.value.as_json())


# -- secrets in bodies --------------------------------------------------------------------------------------

PEM = "-----BEGIN PRIVATE KEY-----\ncanary-value-4711\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("options", "body"),
    [
        (f"-d 'user=ada&password={CANARY}'", "user=ada&password="),
        (f"--json '{{\"a\": [{{\"clientSecret\": \"{CANARY}\"}}], \"b\": 1}}'", {
            "a": [{"clientSecret": ""}], "b": 1}),
        ("--data-binary " + json.dumps(PEM).replace("\\n", "\n"), "\n\n"),
        ("-d \"a=$TOKEN\"", "a="),
    ],
)  # fmt: skip
def test_a_body_never_holds_a_credential(options, body):
    proposal = take(f"curl {URL} {options}")
    written = proposal.document.get("request_body", "")
    assert CANARY not in json.dumps(proposal.document) and "PRIVATE KEY" not in written
    assert (json.loads(written) if isinstance(body, dict) else written) == body
    assert any("cannot read from a secret" in warning.message for warning in proposal.warnings)


def test_a_body_that_is_not_sent_is_said():
    proposal = take(f"curl -X DELETE {URL} -d x")
    assert "request_body" not in proposal.document
    assert "request_body" in [warning.path for warning in proposal.warnings]


# -- names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "name", "permalink"),
    [
        ("https://api.acme.com/v1/orders/42", "Acme orders", "acme-orders"),
        ("https://api.acme.co.uk/v2.0/me", "Acme me", "acme-me"),
        ("https://acme.com/", "Acme", "acme"),
        ("https://192.0.2.1/status.json", "Api status.json", "api-status-json"),
    ],
)
def test_names(url, name, permalink):
    document = take(f"curl {url}").document
    assert (document["name"], document["permalink"]) == (name, permalink)


def test_names_in_use_are_not_taken_again():
    names = Names({"acme-orders"}, {"acme_token", "acme_token_2"})
    proposal = import_curl(f"curl {URL} -H 'Authorization: Bearer {CANARY}'", names)
    assert proposal.document["permalink"] == "acme-orders-2"
    assert [secret.name for secret in proposal.secrets] == ["acme_token_3"]
    assert take(f"curl {URL}", title="My orders").document["permalink"] == "my-orders"
