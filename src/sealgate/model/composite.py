"""The composite connector: several exchanges behind one call (REFERENCE section 12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StringConstraints

from sealgate.model.connector import Document, Exchange, empty_when_null
from sealgate.model.permalink import PATTERN

STEP_NAME = r"^[a-z0-9-]+$"
MOST_STEPS = 50


class Step(Exchange):
    """One exchange of a composite connector. Its templates also read `steps` and `request`."""

    name: str = Field(
        min_length=1,
        max_length=255,
        pattern=STEP_NAME,
        description="What later steps call it; unique within the composite connector.",
    )
    when: Annotated[str, BeforeValidator(empty_when_null)] = Field(
        "", max_length=1000, description="An expression; the step is left out when it does not hold."
    )


class Composite(Document):
    """One composite connector. Callers run it with POST; the last step's response is the reply."""

    name: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        min_length=1, max_length=255, description="What people call it."
    )
    permalink: str | None = Field(
        None,
        max_length=255,
        pattern=PATTERN,
        description="The name that callers use; derived from `name` when absent.",
    )
    steps: list[Step] = Field(min_length=1, max_length=MOST_STEPS, description="The exchanges, in order.")

    def normalised(self) -> dict[str, Any]:
        """The document as stored: every member, defaults written out, aliases resolved."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def with_permalink(self, permalink: str) -> Self:
        return self.model_copy(update={"permalink": permalink})


def is_composite(document: Mapping[str, Any]) -> bool:
    """Whether a document, valid or not, is meant as a composite connector."""
    return "steps" in document
