"""Request bodies: read within the cap, parsed strictly, faults at their path.

FastAPI's own body parsing would keep the last of two members with one name and say nothing."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from sealgate.errors import DocumentInvalid, PayloadTooLarge
from sealgate.model.document import parse_json
from sealgate.model.reading import faults_of

Model = TypeVar("Model", bound=BaseModel)


async def json_body(request: Request) -> Any:
    """The parsed JSON body. Raises DocumentInvalid with line and column, PayloadTooLarge."""
    limit: int = request.app.state.engine.settings.max_request_body
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return parse_json(bytes(body))


def read_as(model: type[Model], value: Any) -> Model:
    """The body as a model. Raises DocumentInvalid with every fault at once."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = tuple(faults_of(error))
        raise DocumentInvalid("the request body is not valid", fields=faults) from None


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"a request body may have at most {limit} bytes")


JsonBody = Annotated[Any, Depends(json_body)]
