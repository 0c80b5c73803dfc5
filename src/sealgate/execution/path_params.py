"""Path parameters: what the caller puts into the URL's path (REFERENCE 6.3)."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from sealgate.errors import ConnectorMisconfigured, InvalidPathParameters, MissingPathParameters
from sealgate.execution.plan import Plan

HEADER = "x-path-params"
VALUE = re.compile(r"[A-Za-z0-9._~-]{1,200}")


def path_params(plan: Plan, header: str | None) -> dict[str, str]:
    """The values for the URL's `pathParams`, from `X-Path-Params`.

    Raises ConnectorMisconfigured, MissingPathParameters or InvalidPathParameters, in that order: the
    first does not depend on the caller, and a missing value is said before an invalid one. Names that
    the URL does not use are ignored."""
    needed = plan.url.path_params
    undeclared = [name for name in needed if name not in plan.path_parameters]
    if undeclared:
        raise ConnectorMisconfigured(
            f"the URL uses {', '.join(undeclared)} without a row in `path_parameters`",
            hint="add a row for each name to `path_parameters`",
        )
    if not needed:
        return {}
    given = dict(parse_qsl(header or "", keep_blank_values=True))
    missing = [name for name in needed if name not in given]
    if missing:
        raise MissingPathParameters(
            "send a value for each of these in X-Path-Params (SDK: pathParams)", params=missing
        )
    invalid = [name for name in needed if not _valid(given[name])]
    if invalid:
        raise InvalidPathParameters(
            "a value is 1 to 200 of A-Z a-z 0-9 . _ ~ - and holds no '..'", params=invalid
        )
    return {name: given[name] for name in needed}


def _valid(value: str) -> bool:
    return bool(VALUE.fullmatch(value)) and value != "." and ".." not in value
