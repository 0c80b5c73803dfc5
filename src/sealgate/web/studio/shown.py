"""Values as people read them: filters of Studio's templates."""

from __future__ import annotations

import difflib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sealgate.findings import Finding
from sealgate.services.moments import timestamp

SPANS = ((60, "s"), (3600, "min"), (86400, "h"), (30 * 86400, "d"))
SPARK_WIDTH = 96
SPARK_HEIGHT = 20
MOST_NODES = 2000
"""Of a JSON tree; what is beyond is said to be left out."""
MOST_OF_A_TEXT = 1000
"""Characters of one text in a JSON tree."""


def ago(seconds: float, now: float | None = None) -> str:
    """Unix seconds as a distance, `5 min ago` or `in 2 h`; as a date when it is far."""
    distance = (time.time() if now is None else now) - seconds
    size = abs(distance)
    if size < 5:
        return "just now"
    divisor = 1
    for limit, unit in SPANS:
        if size < limit:
            text = f"{int(size // divisor)} {unit}"
            return f"{text} ago" if distance > 0 else f"in {text}"
        divisor = limit if unit != "h" else 86400
    return datetime.fromtimestamp(seconds, UTC).strftime("%d %b %Y")


def duration(seconds: int) -> str:
    """Whole seconds in the largest unit that divides them: `24 h`, `90 s`."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def moment(seconds: float) -> str:
    """Unix seconds as the time of day, `19:20:41`, with the day before it when that is not today. UTC."""
    at, today = datetime.fromtimestamp(seconds, UTC), datetime.now(UTC).date()
    return at.strftime("%H:%M:%S" if at.date() == today else "%d %b %H:%M:%S")


def spark_points(values: Sequence[float]) -> str:
    """The `points` of a polyline in a box of 96 × 20, the highest value at its top."""
    if not values:
        return ""
    highest = max(values) or 1.0
    step = SPARK_WIDTH / max(len(values) - 1, 1)
    return " ".join(
        f"{index * step:.1f},{SPARK_HEIGHT - 1 - value / highest * (SPARK_HEIGHT - 2):.1f}"
        for index, value in enumerate(values)
    )


@dataclass(frozen=True, slots=True)
class DiffLine:
    """`mark` is `+`, `-`, a space, or `@` for lines left out."""

    mark: str
    text: str
    old: int | None
    new: int | None


def diff_lines(old: str, new: str, context: int = 3) -> list[DiffLine]:
    """What became of a text, line by line. Equal texts give nothing."""
    before, after = old.splitlines(), new.splitlines()
    lines: list[DiffLine] = []
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(context):
        if lines:
            lines.append(DiffLine("@", "", None, None))
        for kind, a, a_end, b, b_end in group:
            if kind == "equal":
                lines += [DiffLine(" ", before[a + i], a + i + 1, b + i + 1) for i in range(a_end - a)]
                continue
            lines += [DiffLine("-", before[i], i + 1, None) for i in range(a, a_end)]
            lines += [DiffLine("+", after[i], None, i + 1) for i in range(b, b_end)]
    return lines


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a JSON tree. `kind`: object, array, string, number, literal or more."""

    name: str | None
    kind: str
    text: str
    children: tuple[Node, ...] = ()


def json_node(value: Any) -> Node:
    """A parsed JSON value as a tree that can be drawn, at most `MOST_NODES` values of it."""
    left = [MOST_NODES]
    return _node(None, value, left, 0)


def _node(name: str | None, value: Any, left: list[int], depth: int) -> Node:
    left[0] -= 1
    if isinstance(value, Mapping):
        return _branch(name, "object", f"{len(value)}", value.items(), left, depth)
    if isinstance(value, (list, tuple)):
        pairs = ((str(index), item) for index, item in enumerate(value))
        return _branch(name, "array", f"{len(value)}", pairs, left, depth)
    kind = "string" if isinstance(value, str) else "literal"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        kind = "number"
    text = json.dumps(_beginning(value), ensure_ascii=False)
    return Node(name, kind, text + _length(value))


def _branch(name: str | None, kind: str, text: str, pairs: Any, left: list[int], depth: int) -> Node:
    def children() -> Iterator[Node]:
        for key, item in pairs:
            if left[0] <= 0 or depth > 40:
                yield Node(None, "more", "…")
                return
            yield _node(_beginning(str(key)), item, left, depth + 1)

    return Node(name, kind, text, tuple(children()))


def _beginning(value: Any) -> Any:
    return value[:MOST_OF_A_TEXT] if isinstance(value, str) else value


def _length(value: Any) -> str:
    """What is said of a text that is cut."""
    long = isinstance(value, str) and len(value) > MOST_OF_A_TEXT
    return f"… ({len(value):,} characters)" if long else ""


def pretty_json(value: Any) -> str:
    """A parsed JSON value as indented text."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def findings_json(findings: Sequence[Finding]) -> str:
    """Findings for an attribute that a script reads."""
    return json.dumps([finding.as_json() for finding in findings])


def capitalize_first(text: str) -> str:
    """A sentence of ours, which begins small, as one that stands alone."""
    return (text[:1].upper() + text[1:]).removesuffix(".")


FILTERS: Mapping[str, Callable[..., Any]] = {
    "ago": ago,
    "duration": duration,
    "moment": moment,
    "findings_json": findings_json,
    "pretty_json": pretty_json,
    "capitalize_first": capitalize_first,
    "timestamp": timestamp,
    "spark_points": spark_points,
    "diff_lines": diff_lines,
    "json_node": json_node,
}
