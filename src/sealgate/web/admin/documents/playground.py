"""Templates that are tried out, and what they are made of."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from sealgate.services.playground import Sample, StepSample
from sealgate.web.admin.documents.shared import Body, FindingDocument


class StepSampleBody(Body):
    body: str | None = None
    status_code: int = 200
    headers: dict[str, str] = Field({})


class PlaygroundBody(Body):
    template: str
    field: Literal["url", "header", "query", "authentication", "request_body", "response_body"]
    user: dict[str, Any] | None = Field(None, description="Session claims; absent: anonymous.")
    variables: dict[str, str] = Field({})
    path_params: dict[str, str] = Field({})
    body: str | None = None
    response_body: str | None = None
    response_status: int = 200
    response_headers: dict[str, str] = Field({})
    content_type: str | None = Field(None, description="What the field's output is declared to be.")
    steps: dict[str, StepSampleBody] | None = Field(
        None,
        description="What earlier steps gave; with it the template is one of a composite's step.",
    )
    query: dict[str, str] = Field({}, description="`request.query_parameters` of a step.")

    def sample(self) -> Sample:
        members = self.model_dump(exclude={"template", "field", "steps"})
        given = None if self.steps is None else self.steps.items()
        steps = None if given is None else {name: StepSample(**step.model_dump()) for name, step in given}
        return Sample(**members, steps=steps)


class PlaygroundDocument(BaseModel):
    output: str | None
    error: dict[str, Any] | None
    faults: list[FindingDocument]
    warnings: list[FindingDocument]


class ReferenceEntry(BaseModel):
    kind: str
    name: str
    explanation: str
    example: str
    result: str | None
    fields: list[str]


class ReferenceList(BaseModel):
    entries: list[ReferenceEntry]
