"""Replies of token endpoints: what is usable, and what an unusable one is told apart by."""

from email.utils import formatdate

import pytest

from sealgate.auth._oauth import read_token
from sealgate.auth.base import TokenReply
from sealgate.errors import TokenRequestFailed

NOW = 1743003600.0


def failure(status, body, **headers):
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(TokenRequestFailed) as caught:
        read_token(TokenReply(status, fields, body), NOW)
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        b'{"access_token":"T","token_type":"Bearer"}',
        b'{"access_token":"T","token_type":"bearer"}',
        b'{"access_token":"T","token_type":null}',
        b'{"access_token":"T"}',
        b'{"access_token":"T","error":null}',
    ],
)
def test_usable(body):
    assert read_token(TokenReply(200, {}, body), NOW).value.reveal() == "T"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b"", "without an access_token"),
        (200, b"<html>sign in</html>", "without an access_token"),
        (200, b'"T"', "without an access_token"),
        (200, b'{"access_token":""}', "without an access_token"),
        (200, b'{"access_token":7}', "without an access_token"),
        (200, b'{"token":"T"}', "without an access_token"),
        (200, b'{"access_token":"a\\r\\nX: y"}', "cannot carry"),
        (200, '{"access_token":"é"}'.encode(), "cannot carry"),
        (200, b'{"access_token":"T","token_type":"mac"}', "token_type mac"),
        (200, b'{"access_token":"T","token_type":7}', "token_type unknown"),
        (200, b'{"access_token":"T","error":"invalid_scope"}', "answered 200 invalid_scope"),
        (400, b'{"error":"invalid_grant"}', "answered 400 invalid_grant"),
        (400, b'{"access_token":"T"}', "answered 400"),
        (401, b'{"error":{"message":"no"}}', "answered 401"),
        (302, b"", r"redirects \(status 302\)"),
        (429, b"", "answered 429"),
        (503, b"{}", "answered 503"),
    ],
)
def test_unusable(status, body, words):
    error = failure(status, body)
    assert error.upstream_status == status
    with pytest.raises(TokenRequestFailed, match=words):
        raise error


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((400, b'{"error":"invalid_client"}'), "client id"),
        ((400, b'{"error":"invalid_grant"}'), "clock"),
        ((400, b'{"error":"invalid_scope"}'), "scope"),
        ((301, b""), "redirects to"),
        ((200, b"<!doctype html>"), "web page"),
        ((404, b"not here"), "no token endpoint"),
        ((429, b""), "how often"),
        ((500, b""), "fault of its own"),
    ],
)
def test_hints_a_person_can_act_on(reply, words):
    assert words in failure(*reply).hint


def test_the_error_of_rfc_6749_is_read_and_shortened():
    body = b'{"error":"invalid_client","error_description":"' + b"x\\n" * 400 + b'"}'
    error = failure(401, body)
    assert error.oauth_error == "invalid_client"
    assert error.oauth_description == "x" * 200
    assert "xx" not in error.detail


@pytest.mark.parametrize("code", [b"a b", b"<script>", b"\\u0000", b"x" * 65])
def test_an_error_code_that_is_none_is_not_shown(code):
    error = failure(400, b'{"error":"%b"}' % code)
    assert error.oauth_error is None
    assert error.detail == "the token endpoint answered 400"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 5.0),
        ("3600", 60.0),
        ("0", None),
        ("-3", None),
        ("soon", None),
        ("", None),
        (formatdate(NOW + 30, usegmt=True), 30.0),
        (formatdate(NOW + 3600, usegmt=True), 60.0),
        (formatdate(NOW - 30, usegmt=True), None),
    ],
)
def test_retry_after(text, seconds):
    assert failure(429, b"", retry_after=text).retry_after == seconds
