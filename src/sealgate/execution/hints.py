"""Advice in words for the failures that people meet when they set up a connector."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from sealgate.errors import SealgateError, TokenRequestFailed, UpstreamHttpError, UpstreamTimeout
from sealgate.execution.run import Run

CLOCK_TOLERANCE = 30
"""Seconds by which an API's clock may differ from ours before signed claims are at risk."""

LOOKED_UP_NOTHING = "a template looked up something that is not there and printed nothing: see `warnings`"


def hints(run: Run, error: SealgateError | None) -> Iterator[str]:
    """What to try next, the likeliest first."""
    if error and not isinstance(error, UpstreamHttpError):
        yield from _of_error(run, error)
    else:
        yield from _of_status(run)
    yield from _of_clock(run)
    if run.context.missing:
        yield LOOKED_UP_NOTHING


def _of_error(run: Run, error: SealgateError) -> Iterator[str]:
    if error.hint:
        yield error.hint
    if isinstance(error, TokenRequestFailed) and error.oauth_error == "invalid_grant":
        yield (
            "invalid_grant on an assertion: check that this machine's clock is right (`iat` and `exp` are "
            "read by the server), that `audience` is what the server expects, and that `subject` has "
            "authorised the client"
        )
    if isinstance(error, UpstreamTimeout):
        yield "the API did not answer in time: try the request from this machine with the `curl` line"


def _of_status(run: Run) -> Iterator[str]:
    status, kind = run.upstream_status, run.plan.authentication.kind.name
    match status:
        case 401 if kind == "none":
            yield "the API wants a credential and this connector has no `authentication`"
        case 401 if kind == "api_key":
            config = run.plan.exchange.authentication
            name = getattr(config.config, "key", "the key") if config else "the key"
            yield (
                f"the API refused the key: check the secret's value, that it expects the name {name!r}, and "
                "whether it wants a prefix such as `Bearer `"
            )
        case 401 if kind == "jwt":
            yield (
                "the API refused the JWT: compare `iss`, `aud`, `exp` and `kid` with what it expects, and "
                "that it holds the public key of this private key"
            )
        case 401:
            yield (
                "the API refused a fresh access token: check `scope`, the audience it was issued for, and "
                "that token URL and API belong to the same environment (sandbox or live)"
            )
        case 403:
            scope = "`scope`" if kind.startswith("oauth") else "permissions"
            yield f"the credential was accepted but may not do this: check its {scope} at the API"
        case 404:
            yield "the API does not know this path: compare `request.url` with its documentation"
        case 405:
            yield f"the API does not take {run.plan.method} here"
        case 415:
            yield "the API does not take this Content-Type: add a `Content-Type` header row"
        case 429:
            yield "the API's rate limit is reached; see Retry-After"
        case int() if 300 <= status < 400:
            yield "the API redirects; redirects are not followed, so put the final address into `url`"


def _of_clock(run: Run) -> Iterator[str]:
    date = next((value for name, value in run.upstream_headers if name == "date"), None)
    signed = run.plan.authentication.kind.name in ("jwt", "oauth_jwt_bearer")
    if not (date and signed and run.upstream_status in (400, 401, 403)):
        return
    try:
        theirs = parsedate_to_datetime(date).timestamp()
    except ValueError:
        return
    apart = run.context.now - theirs
    if abs(apart) > CLOCK_TOLERANCE:
        direction = "ahead of" if apart > 0 else "behind"
        yield f"this machine's clock is {abs(apart):.0f} s {direction} the API's: signed times may be refused"
