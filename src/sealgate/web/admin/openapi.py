"""The OpenAPI 3.1 description. Routes read raw bodies, so their schemas are put in here."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sealgate.model.composite import Composite
from sealgate.model.connector import Connector
from sealgate.web.admin.documents.imports import CurlBody, OpenApiBody
from sealgate.web.admin.documents.playground import PlaygroundBody
from sealgate.web.admin.documents.runs import CaptureBody
from sealgate.web.admin.documents.secrets import AllowedHostsBody, KeyPairBody, PublicKeyBody, SecretBody
from sealgate.web.admin.documents.sources import GitSourceBody, RegistryDocument
from sealgate.web.admin.documents.tokens import TokenBody
from sealgate.web.admin.documents.trials import TestBody
from sealgate.web.admin.documents.variables import VariableBody

REFERENCE = "#/components/schemas/{model}"
BODIES: tuple[type[BaseModel], ...] = (
    Connector,
    Composite,
    SecretBody,
    AllowedHostsBody,
    KeyPairBody,
    PublicKeyBody,
    VariableBody,
    TokenBody,
    TestBody,
    RegistryDocument,
    GitSourceBody,
    CurlBody,
    CaptureBody,
    OpenApiBody,
    PlaygroundBody,
)


def takes(*names: str) -> dict[str, Any]:
    """The description of a route's body: the schema of this name, or of one of these."""
    references = [{"$ref": REFERENCE.format(model=name)} for name in names]
    schema = references[0] if len(references) == 1 else {"anyOf": references}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole description, made once."""
    if app.openapi_schema is None:
        description = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        _, schemas = models_json_schema([(model, "validation") for model in BODIES], ref_template=REFERENCE)
        components = description.setdefault("components", {}).setdefault("schemas", {})
        components.update(schemas["$defs"])
        app.openapi_schema = description
    return app.openapi_schema
