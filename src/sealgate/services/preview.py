"""What a document would send, rendered and not sent: for a person who is still writing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealgate.execution.check import Checked
from sealgate.execution.engine import Engine
from sealgate.execution.plan import CompositePlan
from sealgate.execution.trial import TestRequest
from sealgate.services.snippets import placeholder


@dataclass(frozen=True, slots=True)
class Preview:
    """`headers` are name and value; every secret in it is `$NAME`. `callers_body`: what the caller sends
    goes on as the body."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    callers_body: bool


def preview_request(
    engine: Engine, tenant: str, checked: Checked, user: Mapping[str, Any] | None
) -> Preview | None:
    """The request for a caller with these claims (`sub`, `email`, …), `None` for one who is not signed in;
    path parameters are placeholders. `None` for a document with faults, and for a composite connector
    (`composite_preview`).

    Raises what rendering raises: UserRequired, DestinationBlocked, RequestTemplateFailed, …"""
    plan = checked.plan
    if plan is None or isinstance(plan, CompositePlan):
        return None
    request = TestRequest(
        path_params={name: placeholder(name) for name in plan.path_parameters},
        user=None if user is None else dict(user),
    )
    passes_body = plan.method in ("POST", "PUT", "PATCH", "DELETE") and plan.request_body is None
    return preview_of(engine.unsent(tenant, plan, request), callers_body=passes_body)


def preview_of(unsent: Mapping[str, Any], *, callers_body: bool = False) -> Preview:
    """Of what `Engine.unsent` gives."""
    return Preview(
        method=unsent["method"],
        url=unsent["url"],
        headers=tuple(unsent["headers"].items()),
        body=unsent["body"],
        callers_body=callers_body,
    )
