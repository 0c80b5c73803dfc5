"""A pasted token request (RFC 6749 section 4.4, RFC 7523 section 2.1) as `authentication`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from sealgate.auth.jwt_bearer import GRANT_TYPE as JWT_BEARER
from sealgate.importing.credentials import holds_credential, names_credential
from sealgate.importing.curl_command import CurlCommand
from sealgate.importing.found import FoundSecrets
from sealgate.importing.naming import owner_of
from sealgate.importing.proposal import Notes, literal
from sealgate.importing.shell_words import PLACE

CLIENT_CREDENTIALS = "client_credentials"
_ASSERTED = frozenset({"iss", "sub", "aud", "exp", "iat", "nbf", "jti"})
_OTHER_FLOWS = {
    "refresh_token": "a refresh token is bound to one person's sign-in",
    "password": "a person's password must not be stored",
    "authorization_code": "a code can be used once",
}


def token_fields(command: CurlCommand) -> Mapping[str, str]:
    """The fields of a token request; empty when this is none."""
    if not command.body:
        return {}
    fields = dict(parse_qsl(command.body, keep_blank_values=True))
    if "grant_type" not in fields:
        try:
            tree = json.loads(command.body)
        except (ValueError, RecursionError):
            return {}
        fields = {name: str(value) for name, value in tree.items()} if isinstance(tree, dict) else {}
    return fields if fields.get("grant_type") else {}


def authentication_of(command: CurlCommand, found: FoundSecrets, notes: Notes) -> dict[str, Any] | None:
    """The authentication that sends this token request; `None` with a fault when no type does."""
    fields = token_fields(command)
    reader = _TokenRequest(command, fields, found, notes)
    match fields["grant_type"]:
        case "client_credentials":
            return reader.client_credentials()
        case grant if grant == JWT_BEARER:
            return reader.jwt_bearer()
        case grant:
            why = _OTHER_FLOWS.get(grant, "no authentication type sends it")
            message = f"the token request's grant_type cannot be taken over: {why}"
            hint = "use client_credentials, or a signed assertion (jwt-bearer), if the API offers one"
            notes.fault(PLACE, message, expression="grant_type", hint=hint)
            return None


class _TokenRequest:
    def __init__(
        self, command: CurlCommand, fields: Mapping[str, str], found: FoundSecrets, notes: Notes
    ) -> None:
        self._command = command
        self._fields = fields
        self._found = found
        self._notes = notes
        self._host = command.origin.host
        self._owner = owner_of(self._host)
        self._url = command.url + (f"?{command.query}" if command.query else "")
        names = dict(parse_qsl(command.query, keep_blank_values=True))
        if any(names_credential(name) for name in names) or holds_credential(self._url):
            message = "the token URL holds a credential: send it in the body of the token request"
            notes.fault(PLACE, message)

    def client_credentials(self) -> dict[str, Any]:
        user, password = self._basic()
        client_id = self._fields.get("client_id") or user
        client_secret = self._fields.get("client_secret") or password
        if not client_id or not client_secret:
            self._notes.fault(PLACE, "the token request has no client_id or no client_secret")
        self._name_others("grant_type", "client_id", "client_secret", "scope")
        config = {
            "client_id": self._text(client_id, "client_id"),
            "client_secret": self._credential(client_secret, "client_secret"),
            "token_url": self._url,
        }
        if scope := self._fields.get("scope"):
            config["scope"] = self._text(scope, "scope")
        return {"type": "oauth_client_credentials", "config": config}

    def jwt_bearer(self) -> dict[str, Any]:
        """From the claims of the assertion; the key that signed it has to be given."""
        header, claims = _decoded(self._fields.get("assertion", ""))
        if not claims:
            message = "the assertion is no JWT that can be read: fill in client_id, subject and audience"
            self._notes.warn("authentication", message)
        self._name_others("grant_type", "assertion")
        issuer = str(claims.get("iss") or "client-id")
        audience = claims.get("aud") or str(self._command.origin)
        config: dict[str, Any] = {
            "client_id": literal(issuer),
            "private_key": self._found.wanted(
                base=self._owner,
                kind="private_key",
                place="authentication.config.private_key",
                advice="the private key (PEM) that signs the assertion",
                host=self._host,
            ),
            "token_url": self._url,
            "subject": literal(str(claims.get("sub") or issuer)),
            "audience": literal(str(audience[0] if isinstance(audience, list) else audience)),
            "algorithm": str(header.get("alg") or "RS256"),
        }
        further = {name: value for name, value in claims.items() if name not in _ASSERTED}
        if further:
            config["additional_claims"] = _literals(further)
        if header.get("kid"):
            config["jwt_headers"] = {"kid": literal(str(header["kid"]))}
        return {"type": "oauth_jwt_bearer", "config": config}

    def _basic(self) -> tuple[str, str]:
        """Name and password of HTTP Basic (RFC 6749 section 2.3.1)."""
        text = self._command.user or ""
        scheme, _, encoded = (self._command.header("authorization") or "").partition(" ")
        if scheme.lower() == "basic":
            try:
                text = base64.b64decode(encoded, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                self._notes.fault(PLACE, "the Basic credentials of the token request are not base64")
        if text:
            message = "the gateway sends client id and secret in the form, not as HTTP Basic"
            self._notes.warn("authentication", message)
        user, _, password = text.partition(":")
        return user, password

    def _name_others(self, *known: str) -> None:
        for name in self._fields:
            if name not in known:
                message = f"the token request's field {name[:60]!r} is left out: the gateway does not send it"
                self._notes.warn("authentication.config", message)

    def _text(self, text: str, member: str) -> str:
        return self._found.template(text, place=f"authentication.config.{member}", host=self._host)

    def _credential(self, text: str, kind: str) -> str:
        return self._found.credential(
            text,
            base=self._owner,
            kind=kind,
            place=f"authentication.config.{kind}",
            advice=f"the OAuth client secret, for {self._host}",
            host=self._host,
        )


def _decoded(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a compact JWS (RFC 7515 section 7.1); empty when it is none."""
    parts = assertion.split(".")
    try:
        header, claims = (
            json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2]
        )
    except (ValueError, RecursionError):
        return {}, {}
    return (header, claims) if isinstance(header, dict) and isinstance(claims, dict) else ({}, {})


def _literals(tree: Any) -> Any:
    if isinstance(tree, str):
        return literal(tree)
    if isinstance(tree, dict):
        return {name: _literals(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [_literals(item) for item in tree]
    return tree
