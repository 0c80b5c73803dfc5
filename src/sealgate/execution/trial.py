"""A trial run: Test Connection's input and outcome (REFERENCE section 11, design section 13)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Self
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from sealgate.caller import Caller, User
from sealgate.errors import DocumentInvalid, SealgateError
from sealgate.execution.call import Call
from sealgate.execution.path_params import HEADER as PATH_PARAMS_HEADER
from sealgate.execution.redaction import Redactor
from sealgate.message import Fields
from sealgate.model.reading import faults_of

MAX_HEADER = 8 * 1024


def _as_query(value: Any) -> Any:
    if isinstance(value, Mapping):
        return urlencode({name: "" if item is None else item for name, item in value.items()}, doseq=True)
    if isinstance(value, list):
        return urlencode([tuple(pair) for pair in value])
    return (value or "").removeprefix("?") if isinstance(value, (str, type(None))) else value


class TestRequest(BaseModel):
    """What a caller would send. `query` is an object, a list of pairs or a query string; a `body` that
    is not a string goes out as JSON; `user` holds session claims (`sub`, `email`, …)."""

    __test__ = False
    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str | None = None
    query: Annotated[str, BeforeValidator(_as_query)] = ""
    headers: dict[str, str] = {}
    path_params: dict[str, str | int | float] = {}
    body: Any = None
    user: dict[str, Any] | None = None

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Raises DocumentInvalid with every fault, at `request.…`."""
        try:
            return cls.model_validate({} if value is None else value)
        except ValidationError as error:
            faults = [fault.under("request") for fault in faults_of(error)]
            raise DocumentInvalid("the request is not valid", fields=faults) from None

    def call(self, tenant: str, permalink: str, method: str, request_id: str) -> Call:
        """The same call as the data plane would make of it."""
        headers = [(name.lower(), value) for name, value in self.headers.items()]
        if self.path_params:
            headers.append((PATH_PARAMS_HEADER, urlencode(self.path_params)))
        body = self.body
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body, ensure_ascii=False)
            if not any(name == "content-type" for name, _ in headers):
                headers.append(("content-type", "application/json"))
        return Call(
            caller=Caller(tenant, None if self.user is None else User.from_claims(self.user)),
            permalink=permalink,
            method=(self.method or method).upper(),
            query=self.query,
            headers=Fields(headers),
            body=body.encode() if isinstance(body, str) else body,
            request_id=request_id,
            use_cache=False,
        )


@dataclass(frozen=True, slots=True)
class TestResult:
    """The outcome: a reply or an error, with what explains it. `headers` are those of the reply;
    every text in it is scrubbed."""

    __test__ = False

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    explain: dict[str, Any]
    debug_request: dict[str, Any]
    error: SealgateError | None = None
    request_id: str = field(default="")
    total_ms: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Design section 13: the reply beside `explain` and `debug_request`, or the error envelope."""
        outcome: dict[str, Any]
        if self.error:
            outcome = {"success": False, "errors": self.error.as_json(), "request_id": self.request_id}
        else:
            outcome = {"status": self.status, "headers": dict(self.headers), "body": self._readable_body()}
        return {**outcome, "explain": self.explain, "debug_request": self.debug_request}

    def debug_header(self) -> str:
        """`X-Debug-Request`: ASCII JSON; long bodies are cut so that the header stays within bounds."""
        text = json.dumps(self.debug_request)
        if len(text) > MAX_HEADER:
            shorter = {
                name: f"{value[:500]}… ({len(value)} characters)"
                if isinstance(value, str) and len(value) > 500
                else value
                for name, value in self.debug_request.items()
            }
            text = json.dumps(shorter)
        if len(text) > MAX_HEADER:
            url = self.debug_request.get("url")
            text = json.dumps({"url": str(url)[:1000], "truncated": True} if url else {"truncated": True})
        return text

    def _readable_body(self) -> Any:
        """Parsed JSON, else text, else `{"base64": …}` for bytes that are neither."""
        try:
            text = self.body.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(self.body).decode()}
        content_type = dict(self.headers).get("content-type", "")
        if "json" in content_type or text[:1] in ("{", "["):
            try:
                value = json.loads(text)
                if "\\u" in text:
                    json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair has no bytes
            except (ValueError, RecursionError):
                return text
            return value
        return text


def scrubbed(error: SealgateError, redactor: Redactor) -> SealgateError:
    """The error without any secret in its words: scrubbed after they are formatted, since a template
    can make a secret part of a message (`get_variable(get_secret('a'))`)."""
    error.detail = redactor.text(error.detail)
    error.args = (error.detail or error.code,)
    error.hint = redactor.text(error.hint) if error.hint else error.hint
    error.params = tuple(redactor.text(param) for param in error.params)
    return error
