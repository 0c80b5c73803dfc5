"""Plain look-ups without the template engine: `{{ user.email }}`, `{{ get_secret('k') }}`, `{{ now(60) }}`.

A template of text and such look-ups alone is read straight from the context, at a tenth of the cost.
What is not there raises KeyError here: the ordinary way then says what is missing, and where.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sealgate.secret import reveal
from sealgate.templates.context import Context
from sealgate.templates.environment import nodes

LookUp = Callable[[Context], Any]
USER = frozenset({"id", "email", "first_name", "last_name", "username"})
MAX_OFFSET = 10**9
"""Seconds; larger ones are for the ordinary way to judge."""


def direct_parts(tree: nodes.Template, available: frozenset[str]) -> tuple[str | LookUp, ...] | None:
    """The template as texts and look-ups of what is `available` in its field; `None` when there is more
    in it."""
    parts: list[str | LookUp] = []
    for output in tree.body:
        if not isinstance(output, nodes.Output):
            return None
        for node in output.nodes:
            part = node.data if isinstance(node, nodes.TemplateData) else _look_up(node, available)
            if part is None:
                return None
            parts.append(part)
    return tuple(parts)


def _look_up(node: nodes.Expr, available: frozenset[str]) -> LookUp | None:
    match node:
        case nodes.Name(name="tenant_id") if "tenant_id" in available:
            return lambda context: context.tenant_id
        case nodes.Getattr(node=nodes.Name(name="user"), attr=member) if member in USER:
            return _user(member) if "user" in available else None
        case nodes.Getattr(node=nodes.Name(name="pathParams"), attr=name) if "pathParams" in available:
            return lambda context: context.path_params[name]
        case nodes.Call(node=called, args=args, kwargs=[], dyn_args=None, dyn_kwargs=None):
            return _call(
                called, [arg.value if isinstance(arg, nodes.Const) else None for arg in args], available
            )
    return None


def _user(member: str) -> LookUp:
    return lambda context: getattr(context.user, member)


def _call(called: nodes.Expr, args: list[Any], available: frozenset[str]) -> LookUp | None:
    match called, args:
        case nodes.Name(name="get_secret"), [str() as name] if "get_secret" in available:
            return lambda context: reveal(context.secrets[name])
        case nodes.Name(name="get_variable"), [str() as name] if "get_variable" in available:
            return lambda context: context.variables[name]
        case nodes.Name(name="key_id"), [str() as name] if "key_id" in available:
            return lambda context: context.key_ids[name]
        case nodes.Name(name="now"), [] if "now" in available:
            return lambda context: context.now
        case nodes.Name(name="now"), [int() as offset] if "now" in available and abs(offset) < MAX_OFFSET:
            return lambda context: context.now + offset
        case (
            nodes.Getattr(
                node=nodes.Getattr(node=nodes.Name(name="user"), attr="profile_fields"), attr="by_id"
            ),
            [int() | str() as number],
        ) if "user" in available:
            return lambda context: context.user.profile_fields.by_id(number)
    return None
