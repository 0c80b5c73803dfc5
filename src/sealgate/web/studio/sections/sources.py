"""Registry sources: what they did, what was wrong with their files, and the settings of git repositories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sealgate.errors import Conflict, DocumentInvalid, NotFound, SealgateError
from sealgate.findings import Finding
from sealgate.model.document import parse_json
from sealgate.registry.sync import SyncResult
from sealgate.services.secrets import list_secrets
from sealgate.services.source_changes import change_of_run
from sealgate.services.source_settings import require_source_name
from sealgate.services.sources import (
    apply_registry,
    delete_source,
    get_source,
    list_runs,
    list_sources,
    put_git_source,
    sync_source,
)
from sealgate.services.studio_sessions import studio_origin
from sealgate.stores.source_ports import GitSettings
from sealgate.web.studio.section import Section
from sealgate.web.studio.visit import Visit

section = Section("Sources", "/sources", key="o", icon="sources")

TEXTS = ("url", "branch", "path", "username", "credential", "host_key", "webhook_secret")
SECRETS = ("credential", "webhook_secret")
MOST_CONNECTORS = 100
"""Links on one page; the list of connectors has them all."""


@section.get("/sources", scopes=("read",))
async def list_(visit: Visit) -> Response:
    shown = await list_sources(visit.engine, visit.tenant)
    return visit.page("sources/list.html", sources=shown, followed=visit.engine.settings.registry)


# No source can be named `-`: these addresses stand beside those of sources.


@section.get("/sources/-/git", scopes=("write",))
async def new_git(visit: Visit) -> Response:
    return await _git_form(visit, None, GitSettings(url="").as_json())


@section.post("/sources/-/git", scopes=("write",))
async def create_git(visit: Visit) -> Response:
    name = visit.form.get("source").strip()
    if await _exists(visit, name):
        taken = Finding("source", "there is a source of this name already")
        return await _git_form(visit, None, _git_document(visit), visit.faults(_fault(taken)))
    return await _put_git(visit, name, None)


@section.get("/sources/-/upload", scopes=("write",))
async def new_upload(visit: Visit) -> Response:
    return visit.page("sources/upload.html", name=None, given={}, faults={})


@section.post("/sources/-/upload", scopes=("write",))
async def create_upload(visit: Visit) -> Response:
    return await _upload(visit, visit.form.get("source").strip(), None)


@section.get("/sources/{name}", scopes=("read",))
async def show(visit: Visit) -> Response:
    name = visit.path["name"]
    source = await get_source(visit.engine, visit.tenant, name)
    context: dict[str, Any] = {
        "source": source,
        "stored": source.stored,
        "runs": await list_runs(visit.engine, visit.tenant, name),
        "connectors": sorted(source.connectors)[:MOST_CONNECTORS],
        "webhook": _webhook(visit, name),
        "deletable": source.stored.kind != "file" or visit.engine.settings.registry is None,
    }
    if visit.partial:
        return visit.fragment("sources/source.html", **context)
    return visit.page("sources/show.html", **context)


@section.get("/sources/{name}/changes/{permalink}", scopes=("read",))
async def show_change(visit: Visit) -> Response:
    """What one run did to one connector."""
    name, began = visit.path["name"], visit.query.get("run")
    try:
        started_at = float(began)
    except ValueError:
        raise NotFound("the address names no run") from None
    change = await change_of_run(visit.engine, visit.tenant, name, started_at, visit.path["permalink"])
    if visit.partial:
        return visit.fragment("sources/change.html", change=change)
    return visit.page("sources/change_page.html", change=change, name=name, started_at=started_at)


@section.get("/sources/{name}/edit", scopes=("write",))
async def edit(visit: Visit) -> Response:
    stored = (await get_source(visit.engine, visit.tenant, visit.path["name"])).stored
    if stored.git is None:
        raise NotFound(f"the source {stored.name!r} is not a git repository: it has no settings")
    return await _git_form(visit, stored.name, stored.git.as_json())


@section.post("/sources/{name}/edit", scopes=("write",))
async def save(visit: Visit) -> Response:
    name = visit.path["name"]
    await get_source(visit.engine, visit.tenant, name)
    return await _put_git(visit, name, name)


@section.post("/sources/{name}/sync", scopes=("write",))
async def sync(visit: Visit) -> Response:
    """Run a git source now; how it ended stands on its page, with every fault."""
    name = visit.path["name"]
    await get_source(visit.engine, visit.tenant, name)
    try:
        result = await sync_source(visit.engine, visit.tenant, name, actor=visit.actor)
    except SealgateError as error:
        return _ended(visit, name, visit.engine.scrub(visit.tenant, _reason(error)), tone="bad")
    return _ended(visit, name, _summary(result))


@section.get("/sources/{name}/upload", scopes=("write",))
async def upload_again(visit: Visit) -> Response:
    source = await get_source(visit.engine, visit.tenant, visit.path["name"])
    return visit.page("sources/upload.html", name=source.stored.name, given={}, faults={})


@section.post("/sources/{name}/upload", scopes=("write",))
async def upload(visit: Visit) -> Response:
    name = visit.path["name"]
    await get_source(visit.engine, visit.tenant, name)
    return await _upload(visit, name, name)


@section.post("/sources/{name}/delete", scopes=("write",))
async def delete(visit: Visit) -> Response:
    name, keep = visit.path["name"], visit.form.get("connectors") != "delete"
    permalinks = await delete_source(
        visit.engine, visit.tenant, name, keep_connectors=keep, actor=visit.actor
    )
    became = "kept, as made by hand" if keep else "deleted"
    return visit.redirect(
        visit.url("/sources"), toast=f"The source is deleted; {_count(len(permalinks), became)}"
    )


async def _put_git(visit: Visit, name: str, existing: str | None) -> Response:
    document = _git_document(visit)
    if any(document.get(member) for member in SECRETS):
        visit.require("secrets")
    try:
        shown = await put_git_source(visit.engine, visit.tenant, name, document, actor=visit.actor)
    except (DocumentInvalid, Conflict) as error:
        faults = visit.faults(error) or {"source": error.detail}
        return await _git_form(visit, existing, document, faults)
    words = "Saved; it is synced in a moment" if document["enabled"] else "Saved; the source is off"
    return visit.redirect(visit.url("/sources", shown.stored.name), toast=words)


def _git_document(visit: Visit) -> dict[str, Any]:
    """What the form says, as the admin API takes it; what is left empty has its default."""
    document: dict[str, Any] = {name: visit.form.get(name).strip() or None for name in TEXTS}
    seconds = visit.form.get("poll_seconds").strip()
    whole = seconds.isascii() and seconds.isdigit() and len(seconds) < 10
    document["poll_seconds"] = int(seconds) if whole else seconds or None
    document["enabled"] = visit.form.get("enabled") == "true"
    return document


async def _git_form(
    visit: Visit, name: str | None, given: Mapping[str, Any], faults: Mapping[str, str] | None = None
) -> Response:
    """`name` is that of a source that exists."""
    secrets = [shown.info.name for shown in await list_secrets(visit.engine, visit.tenant)]
    named = [given[member] for member in SECRETS if given.get(member) and given[member] not in secrets]
    return visit.page(
        "sources/git.html",
        status=422 if faults else 200,
        name=name,
        written=visit.form.get("source"),
        given={member: "" if value is None else value for member, value in given.items()},
        faults=faults or {},
        secrets=[("", "None"), *((each, each) for each in (*secrets, *named))],
    )


async def _upload(visit: Visit, name: str, existing: str | None) -> Response:
    """Apply a file. Faults of the file stand on the source's page, as those of every run; faults of the form
    at their field."""
    faults: dict[str, str] = {}
    document = None
    try:
        require_source_name(name, kind="upload", follows=visit.engine.settings.registry is not None)
    except DocumentInvalid as error:
        faults |= visit.faults(error)
    try:
        document = parse_json(visit.form.get("registry"))
    except DocumentInvalid as error:
        faults["registry"] = "; ".join(fault.message for fault in error.fields) or error.detail
    if not faults:
        try:
            strict = visit.form.get("strict") == "true"
            result = await apply_registry(
                visit.engine, visit.tenant, name, document, actor=visit.actor, strict=strict
            )
            return _ended(visit, name, _summary(result))
        except DocumentInvalid as error:
            return _ended(visit, name, visit.engine.scrub(visit.tenant, _reason(error)), tone="bad")
        except Conflict as error:
            faults["source"] = error.detail
    return visit.page("sources/upload.html", status=422, name=existing, given=visit.form, faults=faults)


async def _exists(visit: Visit, name: str) -> bool:
    return any(shown.stored.name == name for shown in await list_sources(visit.engine, visit.tenant))


def _ended(visit: Visit, name: str, words: str, *, tone: str = "good") -> Response:
    return visit.redirect(visit.url("/sources", name), toast=words, tone=tone)


def _fault(finding: Finding) -> DocumentInvalid:
    return DocumentInvalid(finding.message, fields=[finding])


def _reason(error: SealgateError) -> str:
    if len(error.fields) > 1:
        return f"Nothing was changed: {len(error.fields)} faults"
    return f"Nothing was changed: {error.detail or error.code}"


def _summary(result: SyncResult) -> str:
    changes = {"created": result.created, "updated": result.updated, "deleted": result.deleted}
    said = ", ".join(f"{len(names)} {kind}" for kind, names in changes.items() if names)
    return f"Synced: {said}" if said else "Synced: nothing to change"


def _count(number: int, became: str) -> str:
    return f"{number} connector{'s' if number != 1 else ''} {became}" if number else "it had no connectors"


def _webhook(visit: Visit, name: str) -> str:
    """Where the git server is to send its webhooks: the control plane as this browser reaches it."""
    origin = studio_origin(visit.engine.settings)
    base = str(origin) if origin else f"{visit.request.url.scheme}://{visit.request.url.netloc}"
    return base + visit.url("/api/v1/sources", name, "webhook")
