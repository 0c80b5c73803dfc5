"""Every error that a caller or an admin can meet.

SealgateError
├── DocumentInvalid               422 INVALID_DOCUMENT            `fields`: every fault at once
├── RequestInvalid                400 INVALID_REQUEST             the admin API's own input
│   ├── MissingPathParameters     400 MISSING_PATH_PARAMETERS     `params`
│   └── InvalidPathParameters     400 INVALID_PATH_PARAMETERS     `params`
├── ConnectorMisconfigured        400 CONNECTOR_MISCONFIGURED
├── NotFound                      404 NOT_FOUND
│   └── ConnectorNotFound         404 CONNECTOR_NOT_FOUND
├── MethodNotAllowed              405 METHOD_NOT_ALLOWED          with `Allow`
├── Conflict                      409 CONFLICT
├── PreconditionFailed            412 PRECONDITION_FAILED
├── PayloadTooLarge               413 PAYLOAD_TOO_LARGE
├── AuthenticationRequired        401 AUTHENTICATION_REQUIRED
│   └── UserRequired              401 USER_REQUIRED
├── Forbidden                     403 FORBIDDEN
├── Overloaded                    503 OVERLOADED
├── Configuration                 422, scope "Configuration (template rendering)"
│   ├── SecretNotFound                SECRET_NOT_FOUND
│   ├── VariableNotFound              VARIABLE_NOT_FOUND
│   ├── RequestTemplateFailed         REQUEST_TEMPLATE_FAILED
│   ├── ResponseTemplateFailed        RESPONSE_TEMPLATE_FAILED    scope "(response template rendering)"
│   ├── TemplateLimitExceeded         TEMPLATE_LIMIT_EXCEEDED
│   ├── UrlInvalid                    URL_INVALID
│   └── DestinationBlocked            DESTINATION_BLOCKED
├── SigningFailed                 422 SIGNING_FAILED              scope "Authentication (JWT signing)"
├── TokenRequestFailed            502 TOKEN_REQUEST_FAILED        scope "Authentication (token request)"
├── Downstream                    502, scope "Downstream (network/external service)"
│   ├── UpstreamTimeout               UPSTREAM_TIMEOUT
│   ├── UpstreamUnreachable           UPSTREAM_UNREACHABLE
│   ├── UpstreamProtocolError         UPSTREAM_PROTOCOL_ERROR
│   ├── UpstreamHttpError             UPSTREAM_HTTP_ERROR         scope "Downstream (HTTP error)"
│   └── UpstreamResponseTooLarge      UPSTREAM_RESPONSE_TOO_LARGE
└── Unexpected                    500 UNEXPECTED_ERROR            scope "Unexpected error"
    └── StoreUnusable             500 STORE_UNUSABLE              in `stores`: for the operator

An error's `detail` is shown to callers: it names the field, the reason and the fix, never a secret.
The web layer turns an error into a reply in one place (`web/problems.py`); codes and scopes are
REFERENCE sections 6.3, 10.3 and 12 and design section 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sealgate.findings import Finding


class SealgateError(Exception):
    """The root of the tree.

    `hint` is advice for the admin (shown by Test Connection), `field` the document path at fault,
    `headers` what the reply must carry besides (`Allow`, `Retry-After`).
    """

    code: ClassVar[str] = "UNEXPECTED_ERROR"
    status: ClassVar[int] = 500
    default_scope: ClassVar[str | None] = None

    def __init__(
        self,
        detail: str = "",
        *,
        scope: str | None = None,
        params: Sequence[str] = (),
        fields: Sequence[Finding] = (),
        field: str | None = None,
        hint: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.scope = scope or self.default_scope
        self.params = tuple(params)
        self.fields = tuple(fields)
        self.field = field
        self.hint = hint
        self.headers = dict(headers or {})

    def as_json(self) -> dict[str, Any]:
        """The envelope's `errors` member (REFERENCE 10.3)."""
        members: dict[str, Any] = {"code": self.code}
        if self.detail:
            members["detail"] = self.detail
        if self.scope:
            members["scope"] = self.scope
        if self.params:
            members["params"] = list(self.params)
        if self.fields:
            members["fields"] = [finding.as_json() for finding in self.fields]
        if self.field:
            members["field"] = self.field
        if self.hint:
            members["hint"] = self.hint
        return members


