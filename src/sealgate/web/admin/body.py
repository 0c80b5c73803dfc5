"""Request bodies: read within the cap, parsed strictly, faults at their path.

FastAPI's own body parsing would keep the last of two members with one name and say nothing."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from sealgate.errors import DocumentInvalid
from sealgate.model.document import parse_json
from sealgate.model.reading import faults_of
from sealgate.web.body import Incoming
from sealgate.web.headers import decode

Model = TypeVar("Model", bound=BaseModel)


async def json_body(request: Request) -> Any:
    """The parsed JSON body. Raises DocumentInvalid with line and column, PayloadTooLarge."""
    limit = request.app.state.engine.settings.max_request_body
    body = await Incoming(request.receive, decode(request.scope["headers"]), limit).open()
    if body is None:
        return parse_json(b"")
    return parse_json(body if isinstance(body, bytes) else b"".join([part async for part in body]))


def read_as(model: type[Model], value: Any) -> Model:
    """The body as a model. Raises DocumentInvalid with every fault at once."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = tuple(faults_of(error))
        raise DocumentInvalid("the request body is not valid", fields=faults) from None


JsonBody = Annotated[Any, Depends(json_body)]
