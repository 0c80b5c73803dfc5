"""Which names and functions each field has (REFERENCE 4.4)."""

from __future__ import annotations

from enum import Enum


class Field(Enum):
    """Where a template stands; the value is what messages call it."""

    URL = "the URL"
    HEADER = "a header"
    QUERY = "a query parameter"
    AUTHENTICATION = "the authentication"
    REQUEST_BODY = "the request body"
    RESPONSE_BODY = "the response body"


_EVERYWHERE = frozenset({"user", "tenant_id"})
_CREDENTIAL_FIELDS = frozenset({"get_secret", "get_variable", "jwt_encode", "now"})

NAMES: dict[Field, frozenset[str]] = {
    Field.URL: _EVERYWHERE | {"pathParams"},
    Field.HEADER: _EVERYWHERE,
    Field.QUERY: _EVERYWHERE,
    Field.AUTHENTICATION: _EVERYWHERE,
    Field.REQUEST_BODY: _EVERYWHERE | {"body_text", "body_raw"},
    Field.RESPONSE_BODY: _EVERYWHERE | {"response"},
}
FUNCTIONS: dict[Field, frozenset[str]] = {
    Field.URL: frozenset({"get_variable", "jwt_encode", "now"}),
    Field.HEADER: _CREDENTIAL_FIELDS,
    Field.QUERY: _CREDENTIAL_FIELDS,
    Field.AUTHENTICATION: _CREDENTIAL_FIELDS,
    Field.REQUEST_BODY: frozenset({"jwt_encode", "now"}),
    Field.RESPONSE_BODY: frozenset({"now"}),
}
ALL_NAMES = frozenset().union(*NAMES.values())
ALL_FUNCTIONS = frozenset().union(*FUNCTIONS.values())
