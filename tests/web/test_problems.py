import json

import pytest
from structlog.testing import capture_logs

from sealgate import errors
from sealgate.errors import (
    AuthenticationRequired,
    DocumentInvalid,
    MethodNotAllowed,
    MissingPathParameters,
    SealgateError,
    TokenRequestFailed,
    UserRequired,
)
from sealgate.findings import Finding
from sealgate.web.problems import problem, unexpected


def kinds(root=SealgateError):
    yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind.__module__ == errors.__name__])
def test_every_error_has_the_envelope(kind):
    answer = problem(kind("what happened"), "r-1")
    assert answer.status == kind.status
    assert dict(answer.headers)["content-type"] == "application/json"
    body = json.loads(answer.body)
    assert (body["success"], body["request_id"]) == (False, "r-1")
    assert (body["errors"]["code"], body["errors"]["detail"]) == (kind.code, "what happened")
    assert body["errors"].get("scope") == kind.default_scope


def test_params_and_fields_are_told():
    assert json.loads(problem(MissingPathParameters(params=["id"]), "r").body)["errors"] == {
        "code": "MISSING_PATH_PARAMETERS",
        "params": ["id"],
    }
    fields = [Finding("headers.1.key", "twice"), Finding("url", "no https")]
    told = json.loads(problem(DocumentInvalid("two faults", fields=fields), "r").body)["errors"]["fields"]
    assert told == [{"path": "headers.1.key", "message": "twice"}, {"path": "url", "message": "no https"}]


@pytest.mark.parametrize(
    ("error", "name", "value"),
    [
        (AuthenticationRequired("x"), "www-authenticate", 'Bearer realm="sealgate"'),
        (UserRequired("x"), "www-authenticate", 'Bearer realm="sealgate"'),
        (
            AuthenticationRequired("x", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}),
            "www-authenticate",
            'Bearer error="invalid_token"',
        ),
        (MethodNotAllowed("x", headers={"Allow": "GET"}), "allow", "GET"),
        (TokenRequestFailed("x", retry_after=3.2), "retry-after", "4"),
    ],
)
def test_headers_that_a_status_needs(error, name, value):
    assert [(key, content) for key, content in problem(error, "r").headers if key == name] == [(name, value)]


def test_an_unexpected_error_is_logged_scrubbed_and_not_told():
    with capture_logs() as lines:
        try:
            raise ValueError("the key is hunter2")
        except ValueError:
            error = unexpected("r-9", lambda text: text.replace("hunter2", "[redacted]"))
    assert (error.status, error.code, error.scope) == (500, "UNEXPECTED_ERROR", "Unexpected error")
    assert "hunter2" not in problem(error, "r-9").body.decode()
    (line,) = lines
    assert line["request_id"] == "r-9"
    assert "the key is [redacted]" in line["traceback"] and "test_problems.py" in line["traceback"]
