"""Look-ups of a member that a namespace cannot have (REFERENCE 4.1, of composite steps section 12). What is
inside `pathParams`, headers, query parameters and parsed bodies is not known beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sealgate.caller import ProfileFields, User
from sealgate.templates.context import RequestView, ResponseView
from sealgate.templates.environment import nodes

MEMBERS: dict[str, tuple[str, ...]] = {
    "user": tuple(User.__slots__),
    "user.profile_fields": (ProfileFields.by_id.__name__,),
    "response": tuple(ResponseView.__slots__),
    "request": tuple(RequestView.__slots__),
}
"""Of each namespace whose members are all known."""
OF_A_STEP = tuple(ResponseView.__slots__)


@dataclass(frozen=True, slots=True)
class UnknownMember:
    node: nodes.Expr
    owner: str
    name: str
    known: tuple[str, ...]


def unknown_members(tree: nodes.Template, names: frozenset[str]) -> Iterator[UnknownMember]:
    """Each of them once, in those of the free `names` that the template does not set itself somewhere."""
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
    seen: set[tuple[str, str]] = set()
    looked_up: list[nodes.Getattr | nodes.Getitem] = [
        *tree.find_all(nodes.Getattr),
        *tree.find_all(nodes.Getitem),
    ]
    for node in looked_up:
        owner, name = _path(node.node), _member(node)
        if owner is None or name is None or (owner, name) in seen:
            continue
        root, *inner = owner.split(".")
        known = OF_A_STEP if root == "steps" and len(inner) == 1 else MEMBERS.get(owner)
        if known is not None and name not in known and root in names - own:
            seen.add((owner, name))
            yield UnknownMember(node, owner, name, known)


def _path(node: nodes.Node) -> str | None:
    """`user.profile_fields`, however it is written; `None` for what is computed."""
    if isinstance(node, nodes.Name):
        return node.name
    name = _member(node)
    if name is None or not isinstance(node, nodes.Getattr | nodes.Getitem):
        return None
    owner = _path(node.node)
    return None if owner is None else f"{owner}.{name}"


def _member(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return node.arg.value if isinstance(node.arg.value, str) else None
    return None
