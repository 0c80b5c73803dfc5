"""What statuses and error codes mean, for people."""

from __future__ import annotations

from http import HTTPStatus

STATUSES = {
    200: "The API did what was asked.",
    201: "The API created something.",
    202: "The API took the request and works on it.",
    204: "The API did what was asked and has nothing to say.",
    304: "Nothing changed since the caller's copy.",
    400: "The API cannot use the request as it is.",
    401: "The API does not accept the credential, or wants one.",
    403: "The API knows who asks, and refuses.",
    404: "The API has nothing at this address.",
    405: "The API has another method for this address.",
    406: "The API cannot answer in a type that the Accept header names.",
    409: "The request collides with the state of things at the API.",
    410: "What was at this address is gone for good.",
    413: "The API finds the request too large.",
    415: "The API does not take a body of this type.",
    422: "The API understands the request and refuses its content.",
    429: "Too many requests: the API wants a pause.",
    500: "The API failed inside.",
    502: "Something before the API got no good answer from it.",
    503: "The API is overloaded or down for now.",
    504: "Something before the API waited too long for it.",
}
CLASSES = {
    2: "The API did what was asked.",
    3: "The API points elsewhere; Sealgate follows no redirect.",
    4: "The API refuses the request.",
    5: "The API failed.",
}
ERRORS = {
    "MISSING_PATH_PARAMETERS": "`params` lists what the URL needs and the caller did not send",
    "INVALID_PATH_PARAMETERS": (
        "`params` lists values that are not 1 to 200 of `A-Z a-z 0-9 . _ ~ -`, or hold `..`"
    ),
    "CONNECTOR_MISCONFIGURED": (
        "the URL uses a path parameter without a row, or today's settings refuse a stored document"
    ),
    "INVALID_REQUEST": "the request itself cannot be used",
    "AUTHENTICATION_REQUIRED": "no credential, or one that is wrong or expired",
    "USER_REQUIRED": "the connector acts for a signed-in user",
    "FORBIDDEN": "the caller is known and may not do this",
    "CONNECTOR_NOT_FOUND": "there is no connector with this permalink",
    "NOT_FOUND": "there is nothing at this address",
    "METHOD_NOT_ALLOWED": "the connector has another method; see `Allow`",
    "CONFLICT": "the name or permalink is taken, or a registry source owns it",
    "PRECONDITION_FAILED": "`If-Match` names an older revision",
    "PAYLOAD_TOO_LARGE": "the body is larger than `SEALGATE_MAX_REQUEST_BODY`",
    "INVALID_DOCUMENT": "`fields` lists every fault with its path",
    "SECRET_NOT_FOUND": "a template names a secret that does not exist",
    "VARIABLE_NOT_FOUND": "a template names a variable that does not exist",
    "REQUEST_TEMPLATE_FAILED": "a request template failed; line, column and expression are given",
    "RESPONSE_TEMPLATE_FAILED": "the response template failed",
    "TEMPLATE_LIMIT_EXCEEDED": "a template used too many steps or too much memory",
    "URL_INVALID": "the rendered URL is not one that can be called",
    "DESTINATION_BLOCKED": "the address, or a secret's `allowed_hosts`, forbids this destination",
    "SIGNING_FAILED": "the key or the claims cannot be used",
    "STORE_UNUSABLE": "the database or the operator's key cannot be used; the text says what to do",
    "UNEXPECTED_ERROR": "a fault of Sealgate; the log has it under the request id",
    "TOKEN_REQUEST_FAILED": "the token endpoint gave no usable token",
    "UPSTREAM_TIMEOUT": "no answer within `SEALGATE_UPSTREAM_TIMEOUT` seconds",
    "UPSTREAM_UNREACHABLE": "the name does not resolve, the connection was refused, or TLS failed",
    "UPSTREAM_PROTOCOL_ERROR": "the API's answer is not valid HTTP",
    "UPSTREAM_HTTP_ERROR": "a step of a composite connector was answered with 4xx or 5xx",
    "UPSTREAM_RESPONSE_TOO_LARGE": "the API's answer is larger than the limit",
    "OVERLOADED": "no capacity at the moment",
}
"""As in docs/calling.md (a test holds them together)."""


def phrase_of(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def meaning_of(status: int) -> str:
    return STATUSES.get(status) or CLASSES.get(status // 100, "")


def with_code(text: str) -> list[tuple[str, bool]]:
    """A sentence of ours in pieces: what stands between backticks is code (`True`)."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return [(text, False)]
    return [(part, index % 2 == 1) for index, part in enumerate(parts) if part]
