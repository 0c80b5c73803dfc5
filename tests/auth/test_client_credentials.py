import pytest
from pydantic import ValidationError

from sealgate.auth.base import TokenReply
from sealgate.auth.client_credentials import ClientCredentials, ClientCredentialsConfig
from sealgate.errors import RequestTemplateFailed, TokenRequestFailed
from sealgate.secret import Secret

GRANTED = TokenReply(200, {}, b'{"access_token":"00D5f!AQcAQH","token_type":"Bearer","expires_in":3600}')


def rendered(token_url, **members):
    return {"client_id": Secret("3MVG9"), "client_secret": Secret("E8B1"), "token_url": token_url, **members}


@pytest.mark.parametrize(
    ("members", "body"),
    [
        ({}, b"grant_type=client_credentials&client_id=3MVG9&client_secret=E8B1"),
        (
            {"scope": "api refresh_token"},
            b"grant_type=client_credentials&client_id=3MVG9&client_secret=E8B1&scope=api+refresh_token",
        ),
        ({"scope": ""}, b"grant_type=client_credentials&client_id=3MVG9&client_secret=E8B1"),
        (
            {"client_secret": Secret("a+b/c=&d é")},
            b"grant_type=client_credentials&client_id=3MVG9&client_secret=a%2Bb%2Fc%3D%26d+%C3%A9",
        ),
    ],
)
def test_the_token_request(step, token_url, members, body):
    stepped = step(ClientCredentials.from_rendered(rendered(token_url, **members)), GRANTED)
    request = stepped.request
    assert (request.method, str(request.origin), request.target) == (
        "POST",
        "https://login.salesforce.com",
        "/services/oauth2/token",
    )
    assert dict(request.headers) == {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    assert stepped.body == body


def test_what_the_api_receives(step, token_url):
    credential = step(ClientCredentials.from_rendered(rendered(token_url)), GRANTED).credential
    assert (credential.placement, credential.name) == ("header", "Authorization")
    assert credential.value.reveal() == "Bearer 00D5f!AQcAQH"


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [
        (b"3600", 3600.0),
        (b'"120"', 120.0),
        (b"1.5", 1.5),
        (b"0", None),
        (b"-5", None),
        (b'"soon"', 3600.0),
        (b"null", 3600.0),
        (b"true", 3600.0),
        (b'"inf"', 3600.0),
        (b"[]", 3600.0),
    ],
)
def test_lifetime(step, token_url, expires_in, lifetime):
    reply = TokenReply(200, {}, b'{"access_token":"T","expires_in":%b}' % expires_in)
    assert step(ClientCredentials.from_rendered(rendered(token_url)), reply).credential.lifetime == lifetime


def test_lifetime_when_the_server_does_not_say(step, token_url):
    reply = TokenReply(200, {}, b'{"access_token":"T"}')
    assert step(ClientCredentials.from_rendered(rendered(token_url)), reply).credential.lifetime == 3600.0


@pytest.mark.parametrize("name", ["client_id", "client_secret", "token_url"])
def test_a_member_that_rendered_to_nothing_is_refused(token_url, name):
    with pytest.raises(RequestTemplateFailed) as caught:
        ClientCredentials.from_rendered(rendered(token_url) | {name: ""})
    assert caught.value.field == f"authentication.config.{name}"


@pytest.mark.parametrize("name", ["client_id", "client_secret", "scope"])
def test_a_broken_character_is_refused(token_url, name):
    with pytest.raises(RequestTemplateFailed, match="lone surrogate") as caught:
        ClientCredentials.from_rendered(rendered(token_url) | {name: Secret("\ud800")})
    assert caught.value.field == f"authentication.config.{name}"


@pytest.mark.parametrize("name", ["client_id", "client_secret", "token_url"])
def test_required(name):
    document = {"client_id": "i", "client_secret": "s", "token_url": "https://idp.example/t"}
    del document[name]
    with pytest.raises(ValidationError) as caught:
        ClientCredentialsConfig.model_validate(document)
    assert [(error["loc"], error["type"]) for error in caught.value.errors()] == [((name,), "missing")]


def test_credentials_show_nowhere(step, token_url):
    value = ClientCredentials.from_rendered(rendered(token_url, client_secret=Secret("canary-7")))
    echo = TokenReply(400, {}, b'{"error":"invalid_client","error_description":"no"} canary-7')
    with pytest.raises(TokenRequestFailed) as caught:
        step(value, echo)
    stepped = step(value, GRANTED)
    for shown in (repr(value), repr(stepped.request), repr(stepped.credential), caught.value.detail):
        assert "canary-7" not in shown
        assert "AQcAQH" not in shown
