"""The six connectors: one for each authentication type, the API key in both of its places."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from joserfc.errors import JoseError

from sealgate.cli.demo.scene import Check, Document, Evidence, Scene, Stage, decoded, shortened
from sealgate.testing.grants import JWT_BEARER
from sealgate.testing.jwts import verify

JWT_LIFETIME = 3600
ASSERTION_LIFETIME = 180
"""Seconds (REFERENCE 3.5)."""


class NoAuthentication(Scene):
    """Sent as configured."""

    title = "None"
    permalink = "demo-none"
    path = "/v1/public/data"

    def authentication(self, stage: Stage) -> Document:
        return {"type": "none"}

    def show(self, evidence: Evidence, stage: Stage) -> list[str]:
        return [f"{name}: {value}" for name, value in evidence.received[-1].headers]

    def judge(self, evidence: Evidence, stage: Stage) -> list[Check]:
        names = {name.lower() for each in evidence.received for name, _ in each.headers}
        return [Check("no credential added", not names & {"authorization", "cookie", "x-api-key"})]


class ApiKeyInHeader(Scene):
    """A stored secret in a header field."""

    title = "API key in a header"
    permalink = "demo-api-key-header"
    path = "/weather"
    query = "q=Warsaw"

    def authentication(self, stage: Stage) -> Document:
        config = {"key": "X-API-Key", "value": "{{ get_secret('weather_api_key') }}", "in": "header"}
        return {"type": "api_key", "config": config}

    def show(self, evidence: Evidence, stage: Stage) -> list[str]:
        return [f"X-API-Key: {value}" for value in evidence.received[-1].values("X-API-Key")]

    def judge(self, evidence: Evidence, stage: Stage) -> list[Check]:
        key = [stage.secrets["weather_api_key"]]
        return [
            Check(
                "the stored secret, once", all(each.values("X-API-Key") == key for each in evidence.received)
            ),
            Check(
                "caller's query kept", all(each.target.endswith("?q=Warsaw") for each in evidence.received)
            ),
        ]


class ApiKeyInQuery(Scene):
    """A stored secret behind all other query parameters."""

    title = "API key in the query"
    permalink = "demo-api-key-query"
    path = "/weather"
    query = "q=Warsaw"

    def authentication(self, stage: Stage) -> Document:
        config = {"key": "key", "value": "{{ get_secret('weather_api_key') }}", "in": "query"}
        return {"type": "api_key", "config": config}

    def show(self, evidence: Evidence, stage: Stage) -> list[str]:
        return []

    def judge(self, evidence: Evidence, stage: Stage) -> list[Check]:
        target = f"{self.path}?q=Warsaw&key={stage.secrets['weather_api_key']}"
        right = all(each.target == target for each in evidence.received)
        return [Check("the stored secret, after all others", right)]


class ClientCredentials(Scene):
    """One token, bought with a client secret, for all calls (RFC 6749 section 4.4)."""

    title = "OAuth client credentials"
    permalink = "demo-client-credentials"
    path = "/protected/accounts"

    def authentication(self, stage: Stage) -> Document:
        config = {
            "client_id": "{{ get_secret('crm_client_id') }}",
            "client_secret": "{{ get_secret('crm_client_secret') }}",
            "token_url": stage.oauth.token_url,
            "scope": "api",
        }
        return {"type": "oauth_client_credentials", "config": config}

    def show(self, evidence: Evidence, stage: Stage) -> list[str]:
        lines = [f"Authorization: Bearer {shortened(evidence.bearer_tokens[-1])}"]
        for request in evidence.token_requests[:1]:
            lines += ["", "the OAuth server before that:", f"POST {request.target}"]
            lines += [f"  {name}={value}" for name, value in request.form.items()]
        return lines

    def judge(self, evidence: Evidence, stage: Stage) -> list[Check]:
        secret = stage.secrets["crm_client_secret"]
        form = [
            ("grant_type", "client_credentials"),
            ("client_id", "demo-service"),
            ("client_secret", secret),
            ("scope", "api"),
        ]
        bodies = {request.body for request in evidence.token_requests if request.verified}
        return [
            evidence.token_requests_are(1),
            Check("client secret verified", bodies == {urlencode(form).encode()}),
            _issued_token_arrived(evidence, stage, "demo-service", None),
            Check("client secret not sent to the API", not evidence.seen_by_api(secret)),
        ]


class Jwt(Scene):
    """A JWT signed afresh for every call."""

    title = "JWT"
    permalink = "demo-jwt"
    path = "/v1/signed/resource"

    def authentication(self, stage: Stage) -> Document:
        config = {
            "private_key": "{{ get_secret('signing_private_key') }}",
            "algorithm": "ES256",
            "claims": {
                "iss": "sealgate-demo",
                "sub": "{{ user.email }}",
                "aud": stage.api.origin,
                "exp": f"{{{{ now({JWT_LIFETIME}) }}}}",
                "iat": "{{ now() }}",
            },
            "jwt_headers": {"kid": "demo-key"},
        }
        return {"type": "jwt", "config": config}

    def show(self, evidence: Evidence, stage: Stage) -> list[str]:
        token = evidence.bearer_tokens[-1]
        return [f"Authorization: Bearer {shortened(token)}", *decoded(token)]

    def judge(self, evidence: Evidence, stage: Stage) -> list[Check]:
        tokens = evidence.bearer_tokens
        expected = {"iss": "sealgate-demo", "sub": stage.user["email"], "aud": stage.api.origin}
        return [
            *_signature_and_claims(
                tokens, stage.jwt_key.public_pem, "ES256", expected, JWT_LIFETIME, "demo-key"
            ),
            Check(f"{len(set(tokens))} signatures for {len(tokens)} calls", len(set(tokens)) == len(tokens)),
            evidence.token_requests_are(0),
        ]


class JwtBearer(Scene):
    """One token, bought with a signed assertion, for all calls of one subject (RFC 7523)."""

    title = "OAuth JWT bearer"
    permalink = "demo-jwt-bearer"
    path = "/protected/contacts"

    def authentication(self, stage: Stage) -> Document:
        config = {
            "client_id": "{{ get_secret('crm_app_id') }}",
            "private_key": "{{ get_secret('crm_app_private_key') }}",
            "token_url": stage.oauth.token_url,
            "subject": "{{ user.email }}",
            "audience": stage.oauth.origin,
            "algorithm": "RS256",
            "additional_claims": {"scope": "api"},
            "jwt_headers": {"kid": "demo-app-key"},
        }
        return {"type": "oauth_jwt_bearer", "config": config}

    def show(self, evidence: Evidence, stage: Stage) -> list[str]:
        lines = [f"Authorization: Bearer {shortened(evidence.bearer_tokens[-1])}"]
        for request in evidence.token_requests[:1]:
            assertion = request.form.get("assertion", "")
            lines += ["", "the OAuth server before that:", f"POST {request.target}"]
            lines += [f"  grant_type={request.form.get('grant_type')}", f"  assertion={shortened(assertion)}"]
            lines += decoded(assertion)
        return lines

    def judge(self, evidence: Evidence, stage: Stage) -> list[Check]:
        subject, key = stage.user["email"], stage.assertion_key.public_pem
        expected = {"iss": "demo-app", "sub": subject, "aud": stage.oauth.origin, "scope": "api"}
        sent = [request.form for request in evidence.token_requests]
        assertions = [form.get("assertion", "") for form in sent]
        return [
            evidence.token_requests_are(1),
            Check("grant type is jwt-bearer", {form.get("grant_type") for form in sent} == {JWT_BEARER}),
            *_signature_and_claims(assertions, key, "RS256", expected, ASSERTION_LIFETIME, "demo-app-key"),
            _issued_token_arrived(evidence, stage, "demo-app", subject),
            Check("assertion not sent to the API", not any(map(evidence.seen_by_api, assertions))),
        ]


def _signature_and_claims(
    tokens: Sequence[str], public_key: str, algorithm: str, expected: Document, lifetime: int, key_id: str
) -> list[Check]:
    try:
        verified = [verify(token, public_key, algorithm) for token in tokens]
    except (JoseError, ValueError) as error:
        return [Check(f"signature not verified: {error}", False)]
    headers = all(header.get("kid") == key_id for header, _ in verified)
    members = all({**claims, **expected} == claims for _, claims in verified)
    times = all(
        isinstance(claims.get("iat"), int) and claims.get("exp") == claims["iat"] + lifetime
        for _, claims in verified
    )
    return [
        Check("signature verified with public key", bool(verified)),
        Check("header and claims as configured", headers and members),
        Check(f"exp = iat + {lifetime}", times),
    ]


def _issued_token_arrived(evidence: Evidence, stage: Stage, client_id: str, subject: str | None) -> Check:
    issued = {
        token.token
        for token in stage.oauth.issued
        if (token.client_id, token.subject) == (client_id, subject)
    }
    whom = f"for {subject}" if subject else f"to {client_id}"
    return Check(f"token issued {whom}", set(evidence.bearer_tokens) <= issued)


SCENES: tuple[Scene, ...] = (
    NoAuthentication(),
    ApiKeyInHeader(),
    ApiKeyInQuery(),
    ClientCredentials(),
    Jwt(),
    JwtBearer(),
)
