"""What a running server has, read over its admin API with the token of SEALGATE_ADMIN_TOKEN."""

from __future__ import annotations

from typing import Any

from sealgate.egress import Allowance, Egress
from sealgate.errors import AuthenticationRequired, SealgateError, UpstreamProtocolError
from sealgate.findings import Finding
from sealgate.host import SplitUrl, UrlProblem, split_url
from sealgate.message import Request
from sealgate.model.document import parse_json
from sealgate.secret import Secret
from sealgate.services.connectors import ANSWERED
from sealgate.settings import Settings
from sealgate.stores.content import VisibleContent
from sealgate.stores.ports import StoredConnector, text_of

SECONDS = 15.0


async def read_server(url: str, tenant: str, settings: Settings) -> VisibleContent:
    """Raises DocumentInvalid for the address, AuthenticationRequired without a token, and what the
    exchange raises."""
    try:
        base = split_url(url.rstrip("/"))
    except UrlProblem as problem:
        raise UpstreamProtocolError(
            f"--server: {problem}", fields=[Finding("--server", str(problem))]
        ) from None
    if settings.admin_token is None:
        raise AuthenticationRequired("set SEALGATE_ADMIN_TOKEN to a token of the server that may read")
    token = Secret(f"Bearer {settings.admin_token.get_secret_value()}")
    allow = Allowance.parse([*settings.egress_allow, str(base.origin)])
    egress = Egress(allow=allow, ca_file=settings.egress_ca_file)
    try:
        connectors, secrets, variables = [
            (await _get(egress, base, f"/t/{tenant}/api/v1/{kind}", token))[kind]
            for kind in ("connectors", "secrets", "variables")
        ]
    finally:
        await egress.close()
    return VisibleContent(
        tuple(_stored(document) for document in connectors),
        {secret["name"]: tuple(secret["allowed_hosts"]) for secret in secrets},
        frozenset(variable["name"] for variable in variables),
    )


async def _get(egress: Egress, base: SplitUrl, path: str, token: Secret[str]) -> Any:
    request = Request("GET", base.origin, base.path.rstrip("/") + path, (("authorization", token),))
    response = await egress.send(request, timeout=SECONDS)
    body = await response.read()
    if response.status != 200:
        raise UpstreamProtocolError(f"{base.origin} answered {response.status} for {path}")
    try:
        return parse_json(body)
    except SealgateError:
        raise UpstreamProtocolError(f"{base.origin} did not answer with JSON for {path}") from None


def _stored(answered: dict[str, Any]) -> StoredConnector:
    document = {name: value for name, value in answered.items() if name not in ANSWERED}
    text = text_of(document)
    return StoredConnector(answered["permalink"], text, answered["revision"], answered["source"], 0, 0, "")
