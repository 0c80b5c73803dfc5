"""The form of Test Connection: what it asks for, and what was filled in as a test request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealgate.execution.trial import TestRequest
from sealgate.model.composite import is_composite
from sealgate.services.connectors import method_of
from sealgate.web.studio.forms import Form

BODILESS = ("GET", "HEAD", "OPTIONS")
PATH_PREFIX = "trial-path."
CLAIMS = (
    ("sub", "Id", "user.id"),
    ("email", "Email", "user.email"),
    ("given_name", "First name", "user.first_name"),
    ("family_name", "Last name", "user.last_name"),
    ("preferred_username", "Username", "user.username"),
)
"""Session claim, words, and the name in templates."""
EXAMPLE_USER = {
    "sub": "1",
    "email": "ada@example.com",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "preferred_username": "ada",
}
"""Whom a new form acts as, so that what templates make of a user is seen at once."""


@dataclass(frozen=True, slots=True)
class TrialForm:
    """What the form of a connector shows: `path` holds the names that the document declares with what was
    filled in, `claims` those of the user."""

    method: str
    composite: bool
    path: tuple[tuple[str, str], ...]
    query: tuple[dict[str, str], ...]
    headers: tuple[dict[str, str], ...]
    body: str
    as_user: bool
    claims: tuple[tuple[str, str, str, str], ...]
    profile: tuple[dict[str, str], ...]

    @property
    def who(self) -> str:
        """Whom it acts as, in a word or two."""
        if not self.as_user:
            return "nobody who is signed in"
        named = {name: value for name, _, _, value in self.claims if value}
        return named.get("email") or named.get("sub") or "a user without an id"

    @property
    def takes_body(self) -> bool:
        return self.method not in BODILESS

    @classmethod
    def of(cls, document: Mapping[str, Any], form: Form) -> TrialForm:
        """For a document as it is stored, or as far as it is written. A form that says nothing about the user
        acts as an example."""
        chosen = form.get("trial-as", "user")
        example: Mapping[str, str] = {} if "trial-as" in form else EXAMPLE_USER
        return cls(
            method=method_of({"method": "GET", **document}).upper(),
            composite=is_composite(document),
            path=tuple((name, form.get(PATH_PREFIX + name)) for name in path_names(document)),
            query=tuple(form.rows("trial-query")),
            headers=tuple(form.rows("trial-headers")),
            body=form.get("trial-body"),
            as_user=chosen == "user",
            claims=tuple(
                (name, words, use, form.get(f"trial-user.{name}", example.get(name, "")))
                for name, words, use in CLAIMS
            ),
            profile=tuple(form.rows("trial-profile")),
        )

    def request(self) -> TestRequest:
        """Raises DocumentInvalid."""
        headers = {row["key"]: row.get("value", "") for row in self.headers if row.get("key")}
        body = self.body if self.takes_body and self.body.strip() else None
        if body and _is_json(body) and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        return TestRequest.from_json(
            {
                "query": [[row["key"], row.get("value", "")] for row in self.query if row.get("key")],
                "headers": headers,
                "path_params": {name: value for name, value in self.path if value},
                "body": body,
                "user": self.user(),
            }
        )

    def user(self) -> dict[str, Any] | None:
        """The session claims of whom the call acts as; `None` for nobody."""
        if not self.as_user:
            return None
        claims: dict[str, Any] = {name: value for name, _, _, value in self.claims if value}
        fields = {row["key"]: row.get("value", "") for row in self.profile if row.get("key")}
        return claims | ({"profile_fields": fields} if fields else {})


def path_names(document: Mapping[str, Any]) -> list[str]:
    """The names of the document's path rows."""
    rows = document.get("path_parameters") or ()
    names = (row.get("key") for row in rows if isinstance(row, Mapping)) if isinstance(rows, list) else ()
    return list(dict.fromkeys(name for name in names if isinstance(name, str) and name))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
