"""No authentication (REFERENCE 3.1): the request goes out exactly as configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from sealgate.auth.base import AuthenticationConfig, Obtaining, Source


class NoConfig(AuthenticationConfig):
    """Nothing to configure."""


@dataclass(frozen=True, slots=True)
class NoAuthentication:
    """Adds nothing."""

    cached: ClassVar[bool] = False
    origin: ClassVar[Source] = "none"
    signs_slowly: ClassVar[bool] = False
    credential_header: ClassVar[None] = None

    @classmethod
    def from_rendered(cls, config: Mapping[str, Any]) -> Self:
        return cls()

    def identity(self) -> Self:
        return self

    def obtain(self, now: float) -> Obtaining:
        yield from ()
        return None
