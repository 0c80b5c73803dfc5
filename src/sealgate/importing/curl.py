"""A pasted curl command as a connector (REFERENCE sections 2 to 8), its credentials as secrets."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from urllib.parse import unquote_plus

from sealgate.importing.bodies import body_template
from sealgate.importing.credentials import holds_credential, names_credential
from sealgate.importing.curl_command import CurlCommand, read_commands
from sealgate.importing.found import FoundSecrets
from sealgate.importing.naming import Names, identifier, owner_of, title_of
from sealgate.importing.proposal import Notes, Proposal, literal
from sealgate.importing.shell_words import PLACE, VARIABLE
from sealgate.importing.token_request import authentication_of, token_fields

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
BODY_METHODS = ("POST", "PUT", "PATCH")
MOST_VALUE = 1000
MOST_KEY = 255
_NEVER_SENT = frozenset({
    "accept-encoding", "connection", "content-length", "host", "keep-alive", "te", "trailer", "expect",
    "transfer-encoding", "upgrade", "proxy-connection", "proxy-authorization",
})  # fmt: skip
_BROWSER = frozenset({
    "cache-control", "dnt", "origin", "pragma", "priority", "referer", "upgrade-insecure-requests",
    "user-agent", "x-requested-with", "if-none-match", "if-modified-since",
})  # fmt: skip
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ ]+([^ ,]+)")


def import_curl(text: str, names: Names, *, title: str | None = None) -> Proposal:
    """The connector that sends what the command sends. A token request (RFC 6749) beside it, or alone,
    becomes its `authentication`.

    Raises DocumentInvalid with everything that cannot be taken over, at once."""
    notes = Notes()
    commands = read_commands(text, notes)
    tokens = [command for command in commands if token_fields(command)]
    calls = [command for command in commands if command not in tokens]
    if len(tokens) > 1 or len(calls) > 1:
        message = "there is more than one request: paste one, with its token request when it has one"
        notes.fault(PLACE, message)
    notes.refuse("the command cannot be taken over")
    found = FoundSecrets(names)
    builder = _Builder(calls[0] if calls else None, tokens[0] if tokens else None, found, notes)
    document = builder.document(names, title)
    notes.refuse("the command cannot be taken over")
    return Proposal(document, found.proposed, tuple(notes.warnings))


class _Builder:
    """Builds the document member by member. `authentication` takes the first credential that fits."""

    def __init__(
        self, call: CurlCommand | None, token: CurlCommand | None, found: FoundSecrets, notes: Notes
    ) -> None:
        self._token = token
        self._call = call or _bare(token)
        self._found = found
        self._notes = notes
        self._host = self._call.origin.host
        self._owner = owner_of(self._host)
        self._authentication: dict[str, Any] | None = None
        self._headers: list[dict[str, Any]] = []
        self._query: list[dict[str, Any]] = []
        if token and not call:
            message = "only the token request was pasted: write the API's own URL here"
            notes.warn("url", message)

    def document(self, names: Names, title: str | None) -> dict[str, Any]:
        call = self._call
        if self._token:
            self._authentication = authentication_of(self._token, self._found, self._notes)
        if call.method not in METHODS:
            self._notes.fault(PLACE, f"the method after -X is none of {', '.join(METHODS)}")
        if holds_credential(unquote_plus(call.path)):
            message = "the URL's path holds what looks like a credential, and a URL cannot hold a secret"
            self._notes.fault(PLACE, message, hint="send it in a header or a query parameter instead")
        self._read_credentials_first()
        self._read_headers()
        url_query = self._read_query()
        name = title or title_of(self._host, call.path)
        members: dict[str, Any] = {
            "name": name,
            "permalink": names.permalink(name),
            "url": call.url + (f"?{url_query}" if url_query else ""),
            "method": call.method,
            "headers": self._headers,
            "query_parameters": self._query,
            "authentication": self._authentication,
            "request_body": self._body(),
        }
        return {member: value for member, value in members.items() if value}

    # -- credentials -------------------------------------------------------------------------------

    def _read_credentials_first(self) -> None:
        """`Authorization` and `--user` come before every other key."""
        header, user = self._call.header("authorization"), self._call.user
        if self._token:
            if header is not None or user is not None:
                message = "the API's Authorization is left out: the token request gives the credential"
                self._notes.warn("authentication", message)
        elif header is not None:
            self._authentication = _api_key("Authorization", self._authorization(header), "header")
            if user is not None:
                self._notes.warn(PLACE, "-u is left out: the header Authorization says who calls")
        elif user is not None:
            self._authentication = _api_key("Authorization", self._basic(user), "header")

    def _authorization(self, header: str) -> str:
        match = _SCHEME.fullmatch(header)
        scheme, rest = match.groups() if match else ("", header)
        kind = "basic_credentials" if scheme.lower() == "basic" else "token" if scheme else "authorization"
        prefix = f"{scheme} " if scheme else ""
        return prefix + self._secret(rest, kind, "authentication.config.value", f"what follows {prefix!r}")

    def _basic(self, user: str) -> str:
        """User and password are one secret: either of them can be the key."""
        whole = user if ":" in user else f"{user}:"
        expression = self._secret(
            whole, "user_and_password", "authentication.config.value", "`user:password` for HTTP Basic"
        )
        inner = re.findall(r"\{\{ (.*?) \}\}", expression)
        if len(inner) == 1 and expression == f"{{{{ {inner[0]} }}}}":
            return f"Basic {{{{ {inner[0]} | base64_encode }}}}"
        parts = [
            part if index % 2 else repr(part)
            for index, part in enumerate(re.split(r"\{\{ (.*?) \}\}", expression))
        ]
        joined = " ~ ".join(part for part in parts if part != "''")
        return f"Basic {{{{ ({joined}) | base64_encode }}}}"

    def _secret(self, text: str, kind: str, place: str, advice: str) -> str:
        return self._found.credential(
            text,
            base=self._owner,
            kind=kind,
            place=place,
            advice=f"{advice}, for {self._host}",
            host=self._host,
        )

    def _key(self, name: str, value: str, placement: str, rows: list[dict[str, Any]], field: str) -> None:
        """A credential under a name: the authentication when there is none yet, else a row."""
        first = self._authentication is None
        place = "authentication.config.value" if first else f"{field}.{len(rows)}.value"
        kind = identifier(name).removeprefix("x_")
        kind = "api_key" if kind == "key" else kind
        template = self._secret(value, kind, place, f"the value of {name}")
        if first:
            self._authentication = _api_key(name, template, placement)
        else:
            rows.append({"key": name, "value": template})

    # -- rows --------------------------------------------------------------------------------------

    def _read_headers(self) -> None:
        from_browser = any(name.lower().startswith("sec-") for name, _ in self._call.headers)
        left_out: list[str] = []
        seen: set[str] = set()
        for name, value in self._call.headers:
            lower = name.lower()
            if lower == "cookie":
                message = "the header Cookie is left out: cookies belong to a browser's session"
                self._notes.warn(PLACE, message, expression="Cookie")
            elif lower in _NEVER_SENT or lower.startswith("sec-") or (from_browser and lower in _BROWSER):
                left_out.append(name)
            elif lower == "authorization":
                continue
            elif lower in seen:
                self._notes.fault(PLACE, f"the header {name[:60]} stands more than once: keep one")
            elif value and (names_credential(name) or holds_credential(value)):
                self._key(name, value, "header", self._headers, "headers")
            else:
                place = f"headers.{len(self._headers)}.value"
                template = self._found.template(value, place=place, host=self._host)
                self._headers.append({"key": name, "value": template})
            seen.add(lower)
        if left_out:
            message = f"left out, as the gateway or a browser writes them: {', '.join(left_out)[:300]}"
            self._notes.warn("headers", message)

    def _read_query(self) -> str:
        """Fills the rows; gives what stays in the URL: what a row cannot say."""
        parts = [part for part in self._call.query.split("&") if part]
        names = Counter(_decoded(part.partition("=")[0]) for part in parts)
        stays: list[str] = []
        for part in parts:
            raw_name, equals, raw_value = part.partition("=")
            name, value = _decoded(raw_name), _decoded(raw_value)
            secret = bool(value) and (names_credential(name) or holds_credential(value))
            fits = equals and 0 < len(name) <= MOST_KEY and len(literal(value)) <= MOST_VALUE
            if names[name] > 1 or not fits or "\N{REPLACEMENT CHARACTER}" in name + value:
                if secret or VARIABLE.search(part):
                    message = f"the query parameter {name[:60]!r} holds a secret and does not fit into a row"
                    self._notes.fault(PLACE, message, hint="write it once, as name=value")
                stays.append(part)
            elif secret:
                self._key(name, value, "query", self._query, "query_parameters")
            else:
                place = f"query_parameters.{len(self._query)}.value"
                template = self._found.template(value, place=place, host=self._host)
                self._query.append({"key": name, "value": template})
        return "&".join(stays)

    def _body(self) -> str:
        call = self._call
        if not call.body:
            return ""
        if call.method not in BODY_METHODS:
            message = f"the body is left out: a connector sends none with {call.method}"
            self._notes.warn("request_body", message)
            return ""
        return body_template(call.body, call.header("content-type"), self._notes)


def _api_key(key: str, value: str, placement: str) -> dict[str, Any]:
    return {"type": "api_key", "config": {"key": literal(key), "value": value, "in": placement}}


def _decoded(text: str) -> str:
    return unquote_plus(text)


def _bare(token: CurlCommand | None) -> CurlCommand:
    """A call to the token server's root: what is there when only a token request was pasted."""
    assert token is not None, "there is a call or a token request"
    return CurlCommand(token.origin, "/", "", "GET", [], None)
