"""Variables: plain text, changed where they are listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from sealgate.errors import Conflict, DocumentInvalid
from sealgate.services import variables as service
from sealgate.services.variables import ShownVariable
from sealgate.web.studio.section import Section
from sealgate.web.studio.visit import Visit

READ = ("read",)
WRITE = ("write",)
section = Section("Variables", "/variables", key="v", icon="variables", scopes=READ)

MOST_SHOWN = 200
"""Rows of one page; who has more than that searches."""


@section.get("/variables", scopes=READ)
async def list_(visit: Visit) -> Response:
    """All variables, or those that fit; `edit` is the one whose row is a form, `new` begins another."""
    may_write = visit.may(*WRITE)
    edited = visit.query.get("edit") if may_write else ""
    return await _list(visit, edited=edited, new=may_write and "new" in visit.query)


@section.post("/variables/new-variable", scopes=WRITE)
async def create(visit: Visit) -> Response:
    name, value = visit.form.get("name").strip(), visit.form.get("value")
    try:
        await service.put_variable(
            visit.engine, visit.tenant, name, value, create_only=True, actor=visit.actor
        )
    except DocumentInvalid as error:
        faults = visit.faults(error)
    except Conflict as error:
        faults = {"name": error.detail}
    else:
        return visit.redirect(visit.url("/variables"), toast=f"The variable {name} is stored")
    return await _list(visit, new=True, given={"name": name, "value": value}, faults=faults)


@section.post("/variables/{name}", scopes=WRITE)
async def change(visit: Visit) -> Response:
    name, value = visit.path["name"], visit.form.get("value")
    await service.get_variable(visit.engine, visit.tenant, name)
    try:
        await service.put_variable(visit.engine, visit.tenant, name, value, actor=visit.actor)
    except DocumentInvalid as error:
        given = {"name": name, "value": value}
        return await _list(visit, edited=name, given=given, faults=visit.faults(error))
    return visit.redirect(visit.url("/variables") + f"#{name}", toast=f"{name} is saved")


@section.get("/variables/{name}/delete", scopes=WRITE)
async def ask_to_delete(visit: Visit) -> Response:
    return await _delete_page(visit)


@section.post("/variables/{name}/delete", scopes=WRITE)
async def delete(visit: Visit) -> Response:
    name, anyway = visit.path["name"], "although_used" in visit.form
    try:
        await service.delete_variable(
            visit.engine, visit.tenant, name, actor=visit.actor, only_unused=not anyway
        )
    except Conflict:
        return await _delete_page(visit, refused=True)
    return visit.redirect(visit.url("/variables"), toast=f"The variable {name} is deleted")


async def _list(
    visit: Visit,
    *,
    edited: str = "",
    new: bool = False,
    given: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> Response:
    stored = await service.list_variables(visit.engine, visit.tenant)
    words = visit.query.get("q").casefold().split()
    found = [shown for shown in stored if _found_by(shown, words)]
    context: dict[str, Any] = {
        "rows": found[:MOST_SHOWN],
        "found": len(found),
        "total": len(stored),
        "computed": stored[0].usage.computed if stored else (),
        "q": visit.query.get("q"),
        "edited": edited,
        "new": new,
        "given": given or {"name": visit.query.get("name"), "value": ""},
        "faults": faults or {},
    }
    if visit.partial:
        return visit.fragment("variables/rows.html", **context)
    return visit.page("variables/list.html", status=422 if faults else 200, **context)


async def _delete_page(visit: Visit, *, refused: bool = False) -> Response:
    name = visit.path["name"]
    shown = await service.get_variable(visit.engine, visit.tenant, name)
    return visit.page(
        "secrets/delete.html",
        status=409 if refused else 200,
        name=name,
        kind="variable",
        usage=shown.usage,
        published=False,
        back=visit.url("/variables"),
        refused=refused,
    )


def _found_by(shown: ShownVariable, words: Sequence[str]) -> bool:
    text = f"{shown.stored.name} {shown.stored.value} {shown.stored.updated_by}".casefold()
    return all(word in text for word in words)
