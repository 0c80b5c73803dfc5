"""Studio: the web pages of the control plane at `/`, and `/t/{tenant}/` for other tenants.

Pages are rendered here with Jinja and work without a script; htmx replaces parts of them, small ES modules
(`static/`) add what HTML lacks. Studio calls `sealgate.services`, as the admin API does, and decides nothing.

**Add a section**

1. `sections/<name>.py` makes a `Section` and its routes. Every route says the scopes that it needs, in the
   words of the admin API; one of them is enough, `admin` has all::

       section = Section("Secrets", "/secrets", key="s", icon="secrets")

       @section.get("/secrets", scopes=("read", "secrets"))
       async def list_(visit: Visit) -> Response:
           return visit.page("secrets/list.html", secrets=await list_secrets(visit.engine, visit.tenant))

       @section.post("/secrets/{name}/delete", scopes=("secrets",))
       async def delete(visit: Visit) -> Response:
           await delete_secret(visit.engine, visit.tenant, visit.path["name"], actor=visit.actor)
           return visit.redirect(visit.url("/secrets"), toast="Secret deleted")

2. `sections/__init__.py`: one import, one entry of `SECTIONS`; their order is the navigation's.
3. `templates/<name>/`: pages extend `base.html` (blocks `title`, `content`), fragments extend nothing.
   Import macros *with context*: `{% import "macros/forms.html" as forms with context %}`; the top of each
   file of `macros/` says what it has.

**A visit** (`visit.py`) is what a route is handed: `tenant` and `actor` for the services, `form` (`get`,
`all`, `rows`), `query`, `path`, `may(scope)` to leave a button out, `url(path, *parts, **query)` for every
address, in templates too (`visit.url(…)`). Answer with `page`, `fragment` (what htmx asked for) or
`redirect`.

**Changes** are POST or DELETE. A form has `{{ forms.csrf() }}` in it; htmx sends the token by itself.
Nothing else is to be done: the session, the token, the origin and the scope are checked before the route
runs.

**Faults.** Let a `SealgateError` rise: it becomes a page, or, for htmx, a notice in the corner. To show
faults at their fields, catch `DocumentInvalid`, render the form again with `status=422` and pass the faults
to the fields: `{{ forms.field(…, error=faults.get("url")) }}` with `faults = visit.faults(error)`; htmx
puts a 422 answer in its place like any other.

**Content security policy.** No `style=""`, no `<script>` in a page, no `onclick`, no `hx-on`, no `hx-vals`
with `js:`. A class or a `data-` attribute and a line in `static/` do it. Code editors live in a shadow
root, whose style sheets the policy allows.

**Test** in `tests/studio/`: the fixture `studio` is a running server, `studio.open(path)` a signed-in page
that fails the test on any console error; `assert_accessible(page)` runs axe in both themes and widths. Add
each screen to `tests/studio/screens.py`: `make screenshots` takes it, and the accessibility test visits it.
"""

from sealgate.web.studio.app import create_app

__all__ = ["create_app"]
