"""What the command line of `make bench` can set."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Options:
    rounds: int = 5
    seconds: float = 1.5
    """How long each measurement lasts."""
    only: frozenset[str] = frozenset()
    """Names of peers and scenarios; empty: all of them."""
    connections: int = 64

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Options:
        """`ROUNDS`, `SECONDS` and `ONLY`; `QUICK=1` changes the defaults of the first two."""
        quick = environment.get("QUICK", "") not in ("", "0")
        rounds, seconds = ("1", "1") if quick else ("5", "1.5")
        try:
            return cls(
                rounds=max(1, int(environment.get("ROUNDS") or rounds)),
                seconds=max(0.2, float(environment.get("SECONDS") or seconds)),
                only=frozenset(filter(None, environment.get("ONLY", "").split(","))),
            )
        except ValueError as problem:
            sys.exit(f"bench: ROUNDS and SECONDS must be numbers ({problem})")

    def chosen(self, known: Mapping[str, T]) -> dict[str, T]:
        """Those of one kind that `ONLY` names, or all of them when it names none of this kind."""
        named = {name: value for name, value in known.items() if name in self.only}
        return named or dict(known)

    def unknown(self, *known: Mapping[str, object]) -> list[str]:
        return sorted(self.only.difference(*known))