class DocumentInvalid(SealgateError):
    code = "INVALID_DOCUMENT"
    status = 422


class RequestInvalid(SealgateError):
    code = "INVALID_REQUEST"
    status = 400


class MissingPathParameters(RequestInvalid):
    code = "MISSING_PATH_PARAMETERS"


class InvalidPathParameters(RequestInvalid):
    code = "INVALID_PATH_PARAMETERS"


class ConnectorMisconfigured(SealgateError):
    code = "CONNECTOR_MISCONFIGURED"
    status = 400


class NotFound(SealgateError):
    code = "NOT_FOUND"
    status = 404


class ConnectorNotFound(NotFound):
    code = "CONNECTOR_NOT_FOUND"


class MethodNotAllowed(SealgateError):
    code = "METHOD_NOT_ALLOWED"
    status = 405


class Conflict(SealgateError):
    code = "CONFLICT"
    status = 409


class PreconditionFailed(SealgateError):
    code = "PRECONDITION_FAILED"
    status = 412


class PayloadTooLarge(SealgateError):
    code = "PAYLOAD_TOO_LARGE"
    status = 413


class AuthenticationRequired(SealgateError):
    code = "AUTHENTICATION_REQUIRED"
    status = 401


class UserRequired(AuthenticationRequired):
    code = "USER_REQUIRED"


class Forbidden(SealgateError):
    code = "FORBIDDEN"
    status = 403


class Overloaded(SealgateError):
    code = "OVERLOADED"
    status = 503


class Configuration(SealgateError):
    status = 422
    default_scope = "Configuration (template rendering)"


class SecretNotFound(Configuration):
    code = "SECRET_NOT_FOUND"


class VariableNotFound(Configuration):
    code = "VARIABLE_NOT_FOUND"


class RequestTemplateFailed(Configuration):
    code = "REQUEST_TEMPLATE_FAILED"


class ResponseTemplateFailed(Configuration):
    code = "RESPONSE_TEMPLATE_FAILED"
    default_scope = "Configuration (response template rendering)"


class TemplateLimitExceeded(Configuration):
    code = "TEMPLATE_LIMIT_EXCEEDED"


class UrlInvalid(Configuration):
    code = "URL_INVALID"


class DestinationBlocked(Configuration):
    code = "DESTINATION_BLOCKED"


class SigningFailed(SealgateError):
    code = "SIGNING_FAILED"
    status = 422
    default_scope = "Authentication (JWT signing)"


class TokenRequestFailed(SealgateError):
    """The token endpoint did not give a usable token.

    `oauth_error` and `oauth_description` are RFC 6749 section 5.2's `error` and `error_description`
    (shortened, for explain only: the envelope carries the code alone); `retry_after` is the number
    of seconds until the broker asks again; `asked` is what may be shown of the token request, for explain.
    """

    code = "TOKEN_REQUEST_FAILED"
    status = 502
    default_scope = "Authentication (token request)"

    def __init__(
        self,
        detail: str = "",
        *,
        upstream_status: int | None = None,
        oauth_error: str | None = None,
        oauth_description: str | None = None,
        retry_after: float | None = None,
        asked: Mapping[str, Any] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail, **members)
        self.asked = asked
        self.upstream_status = upstream_status
        self.oauth_error = oauth_error
        self.oauth_description = oauth_description
        self.retry_after = retry_after


class Downstream(SealgateError):
    status = 502
    default_scope = "Downstream (network/external service)"


class UpstreamTimeout(Downstream):
    code = "UPSTREAM_TIMEOUT"


class UpstreamUnreachable(Downstream):
    code = "UPSTREAM_UNREACHABLE"


class UpstreamProtocolError(Downstream):
    code = "UPSTREAM_PROTOCOL_ERROR"


class UpstreamHttpError(Downstream):
    """A step of a composite connector was answered with 4xx or 5xx (REFERENCE section 12)."""

    code = "UPSTREAM_HTTP_ERROR"
    default_scope = "Downstream (HTTP error)"


class UpstreamResponseTooLarge(Downstream):
    code = "UPSTREAM_RESPONSE_TOO_LARGE"


class Unexpected(SealgateError):
    code = "UNEXPECTED_ERROR"
    status = 500
    default_scope = "Unexpected error"
