"""Say what a run did and why, without saying a secret (design 1.6).

A run is shown by rendering it once more with a placeholder for each secret, through the same code:
what is shown then never held a secret, and it is still the request that went out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sealgate.auth._shown import decoded_jwt
from sealgate.auth.base import Authentication, Credential, RenderedUrl
from sealgate.broker import Obtained
from sealgate.errors import SealgateError, TokenRequestFailed
from sealgate.execution import rendering
from sealgate.execution.hints import hints
from sealgate.execution.pipeline import admit, assemble, render
from sealgate.execution.plan import ConfigTree
from sealgate.execution.run import Run
from sealgate.message import Request
from sealgate.secret import MASK, Secret, reveal
from sealgate.templates import Template, UrlTemplate

PLACEHOLDER = re.compile(r"SEALGATEx([A-Za-z0-9_]+?)xSECRET")
MAX_BODY = 4096


def explain(run: Run, error: SealgateError | None, *, body: bool = True) -> dict[str, Any]:
    """The recording of a run as JSON, with the request's body or without it. The caller scrubs it once more
    before it goes out."""
    shown = _shown_request(run)
    if shown and not body:
        shown = replace(shown, body=None)
    return {
        "steps": [
            {"name": step.name, "at_ms": step.at_ms, "ms": round(step.seconds * 1000, 2)}
            for step in run.steps
        ],
        "authentication": _authentication(run, error),
        "secrets": sorted(_secrets(run)),
        "request": _request_as_json(shown) if shown else None,
        "connection": {
            "address": run.trace.address,
            "proxy": run.trace.proxy,
            "reused": run.trace.reused,
            "connect_ms": _ms(run.trace.connect_seconds),
            "tls_ms": None if run.trace.reused else _ms(run.trace.tls_seconds),
            "head_ms": _ms(run.trace.head_seconds),
        }
        if run.upstream_status or run.trace.address
        else None,
        "response": {"status": run.upstream_status, "headers": _shown_headers(run.upstream_headers)}
        if run.upstream_status
        else None,
        "warnings": [finding.as_json() for finding in run.context.missing],
        "hints": list(hints(run, error)),
        "curl": _curl(shown) if shown else None,
        "error": error.as_json() if error else None,
    }


def unsent_request(run: Run) -> dict[str, Any]:
    """The request that a run would send, as `explain` shows it, without sending anything or obtaining a
    credential. Every secret is a placeholder from the start.

    Raises what `admit` and `render` raise; a template that computes with a secret may refuse a
    placeholder."""
    secrets = {name: Secret(_placeholder(name)) for name in run.tenant.secrets}
    run.context = replace(run.context, secrets=secrets, fixed={})
    admit(run)
    authentication = render(run)
    obtained = Obtained(_stand_in(authentication, run.context.now), authentication.origin)
    request = assemble(run, obtained)
    return _request_as_json(request)


def debug_request(run: Run) -> dict[str, Any]:
    """`X-Debug-Request` (REFERENCE section 11): resolved values, but the template's own text for each
    field that uses a secret."""
    plan = run.plan
    headers = {row.name: row.value.source for row in plan.headers}
    headers |= {
        name: _literal_if_secret(value, row.value.source if row else "") for row, name, value in run.headers
    }
    query = {row.name: row.value.source for row in plan.query}
    query |= {row.name: _literal_if_secret(item.value, row.value.source) for row, item in run.query}
    body = run.body if isinstance(run.body, bytes) else None
    exchange = plan.exchange
    return {
        "url": _url_text(run) or plan.url.source,
        "method": plan.method,
        "headers": headers,
        "query_parameters": query,
        "authentication": {
            "type": plan.authentication.kind.name,
            "config": {
                name: _resolved(item, run.config.get(name))
                for name, item in plan.authentication.config.items()
            },
        },
        "request_body": body.decode("utf-8", "replace") if body else None,
        "response_body": exchange.response_body or None,
        "response_content_type": exchange.response_content_type or None,
    }


def _url_text(run: Run) -> str | None:
    if run.url is None:
        return None
    query = f"?{run.url.query}" if run.url.query is not None else ""
    return f"{run.url.origin}{run.url.path}{query}"


def _literal_if_secret(value: str | Secret[str], source: str) -> str:
    return source if isinstance(value, Secret) else value


def _resolved(tree: ConfigTree, rendered: Any) -> Any:
    """A config member as rendered, the template's text where it holds a secret or was not reached."""
    if isinstance(tree, (Template, UrlTemplate)):
        if isinstance(rendered, RenderedUrl):
            return f"{rendered.origin}{rendered.target}"
        return rendered if isinstance(rendered, str) else tree.source
    if isinstance(tree, Mapping):
        items = rendered if isinstance(rendered, Mapping) else {}
        return {name: _resolved(item, items.get(name)) for name, item in tree.items()}
    if isinstance(tree, list):
        known = rendered if isinstance(rendered, list) else [None] * len(tree)
        return [_resolved(item, value) for item, value in zip(tree, known, strict=True)]
    return tree


