"""Who calls: a signed-in user, an API token, or nobody known (design section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_TENANT = "default"


@dataclass(frozen=True, slots=True)
class ProfileFields:
    """`user.profile_fields` in templates: custom profile fields by their numeric id."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def by_id(self, number: Any) -> Any:
        """The field's value; `None` when the user has no such field."""
        return self.values.get(str(number))


@dataclass(frozen=True, slots=True)
class User:
    """`user` in templates (REFERENCE 4.1). For an anonymous caller every member is `None`."""

    id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    profile_fields: ProfileFields = field(default_factory=ProfileFields)

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any]) -> User:
        """From a session's claims (design section 13): `sub`, `email`, `given_name`, …"""
        profile = claims.get("profile_fields")
        return cls(
            id=_text(claims.get("sub")),
            email=_text(claims.get("email")),
            first_name=_text(claims.get("given_name")),
            last_name=_text(claims.get("family_name")),
            username=_text(claims.get("preferred_username")),
            profile_fields=ProfileFields(
                {str(key): value for key, value in profile.items()} if isinstance(profile, Mapping) else {}
            ),
        )


ANONYMOUS = User()


@dataclass(frozen=True, slots=True)
class Caller:
    """An identified caller of one tenant. `user` is `None` unless a person is signed in;
    `token_name` names the API token that called."""

    tenant: str = DEFAULT_TENANT
    user: User | None = None
    token_name: str | None = None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
