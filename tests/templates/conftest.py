"""One run's data, and the shortest way to render."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sealgate.caller import ProfileFields, User
from sealgate.secret import Secret, reveal
from sealgate.templates import Context, Field, ResponseView, compile_template


@pytest.fixture
def make_context() -> Callable[..., Context]:
    def make(**members: Any) -> Context:
        body = members.pop("response_body", None)
        if body is not None:
            view = ResponseView(body, members.pop("status", 200), members.pop("headers", {}))
            members["response"] = view
        fields = ProfileFields({"42": "Platform", "7": ["a"]})
        user = User(id="u1", email="ada@example.com", first_name="Ada", profile_fields=fields)
        known: dict[str, Any] = {
            "tenant_id": "t1",
            "user": user,
            "now": 1_700_000_000,
            "secrets": {"api_key": Secret("hunter2-secret"), "other": Secret("0ther-secret")},
            "key_ids": {"api_key": "kid-of-it"},
            "variables": {"region": "eu", "blank": ""},
        }
        return Context(**{**known, **members})

    return make


@pytest.fixture
def render(make_context: Callable[..., Context]) -> Callable[..., str]:
    """`render(source, field=…, declared=…, **members of the context)`, secrets revealed."""

    def run(source: str, field: Field = Field.RESPONSE_BODY, **members: Any) -> str:
        dialects = {name: members.pop(name) for name in ("declared", "incoming") if name in members}
        return reveal(compile_template(source, field).render(make_context(**members), **dialects))

    return run
