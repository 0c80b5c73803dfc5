"""One request of someone who is signed in: what a section's route is handed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sealgate.caller import DEFAULT_TENANT
from sealgate.errors import Forbidden, SealgateError
from sealgate.execution.engine import Engine
from sealgate.stores.studio_ports import StudioSession
from sealgate.web.studio import flash
from sealgate.web.studio.forms import Form
from sealgate.web.studio.respond import respond

if TYPE_CHECKING:
    from sealgate.web.studio.section import Section


@dataclass(frozen=True, slots=True)
class Visit:
    """`tenant` and `actor` are what the services want. Pages are answered with `page`, parts of pages that
    htmx asked for with `fragment`, changes with `redirect`."""

    request: Request
    engine: Engine
    session: StudioSession
    form: Form
    csrf: str = field(repr=False)
    section: Section
    sections: tuple[Section, ...]

    @property
    def tenant(self) -> str:
        return self.session.tenant

    @property
    def actor(self) -> str:
        """Who is on record for a change."""
        return f"studio:{self.session.name}"

    @property
    def path(self) -> dict[str, str]:
        """The placeholders of the route's path."""
        return dict(self.request.path_params)

    @property
    def query(self) -> Form:
        """The parameters of the address."""
        return Form(tuple(self.request.query_params.multi_items()))

    @property
    def partial(self) -> bool:
        """Whether htmx wants a fragment; it wants a page when it follows a link or goes back."""
        headers = self.request.headers
        return (
            "hx-request" in headers
            and "hx-boosted" not in headers
            and "hx-history-restore-request" not in headers
        )

    def may(self, *scopes: str) -> bool:
        """Whether the session has one of the scopes, or `admin`."""
        return bool(self.session.scopes & {*scopes, "admin"})

    def require(self, *scopes: str) -> None:
        """Raises Forbidden unless `may`."""
        if not self.may(*scopes):
            needed = " or ".join(f"`{scope}`" for scope in scopes)
            raise Forbidden(
                f"you are signed in without the scope {needed}",
                hint=f"sign in with `sealgate login-link --scope {scopes[0]}`",
            )

    @staticmethod
    def faults(error: SealgateError) -> dict[str, str]:
        """The messages of an error's faults by path; several of one path in one text."""
        found: dict[str, str] = {}
        for fault in error.fields:
            text = f"{fault.message} ({fault.hint})" if fault.hint else fault.message
            found[fault.path] = f"{found[fault.path]}; {text}" if fault.path in found else text
        return found

    def url(self, path: str, *parts: str, **query: str | None) -> str:
        """An address in Studio, in the session's tenant: `url("/connectors", permalink, q="x")`. Parts are
        encoded and joined with `/`; parameters that are `None` are left out."""
        base = "" if self.tenant == DEFAULT_TENANT else f"/t/{self.tenant}"
        tail = "".join(f"/{quote(part, safe='')}" for part in parts)
        given = urlencode({name: value for name, value in query.items() if value is not None})
        return f"{base}{path}{tail}" + (f"?{given}" if given else "")

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """A whole page; its template extends `base.html`."""
        return respond(self.request, template, context, visit=self, status=status)

    def fragment(
        self,
        template: str,
        *,
        status: int = 200,
        toast: str | None = None,
        tone: str = "good",
        **context: Any,
    ) -> Response:
        """A part of a page. `toast` is said at the edge of the page besides."""
        response = respond(self.request, template, context, visit=self, status=status)
        if toast:
            # Header values are ASCII, and json.dumps writes nothing else.
            response.headers["hx-trigger"] = json.dumps({"studio:toast": {"text": toast, "tone": tone}})
        return response

    def redirect(self, url: str, *, toast: str | None = None, tone: str = "good") -> Response:
        """Go on to another page (an address of `url`), which says the toast. Never put a secret in it."""
        if "hx-request" in self.request.headers:
            response = Response(status_code=204, headers={"hx-redirect": url})
        else:
            response = RedirectResponse(url, 303)
        if toast:
            flash.leave(response, toast, tone)
        return response
