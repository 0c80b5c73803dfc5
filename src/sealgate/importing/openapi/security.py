"""Security schemes as `authentication`, with placeholders for what has to be given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from sealgate.host import UrlProblem, split_url
from sealgate.importing.naming import Names
from sealgate.importing.openapi.document import Operation, Specification, mapping, sequence
from sealgate.importing.proposal import Notes, ProposedSecret, literal

AUTHORIZATION = "Authorization"
_PLACE = "authentication"


class Security:
    """Turns requirements into authentication; operations that name the same scheme share its secrets."""

    def __init__(self, specification: Specification, names: Names, owner: str) -> None:
        self._specification = specification
        self._names = names
        self._owner = owner
        self._known: dict[tuple[str, str], str] = {}

    def apply(
        self, operation: Operation, server: str, document: dict[str, Any], notes: Notes
    ) -> tuple[ProposedSecret, ...]:
        """Puts `authentication` into the document, further keys into rows; gives the secrets they read."""
        requirement = self._requirement(operation, notes)
        secrets: list[ProposedSecret] = []
        for name, scopes in requirement.items():
            scheme = self._scheme(name)
            applied = _Scheme(self, name, scheme, server, secrets, notes)
            authentication = applied.authentication([str(scope) for scope in sequence(scopes)])
            if authentication is None:
                continue
            if _PLACE not in document:
                document[_PLACE] = authentication
            else:
                _as_row(authentication, document, notes)
        return tuple(secrets)

    def _scheme(self, name: str) -> Mapping[str, Any]:
        components = mapping(self._specification.root.get("components"))
        return self._specification.resolved(mapping(components.get("securitySchemes")).get(name))

    def _requirement(self, operation: Operation, notes: Notes) -> Mapping[str, Any]:
        """The first alternative that a connector can meet, else the first one."""
        declared = operation.members.get("security", self._specification.root.get("security"))
        choices = [choice for choice in sequence(declared) if isinstance(choice, Mapping) and choice]
        for choice in choices:
            if all(_possible(self._scheme(name)) for name in choice):
                return choice
        return choices[0] if choices else {}

    def secret(self, scheme: str, kind: str, advice: str, host: str) -> ProposedSecret:
        """The secret of this kind that the scheme needs: the same for each operation."""
        name = self._known.get((scheme, kind))
        if name is None:
            name = self._known[scheme, kind] = self._names.secret(self._owner, kind)
        return ProposedSecret(name, _PLACE, advice, None, (host,) if host else ())


def _possible(scheme: Mapping[str, Any]) -> bool:
    match scheme.get("type"):
        case "apiKey":
            return scheme.get("in") in ("header", "query")
        case "http":
            return str(scheme.get("scheme")).lower() in ("bearer", "basic")
        case "oauth2":
            return "clientCredentials" in mapping(scheme.get("flows"))
    return False


def described_schemes(specification: Specification) -> Iterator[tuple[str, str]]:
    """The name of each security scheme, and in words what becomes of it."""
    components = mapping(specification.root.get("components"))
    for name, node in mapping(components.get("securitySchemes")).items():
        scheme = specification.resolved(node)
        yield (
            str(name),
            _described(scheme) if _possible(scheme) else _UNFIT.get(str(scheme.get("type")), _LOST),
        )


_LOST = "no authentication type fits it: to be set by hand"
_UNFIT = {
    "oauth2": "OAuth that needs a person's consent: a fixed access token instead",
    "openIdConnect": "OpenID Connect: a fixed access token until it is changed",
}


def _described(scheme: Mapping[str, Any]) -> str:
    match scheme.get("type"):
        case "apiKey":
            place = "query parameter" if scheme.get("in") == "query" else "header"
            return f"API key in the {place} {str(scheme.get('name'))[:100]}"
        case "http" if str(scheme.get("scheme")).lower() == "basic":
            return "name and password (HTTP Basic)"
        case "http":
            return "bearer token"
    return "OAuth client credentials"


class _Scheme:
    """One scheme of one operation."""

    def __init__(
        self,
        security: Security,
        name: str,
        scheme: Mapping[str, Any],
        server: str,
        secrets: list[ProposedSecret],
        notes: Notes,
    ) -> None:
        self._security = security
        self._name = name
        self._scheme = scheme
        self._server = server
        self._secrets = secrets
        self._notes = notes

    def authentication(self, scopes: list[str]) -> dict[str, Any] | None:
        """`None` with a warning when no type fits."""
        match self._scheme.get("type"):
            case "apiKey" if self._scheme.get("in") in ("header", "query") and self._scheme.get("name"):
                key = str(self._scheme["name"])
                value = self._read("api_key", f"the value of {key}", self._server)
                return _api_key(key, value, str(self._scheme["in"]))
            case "http" if str(self._scheme.get("scheme")).lower() == "basic":
                value = self._read("user_and_password", "`user:password` for HTTP Basic", self._server)
                return _api_key(AUTHORIZATION, f"Basic {value[:-3]} | base64_encode }}}}", "header")
            case "http" if str(self._scheme.get("scheme")).lower() == "bearer":
                return self._bearer("token", "the bearer token")
            case "oauth2":
                return self._oauth(scopes)
            case "openIdConnect":
                return self._open_id_connect()
        self._warn("no authentication type fits it: set `authentication` by hand")
        return None

    def _oauth(self, scopes: list[str]) -> dict[str, Any]:
        flow = mapping(mapping(self._scheme.get("flows")).get("clientCredentials"))
        if not flow:
            self._warn(
                "its flows need a person's consent: a fixed access token is expected",
                hint="if the API offers client credentials or a signed assertion, change the type",
            )
            return self._bearer("access_token", "an access token")
        token_url = self._url(str(flow.get("tokenUrl") or ""))
        config = {
            "client_id": self._read("client_id", "the OAuth client id", token_url),
            "client_secret": self._read("client_secret", "the OAuth client secret", token_url),
            "token_url": token_url,
        }
        if scopes:
            config["scope"] = literal(" ".join(scopes))
        return {"type": "oauth_client_credentials", "config": config}

    def _open_id_connect(self) -> dict[str, Any]:
        discovery = str(self._scheme.get("openIdConnectUrl") or "")[:300]
        self._warn(
            f"OpenID Connect: open {discovery or 'the discovery document'} and put its `token_endpoint` into "
            "`token_url` of the type oauth_client_credentials; until then a fixed access token is expected"
        )
        return self._bearer("access_token", "an access token")

    def _bearer(self, kind: str, advice: str) -> dict[str, Any]:
        return _api_key(AUTHORIZATION, f"Bearer {self._read(kind, advice, self._server)}", "header")

    def _url(self, text: str) -> str:
        url = urljoin(self._server, text) if self._server.startswith("http") else text
        try:
            split_url(url)
        except UrlProblem as problem:
            self._warn(f"its tokenUrl cannot be used: {problem}", place="authentication.config.token_url")
            return "https://login.example.com/oauth/token"
        return url

    def _read(self, kind: str, advice: str, url: str) -> str:
        try:
            host = split_url(url).origin.host
        except UrlProblem:
            host = ""
        secret = self._security.secret(self._name, kind, advice, host)
        self._secrets.append(secret)
        return f"{{{{ get_secret('{secret.name}') }}}}"

    def _warn(self, message: str, hint: str | None = None, place: str = _PLACE) -> None:
        self._notes.warn(place, f"security scheme {self._name[:60]!r}: {message}", hint=hint)


def _api_key(key: str, value: str, placement: str) -> dict[str, Any]:
    return {"type": "api_key", "config": {"key": literal(key), "value": value, "in": placement}}


def _as_row(authentication: dict[str, Any], document: dict[str, Any], notes: Notes) -> None:
    if authentication["type"] != "api_key":
        notes.warn(_PLACE, "the operation wants two kinds of authentication; the second is left out")
        return
    config = authentication["config"]
    field = "headers" if config["in"] == "header" else "query_parameters"
    document.setdefault(field, []).append({"key": config["key"], "value": config["value"]})
