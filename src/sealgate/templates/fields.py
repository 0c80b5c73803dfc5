"""Which names and functions each field has (REFERENCE 4.4, of composite steps section 12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Field(Enum):
    """Where a template stands; the value is what messages call it."""

    URL = "the URL"
    HEADER = "a header"
    QUERY = "a query parameter"
    AUTHENTICATION = "the authentication"
    REQUEST_BODY = "the request body"
    RESPONSE_BODY = "the response body"
    CONDITION = "the condition"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What templates of one kind of document can say, by field."""

    names: Mapping[Field, frozenset[str]]
    functions: Mapping[Field, frozenset[str]]


_EVERYWHERE = frozenset({"user", "tenant_id"})
_CREDENTIAL_FIELDS = frozenset({"get_secret", "get_variable", "jwt_encode", "key_id", "now"})

CONNECTOR = Vocabulary(
    names={
        Field.URL: _EVERYWHERE | {"pathParams"},
        Field.HEADER: _EVERYWHERE,
        Field.QUERY: _EVERYWHERE,
        Field.AUTHENTICATION: _EVERYWHERE,
        Field.REQUEST_BODY: _EVERYWHERE | {"body_text", "body_raw"},
        Field.RESPONSE_BODY: _EVERYWHERE | {"response"},
        Field.CONDITION: _EVERYWHERE,
    },
    functions={
        Field.URL: frozenset({"get_variable", "jwt_encode", "now"}),
        Field.HEADER: _CREDENTIAL_FIELDS,
        Field.QUERY: _CREDENTIAL_FIELDS,
        Field.AUTHENTICATION: _CREDENTIAL_FIELDS,
        Field.REQUEST_BODY: frozenset({"jwt_encode", "now"}),
        Field.RESPONSE_BODY: frozenset({"now"}),
        Field.CONDITION: frozenset({"get_variable", "now"}),
    },
)

_IN_STEPS = _EVERYWHERE | {"steps", "request"}

STEP = Vocabulary(
    names={**dict.fromkeys(Field, _IN_STEPS), Field.RESPONSE_BODY: _IN_STEPS | {"response"}},
    functions={
        Field.URL: frozenset({"get_variable", "jwt_encode", "now"}),
        Field.HEADER: _CREDENTIAL_FIELDS,
        Field.QUERY: _CREDENTIAL_FIELDS,
        Field.AUTHENTICATION: _CREDENTIAL_FIELDS,
        Field.REQUEST_BODY: frozenset({"get_variable", "jwt_encode", "now"}),
        Field.RESPONSE_BODY: frozenset({"get_variable", "now"}),
        Field.CONDITION: frozenset({"get_variable", "now"}),
    },
)

ALL_NAMES = frozenset().union(*CONNECTOR.names.values(), *STEP.names.values())
ALL_FUNCTIONS = frozenset().union(*CONNECTOR.functions.values(), *STEP.functions.values())
