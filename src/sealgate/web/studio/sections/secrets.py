"""Secrets: listed, created, given new values and hosts, deleted. Values come in and are never in a page, not
even in one that says what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from starlette.responses import Response

from sealgate.errors import Conflict, DocumentInvalid
from sealgate.findings import Finding
from sealgate.secret import Secret
from sealgate.services import secrets as service
from sealgate.services.secrets import ShownSecret
from sealgate.stores.ports import SecretInfo
from sealgate.web.studio.sections.doubted import way_back
from sealgate.web.studio.sections.key_pairs import READ, WRITE, section
from sealgate.web.studio.sections.public_keys import public_key_view
from sealgate.web.studio.visit import Visit

__all__ = ["section"]

MOST_SHOWN = 200
"""Rows of one page; who has more than that searches."""
STATES = (
    ("", "All secrets"),
    ("used", "In use"),
    ("unused", "Not used by name"),
    ("keys", "Key pairs"),
    ("published", "Published keys"),
)


@section.get("/secrets", scopes=READ)
async def list_(visit: Visit) -> Response:
    """All secrets, or those that fit what is searched for."""
    stored = await service.list_secrets(visit.engine, visit.tenant)
    words, state = visit.query.get("q").casefold().split(), visit.query.get("state")
    found = [secret for secret in stored if _is(secret, state) and _found_by(secret.info, words)]
    context: dict[str, Any] = {
        "rows": found[:MOST_SHOWN],
        "found": len(found),
        "total": len(stored),
        "computed": stored[0].usage.computed if stored else (),
        "q": visit.query.get("q"),
        "state": state,
        "states": STATES,
    }
    return visit.fragment("secrets/rows.html", **context) if visit.partial else _list_page(visit, context)


# Addresses of pages that are no secret's have a hyphen, which no name of a secret has.
@section.get("/secrets/new-secret", scopes=WRITE)
async def new(visit: Visit) -> Response:
    return visit.page("secrets/new.html", **_form(name=visit.query.get("name")))


@section.post("/secrets/new-secret", scopes=WRITE)
async def create(visit: Visit) -> Response:
    name, hosts = visit.form.get("name").strip(), _hosts(visit)
    try:
        await service.put_secret(
            visit.engine,
            visit.tenant,
            name,
            _value(visit),
            allowed_hosts=hosts,
            create_only=True,
            actor=visit.actor,
        )
    except DocumentInvalid as error:
        return _with_faults(visit, "secrets/new", _form(name, hosts, visit.faults(error), error.fields))
    except Conflict as error:
        return _with_faults(visit, "secrets/new", _form(name, hosts, {"name": error.detail}))
    return visit.redirect(visit.url("/secrets", name), toast=f"The secret {name} is stored")


@section.get("/secrets/{name}", scopes=READ)
async def show(visit: Visit) -> Response:
    return await detail_page(visit)


@section.get("/secrets/{name}/value", scopes=WRITE)
async def edit_value(visit: Visit) -> Response:
    shown = await service.get_secret(visit.engine, visit.tenant, visit.path["name"])
    back = way_back(visit.query.get("back"))
    return visit.page("secrets/replace.html", shown=shown, faults={}, back=back)


@section.post("/secrets/{name}/value", scopes=WRITE)
async def replace(visit: Visit) -> Response:
    shown = await service.get_secret(visit.engine, visit.tenant, visit.path["name"])
    name, back = shown.info.name, way_back(visit.form.get("back"))
    try:
        replaced = await service.put_secret(
            visit.engine, visit.tenant, name, _value(visit), actor=visit.actor
        )
    except DocumentInvalid as error:
        return _with_faults(
            visit, "secrets/replace", {"shown": shown, "faults": visit.faults(error), "back": back}
        )
    return visit.redirect(
        visit.url(back) if back else visit.url("/secrets", name),
        toast=f"{name} has a new value: version {replaced.info.version}",
    )


@section.post("/secrets/{name}/allowed-hosts", scopes=WRITE)
async def change_hosts(visit: Visit) -> Response:
    name, hosts = visit.path["name"], _hosts(visit)
    try:
        shown = await service.set_allowed_hosts(visit.engine, visit.tenant, name, hosts, actor=visit.actor)
    except DocumentInvalid as error:
        given = {"hosts": _rows(hosts), **_host_faults(error.fields)}
        if not visit.partial:
            return await detail_page(visit, status=422, **given)
        unchanged = await service.get_secret(visit.engine, visit.tenant, name)
        return visit.fragment("secrets/hosts.html", status=422, shown=unchanged, **given)
    text = "The allowed hosts are saved"
    if visit.partial:
        history = await _history(visit, name)
        return visit.fragment(
            "secrets/hosts_saved.html", toast=text, shown=shown, history=history, **_kept_hosts(shown)
        )
    return visit.redirect(visit.url("/secrets", name), toast=text)


@section.get("/secrets/{name}/delete", scopes=WRITE)
async def ask_to_delete(visit: Visit) -> Response:
    return await _delete_page(visit)


@section.post("/secrets/{name}/delete", scopes=WRITE)
async def delete(visit: Visit) -> Response:
    name, anyway = visit.path["name"], "although_used" in visit.form
    try:
        await service.delete_secret(
            visit.engine, visit.tenant, name, actor=visit.actor, only_unused=not anyway
        )
    except Conflict:
        return await _delete_page(visit, refused=True)
    return visit.redirect(visit.url("/secrets"), toast=f"The secret {name} is deleted")


async def detail_page(visit: Visit, *, status: int = 200, **given: Any) -> Response:
    """The page of one secret; `given` are fields as someone filled them in, with their faults."""
    name = visit.path["name"]
    shown = await service.get_secret(visit.engine, visit.tenant, name)
    key = await public_key_view(visit.engine, visit.tenant, name)
    history = await _history(visit, name)
    context = {"shown": shown, "history": history, "key": key, **_kept_hosts(shown), **given}
    return visit.page("secrets/show.html", status=status, **context)


async def _history(visit: Visit, name: str) -> list[dict[str, Any]]:
    """New values (`version`) and changes of the hosts (`hosts`) in one list, the newest first."""
    history = await service.secret_history(visit.engine, visit.tenant, name)
    values = [
        {"version": each.version, "at": each.created_at, "by": each.created_by} for each in history.versions
    ]
    hosts = [
        {"hosts": each.allowed_hosts, "at": each.changed_at, "by": each.changed_by}
        for each in history.host_changes
    ]
    return sorted([*hosts, *values], key=itemgetter("at"), reverse=True)


async def _delete_page(visit: Visit, *, refused: bool = False) -> Response:
    name = visit.path["name"]
    shown = await service.get_secret(visit.engine, visit.tenant, name)
    return visit.page(
        "secrets/delete.html",
        status=409 if refused else 200,
        name=name,
        kind="secret",
        usage=shown.usage,
        published=shown.info.public is not None and shown.info.public.published,
        back=visit.url("/secrets", name),
        refused=refused,
    )


def _list_page(visit: Visit, context: dict[str, Any]) -> Response:
    return visit.page("secrets/list.html", **context)


def _is(secret: ShownSecret, state: str) -> bool:
    public = secret.info.public
    used = bool(secret.usage.used_by)
    answers = {
        "used": used,
        "unused": not used,
        "keys": public is not None,
        "published": public is not None and public.published,
    }
    return answers.get(state, True)


def _found_by(info: SecretInfo, words: Sequence[str]) -> bool:
    text = " ".join((info.name, info.fingerprint, info.updated_by, *info.allowed_hosts)).casefold()
    return all(word in text for word in words)


def _value(visit: Visit) -> Secret[str]:
    """Without the one line end that comes with what is copied from a file, as on the command line."""
    return Secret(visit.form.get("value").removesuffix("\n"))


def _hosts(visit: Visit) -> list[str]:
    return [row["host"].strip() for row in visit.form.rows("allowed_hosts") if row.get("host", "").strip()]


def _form(
    name: str = "",
    hosts: Sequence[str] = (),
    faults: dict[str, str] | None = None,
    fields: Sequence[Finding] = (),
) -> dict[str, Any]:
    """The form of a new secret: everything that was filled in but the value."""
    return {"name": name, "hosts": _rows(hosts), "faults": faults or {}, **_host_faults(fields)}


def _kept_hosts(shown: ShownSecret) -> dict[str, Any]:
    return {"hosts": _rows(shown.info.allowed_hosts), **_host_faults(())}


def _rows(hosts: Sequence[str]) -> list[dict[str, str]]:
    """As the macro `forms.rows` wants them; an empty one where there is none, which needs no script."""
    return [{"host": host} for host in hosts] or [{}]


def _host_faults(faults: Sequence[Finding]) -> dict[str, Any]:
    """Faults at a row, in the words of the rows of a form, and those of the list as a whole."""
    rows: dict[str, str] = {}
    whole: list[Finding] = []
    for fault in faults:
        member, _, index = fault.path.partition(".")
        if member == "allowed_hosts" and index:
            rows[f"{index}.host"] = fault.message
        elif member == "allowed_hosts":
            whole.append(fault)
    return {"row_faults": rows, "list_faults": whole}


def _with_faults(visit: Visit, template: str, context: dict[str, Any]) -> Response:
    """For htmx the form alone: it leaves what was typed as a value in its place (`hx-preserve`)."""
    if visit.partial:
        return visit.fragment(f"{template}_form.html", status=422, **context)
    return visit.page(f"{template}.html", status=422, **context)
