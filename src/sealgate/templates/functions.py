"""The functions of templates (REFERENCE 4.2), bound to one render."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from sealgate.auth._jws import sign
from sealgate.caller import ProfileFields
from sealgate.errors import SecretNotFound
from sealgate.secret import reveal
from sealgate.templates.context import Context
from sealgate.templates.environment import Undefined, VariableUndefined, for_templates
from sealgate.templates.fields import ALL_FUNCTIONS, Field, Vocabulary
from sealgate.templates.limits import Refused
from sealgate.templates.rendering import current

MAX_OFFSET = 10**12
HMAC_STEPS = 500
SIGNATURE_STEPS = 20_000
"""A signature by a private key takes about a millisecond, reading the key ten."""


def variables_of(
    context: Context, field: Field, vocabulary: Vocabulary, names: frozenset[str]
) -> dict[str, Any]:
    """Those of `names` that a field has; functions that it does not have fail when they are called.

    What can be changed is a copy: nothing leaks from one render to the next."""
    known: dict[str, Any] = {}
    for name in names & vocabulary.names[field]:
        known[name] = _variable(context, name)
    if not names.isdisjoint(ALL_FUNCTIONS):
        functions = _functions(context)
        for name in names & ALL_FUNCTIONS:
            known[name] = (
                functions[name] if name in vocabulary.functions[field] else _unavailable(name, field)
            )
    return known


def _variable(context: Context, name: str) -> Any:
    match name:
        case "user":
            fields = context.user.profile_fields.values
            return replace(context.user, profile_fields=ProfileFields(deepcopy(dict(fields))))
        case "pathParams":
            return dict(context.path_params)
        case "response" if context.response is not None:
            return context.response.copy()
        case "steps":
            return {step: view.copy() for step, view in context.steps.items()}
        case "request" if context.request is not None:
            return context.request.copy()
        case "body_raw":
            return context.body
    return getattr(context, name)


def _functions(context: Context) -> Mapping[str, Callable[..., Any]]:
    @for_templates
    def get_secret(name: Any) -> str:
        secret = context.secrets.get(name) if isinstance(name, str) else None
        if secret is None:
            raise _unknown_secret(name, "get_secret", context)
        context.used_secrets.add(name)
        return SecretText(reveal(secret))

    @for_templates
    def get_variable(name: Any) -> Any:
        value = context.variables.get(name) if isinstance(name, str) else None
        if value is None:
            shown = current().known(name)
            nearest = _nearest("get_variable", shown, context.variables)
            text = f"there is no variable {shown!r}" if shown else "there is no variable of a computed name"
            return VariableUndefined(text + (f"; {nearest}" if nearest else ""))
        return value

    @for_templates
    def key_id(name: Any) -> str:
        found = context.key_ids.get(name) if isinstance(name, str) else None
        if found is not None:
            return found
        if not isinstance(name, str) or name not in context.secrets:
            raise _unknown_secret(name, "key_id", context)
        shown = current().known(name)
        secret = f"the secret {shown!r}" if shown else "the secret of a computed name"
        raise Refused(
            f"{secret} has no key pair with a key id: generate one for it, or publish its public key"
        )

    @for_templates
    def now(offset: Any = 0) -> int:
        if not isinstance(offset, (int, float)) or not abs(offset) <= MAX_OFFSET:
            raise Refused("now() takes a number of seconds")
        return int(context.now + offset)

    @for_templates
    def jwt_encode(payload: Any, key: Any, algorithm: str = "HS256", headers: Any = None) -> str:
        if isinstance(key, Undefined):
            key.used()
        if not isinstance(payload, Mapping) or not isinstance(key, str) or not isinstance(algorithm, str):
            raise Refused("jwt_encode takes an object, a key as text and an algorithm's name")
        if headers is not None and not isinstance(headers, Mapping):
            raise Refused("the headers of jwt_encode are an object")
        budget = current().budget
        budget.written([payload, headers])
        budget.spend(HMAC_STEPS if algorithm.startswith("HS") else SIGNATURE_STEPS)
        return sign(payload, key, algorithm, headers, short_hmac_allowed=True)

    return {
        "get_secret": get_secret,
        "get_variable": get_variable,
        "key_id": key_id,
        "now": now,
        "jwt_encode": jwt_encode,
    }


def _unknown_secret(name: Any, function: str, context: Context) -> SecretNotFound:
    shown = current().known(name)
    text = f"there is no secret {shown!r}" if shown else "there is no secret of a computed name"
    return SecretNotFound(text, hint=_nearest(function, shown, context.secrets))


def _unavailable(name: str, field: Field) -> Callable[..., Any]:
    @for_templates
    def unavailable(*_: Any, **__: Any) -> Any:
        raise Refused(f"{name}() is not available in {field.value}")

    return unavailable


def _nearest(function: str, name: Any, known: Iterable[str]) -> str | None:
    """Names are no secrets, values are: only names that exist are suggested."""
    found = difflib.get_close_matches(name, list(known), 1) if isinstance(name, str) else []
    return f"did you mean {function}('{found[0]}')?" if found else None


class SecretText(str):
    """A secret while a template computes with it; its repr shows nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'••••••'"
