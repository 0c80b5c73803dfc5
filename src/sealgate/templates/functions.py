"""The functions of templates (REFERENCE 4.2), bound to one render."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sealgate.auth._jws import sign
from sealgate.errors import SecretNotFound
from sealgate.secret import reveal
from sealgate.templates.context import Context
from sealgate.templates.environment import Undefined, VariableUndefined, for_templates
from sealgate.templates.fields import ALL_FUNCTIONS, FUNCTIONS, Field

MAX_OFFSET = 10**12


def variables_of(context: Context, field: Field) -> dict[str, Any]:
    """Every name that a render sees; functions that the field does not have fail when they are called."""
    names: dict[str, Any] = {"user": context.user, "tenant_id": context.tenant_id}
    if field is Field.URL:
        names["pathParams"] = dict(context.path_params)
    elif field is Field.REQUEST_BODY:
        names |= {"body_text": context.body_text, "body_raw": context.body}
    elif field is Field.RESPONSE_BODY:
        names["response"] = context.response
    functions = _functions(context)
    for name in ALL_FUNCTIONS:
        names[name] = functions[name] if name in FUNCTIONS[field] else _unavailable(name, field)
    return names


def _functions(context: Context) -> Mapping[str, Callable[..., Any]]:
    @for_templates
    def get_secret(name: Any) -> str:
        secret = context.secrets.get(name) if isinstance(name, str) else None
        if secret is None:
            raise SecretNotFound(
                f"there is no secret {name!r}", hint=_nearest("secret", name, context.secrets)
            )
        context.used_secrets.add(name)
        return SecretText(reveal(secret))

    @for_templates
    def get_variable(name: Any) -> Any:
        value = context.variables.get(name) if isinstance(name, str) else None
        if value is None:
            nearest = _nearest("variable", name, context.variables)
            text = f"there is no variable {name!r}" + (f"; {nearest}" if nearest else "")
            return VariableUndefined(hint=text, name=str(name))
        return value

    @for_templates
    def now(offset: Any = 0) -> int:
        if not isinstance(offset, (int, float)) or not abs(offset) <= MAX_OFFSET:
            raise TypeError("now() takes a number of seconds")
        return int(context.now + offset)

    @for_templates
    def jwt_encode(payload: Any, key: Any, algorithm: str = "HS256", headers: Any = None) -> str:
        if isinstance(key, Undefined):
            key.used()
        if not isinstance(payload, Mapping) or not isinstance(key, str) or not isinstance(algorithm, str):
            raise TypeError("jwt_encode takes an object, a key as text and an algorithm's name")
        return sign(payload, key, algorithm, headers, short_hmac_allowed=True)

    return {"get_secret": get_secret, "get_variable": get_variable, "now": now, "jwt_encode": jwt_encode}


def _unavailable(name: str, field: Field) -> Callable[..., Any]:
    @for_templates
    def unavailable(*_: Any, **__: Any) -> Any:
        raise TypeError(f"{name}() is not available in {field.value}")

    return unavailable


def _nearest(kind: str, name: Any, known: Iterable[str]) -> str | None:
    """Names are no secrets, values are: only names that exist are suggested."""
    found = difflib.get_close_matches(name, list(known), 1) if isinstance(name, str) else []
    return f"did you mean get_{kind}('{found[0]}')?" if found else None


class SecretText(str):
    """A secret while a template computes with it; its repr shows nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'••••••'"
