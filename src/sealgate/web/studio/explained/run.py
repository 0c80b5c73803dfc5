"""The view of one explained run: what the templates of `explained/` draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sealgate.execution.hints import LOOKED_UP_NOTHING
from sealgate.web.studio.explained.body import (
    ShownBody,
    ShownHeaders,
    bytes_in_words,
    cut,
    header,
    shown_body,
    shown_headers,
)
from sealgate.web.studio.explained.claims import members
from sealgate.web.studio.explained.waterfall import Bar, bars_of_run, bars_of_steps
from sealgate.web.studio.explained.words import ERRORS, meaning_of, phrase_of, with_code

Rows = Mapping[str, str] | Iterable[tuple[str, str]]
SOURCES = {
    "static": "the connector's own key",
    "signed": "signed for this call",
    "cache": "a token kept from before",
    "fetched": "a token fetched for this call",
}
NOTHING_OF_A_FINDING = {"line": None, "column": None, "expression": None, "hint": None}
NOTHING_OF_AN_ERROR = {"detail": "", "field": None, "params": ()}
NOTHING_OF_A_CREDENTIAL = {"source": None, "placement": None, "name": "", "attempts": 1}
NOTHING_OF_AN_ENDPOINT = {
    "error": None,
    "error_description": None,
    "retry_after": None,
    "token_type": None,
    "scope": None,
    "expires_in": None,
    "request": None,
    "ms": None,
}
AUTHENTICATION_CODES = ("TOKEN_REQUEST_FAILED", "SIGNING_FAILED")


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step of a composite connector. `run` is `None` for one that was not reached or was skipped."""

    number: int
    name: str
    ms: float | None
    skipped: bool
    run: ShownRun | None


@dataclass(frozen=True, slots=True)
class ShownRun:
    """`status` is what the caller got, `api_status` what the API said (`None`: it was not reached).
    `request`, `connection`, `authentication` and `error` are the members of `explain`."""

    status: int | None
    api_status: int | None
    failed: bool
    error: Mapping[str, Any] | None
    reasons: tuple[str, ...]
    warnings: tuple[Mapping[str, Any], ...]
    bars: list[Bar]
    total_ms: float
    request: Mapping[str, Any] | None
    request_headers: ShownHeaders | None
    curl: str | None
    connection: Mapping[str, Any] | None
    api_headers: ShownHeaders | None
    reply_headers: ShownHeaders | None
    body: ShownBody | None
    authentication: Mapping[str, Any] | None
    steps: tuple[ShownStep, ...] = ()

    @property
    def at_authentication(self) -> bool:
        """Whether it failed before anything was sent to the API, for want of a credential."""
        return bool(self.error) and (self.error or {})["code"] in AUTHENTICATION_CODES

    @property
    def failed_step(self) -> str | None:
        """The name of the step that made a composite connector fail."""
        return next((step.name for step in self.steps if step.run and step.run.error), None)

    @property
    def phrase(self) -> str:
        return phrase_of(self.status) if self.status else ""

    @property
    def meaning(self) -> str:
        if self.error:
            return ERRORS.get(self.error["code"], "")
        return meaning_of(self.status) if self.status else ""

    @property
    def tone(self) -> str:
        if self.failed:
            return "bad"
        return "info" if self.status and self.status >= 300 else "good"


def explained_run(
    explained: Mapping[str, Any],
    status: int | None = None,
    headers: Rows | None = None,
    body: bytes | str | None = None,
    total_ms: float | None = None,
) -> ShownRun:
    """What a person wants to see of a run; the arguments are those of the fragment (see the package)."""
    found: Mapping[str, Any] | None = explained.get("error")
    error = {**NOTHING_OF_AN_ERROR, **found} if found else None
    request: Mapping[str, Any] | None = explained.get("request")
    response: Mapping[str, Any] = explained.get("response") or {}
    composite = "not_reached" in explained
    bars = bars_of_steps(explained) if composite else bars_of_run(explained)
    given = list(headers.items() if isinstance(headers, Mapping) else headers or ())
    shown = status if status is not None else response.get("status")
    return ShownRun(
        status=shown,
        api_status=response.get("status"),
        failed=error is not None or bool(shown and shown >= 400),
        error=error,
        reasons=tuple(_reasons(explained, error)),
        warnings=tuple({**NOTHING_OF_A_FINDING, **each} for each in explained.get("warnings") or ()),
        bars=bars,
        total_ms=total_ms if total_ms is not None else max((bar.at_ms + bar.ms for bar in bars), default=0.0),
        request=request,
        request_headers=shown_headers(request["headers"]) if request else None,
        curl=explained.get("curl"),
        connection=explained.get("connection"),
        api_headers=shown_headers(response["headers"]) if response else None,
        reply_headers=shown_headers(given) if headers is not None else None,
        body=_body(body, given, response),
        authentication=_authentication(explained.get("authentication")),
        steps=tuple(_steps(explained)) if composite else (),
    )


def _body(
    body: bytes | str | None, given: Sequence[tuple[str, str]], response: Mapping[str, Any]
) -> ShownBody | None:
    """The reply's, or what the API of a failed step answered, as far as the test kept it."""
    if body is not None:
        return shown_body(body, header(given, "content-type"))
    if response.get("body") is None:
        return None
    shown = shown_body(response["body"], header(response["headers"], "content-type"))
    if response.get("body_cut"):
        shown = replace(shown, notes=(*shown.notes, "The body is longer: its beginning was kept."))
    return shown


def _reasons(explained: Mapping[str, Any], error: Mapping[str, Any] | None) -> Iterable[str]:
    """The hints, each once, without what the page says elsewhere: the error's own words and the warnings."""
    detail = (error or {}).get("detail")
    hints: Iterable[str] = explained.get("hints") or ()
    return dict.fromkeys(hint for hint in hints if hint != detail and not hint.endswith(LOOKED_UP_NOTHING))


def _authentication(shown: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The member of `explain` with the JWT's parts as rows; `None` when there is nothing to say."""
    if not shown or shown["type"] == "none":
        return None
    source = SOURCES.get(shown.get("source", ""), "")
    endpoint = shown.get("token_endpoint")
    if endpoint:
        assertion = (endpoint.get("request") or {}).get("assertion")
        endpoint = {**NOTHING_OF_AN_ENDPOINT, **endpoint, "assertion": _decoded(assertion)}
    return {
        **NOTHING_OF_A_CREDENTIAL,
        **shown,
        "source_words": source,
        "jwt": _decoded(shown.get("jwt")),
        "token_endpoint": endpoint,
    }


def _decoded(jwt: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return {name: members(jwt[name]) for name in ("header", "claims")} if jwt else None


def _steps(explained: Mapping[str, Any]) -> Iterable[ShownStep]:
    for step in explained["steps"]:
        run = None if step["skipped"] else explained_run(step)
        yield ShownStep(step["index"] + 1, step["name"], step["ms"], step["skipped"], run)
    for name in explained["not_reached"]:
        yield ShownStep(0, name, None, False, None)


def milliseconds(ms: float | None) -> str:
    """A time as short as it can be said: `0.4 ms`, `35 ms`, `1.24 s`."""
    if ms is None:
        return "–"
    if ms < 10:
        return f"{ms:.1f} ms"
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.2f} s"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "explained_run": explained_run,
    "milliseconds": milliseconds,
    "bytes_in_words": bytes_in_words,
    "cut": cut,
    "shown_headers": shown_headers,
    "with_code": with_code,
}