def _shown_request(run: Run) -> Request | None:
    """The request that went out, with placeholders; `None` when the run did not come so far."""
    if run.request is None or not run.obtained:
        return None
    context = replace(
        run.context,
        secrets={name: Secret(_placeholder(name)) for name in run.tenant.secrets},
        fixed={},
        used_secrets=set(),
        missing=[],
    )
    shadow = replace(run, context=context)
    try:
        rows = rendering.render_headers(run.plan, run.call, context)
        # What follows the rows came with the body: its content type.
        shadow.headers = (*rows, *run.headers[len(rows) :])
        shadow.query = rendering.render_query(run.plan, context)
        shadow.config = rendering.render_config(run.plan.authentication.config, context)
    except SealgateError:
        # A template computes with a secret so that a placeholder does not pass; the real request is
        # not a substitute.
        return None
    credential = run.obtained[-1].credential
    if credential:
        shown = _placeholder_for(credential, run.config, shadow.config)
        credential = replace(credential, value=Secret(shown))
    return assemble(shadow, replace(run.obtained[-1], credential=credential))


def _placeholder(name: str) -> str:
    return f"SEALGATEx{name.upper()}xSECRET"


def _placeholder_for(credential: Credential, config: Mapping[str, Any], shown: Mapping[str, Any]) -> str:
    """A credential that stands in the config as it is (API key) is shown as its template renders."""
    for name, value in config.items():
        if isinstance(value, (str, Secret)) and reveal(value) == reveal(credential.value):
            rendered: str | Secret[str] = shown[name]
            return reveal(rendered)
    kind = "JWT" if decoded_jwt(reveal(credential.value)) else "ACCESS_TOKEN"
    return f"Bearer {_placeholder(kind)}"


def _request_as_json(request: Request) -> dict[str, Any]:
    body = request.body if isinstance(request.body, bytes) else None
    return {
        "method": request.method,
        "url": _readable(f"{request.origin}{reveal(request.target)}"),
        "headers": {name: _readable(reveal(value)) for name, value in request.headers},
        "body": body[:MAX_BODY].decode("utf-8", "replace") if body else None,
    }


def _stand_in(authentication: Authentication, now: int) -> Credential | None:
    """The credential as far as it is known without a key and without a token endpoint."""
    if authentication.origin in ("signed", "fetched"):
        kind = "JWT" if authentication.origin == "signed" else "ACCESS_TOKEN"
        return Credential("header", "Authorization", Secret(f"Bearer {_placeholder(kind)}"))
    try:
        next(authentication.obtain(now))
    except StopIteration as finished:
        obtained: Credential | None = finished.value
        return obtained
    raise AssertionError("a static credential needs no token request")


def _readable(text: str) -> str:
    return PLACEHOLDER.sub(lambda match: f"${match[1]}", text)


def _curl(request: Request) -> str:
    """A command that sends the same request, secrets as shell variables."""
    parts = ["curl"]
    if request.method == "HEAD":
        parts.append("--head")
    elif request.method != "GET":
        parts += ["-X", request.method]
    url = f"{request.origin}{reveal(request.target)}"
    if any(character in url for character in "[]{}"):
        parts.append("--globoff")
    parts.append(_shell(url))
    for name, value in request.headers:
        text = reveal(value)
        # curl takes `Name:` as "leave it out" and `Name;` as an empty field.
        parts += ["-H", _shell(f"{name}: {text}" if text else f"{name};")]
    if isinstance(request.body, bytes) and request.body:
        parts += ["--data-raw", _shell(request.body[:MAX_BODY].decode("utf-8", "replace"))]
    return " ".join(parts)


def _shell(text: str) -> str:
    """One shell word: in single quotes where nothing is to be put in, else in double quotes."""
    if not PLACEHOLDER.search(text):
        return shlex.quote(text)
    escaped = re.sub(r'([\\"$`])', r"\\\1", text)
    return f'"{_readable(escaped)}"'


def _secrets(run: Run) -> set[str]:
    """The names of the secrets that the request was made with, and those that its authentication names: a key
    that cannot be used ends a run before it counts as used."""
    return run.context.used_secrets | run.plan.authentication.named_secrets()


def _authentication(run: Run, error: SealgateError | None) -> dict[str, Any]:
    """Where the credential came from, and what the token endpoint said."""
    shown: dict[str, Any] = {"type": run.plan.authentication.kind.name}
    if run.obtained:
        last = run.obtained[-1]
        shown |= {"source": last.origin, "attempts": len(run.obtained)}
        if last.credential:
            shown |= {"placement": last.credential.placement, "name": last.credential.name}
            if jwt := decoded_jwt(reveal(last.credential.value)):
                shown["jwt"] = jwt
        if last.fetch:
            shown["token_endpoint"] = last.fetch.as_json()
    if isinstance(error, TokenRequestFailed):
        shown["token_endpoint"] = {
            "status": error.upstream_status,
            "error": error.oauth_error,
            "error_description": error.oauth_description,
            "retry_after": error.retry_after,
            "request": error.asked,
        }
    return shown


def _shown_headers(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The API's header; a cookie is a credential that no secret of ours knows."""
    return {name: MASK if name == "set-cookie" else value for name, value in headers}


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)
