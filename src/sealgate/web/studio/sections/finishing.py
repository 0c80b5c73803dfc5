"""What a new connector needs before it runs, in words."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from sealgate.services.imports import CheckedProposal
from sealgate.web.studio.visit import Visit


def missing_secrets(created: Sequence[CheckedProposal]) -> dict[str, str]:
    """The secrets that were left for later, and what to put there."""
    return {
        secret.name: secret.advice
        for proposed in created
        for secret in proposed.proposal.secrets
        if secret.value is None
    }


def open_created(visit: Visit, created: CheckedProposal) -> Response:
    """The page of a connector that was just created; it says what to do next."""
    missing = list(missing_secrets([created]))
    if not missing:
        step = "Test it now"
    elif len(missing) == 1:
        step = f"Set the secret {missing[0]}, then test it"
    else:
        step = f"Set the secrets {', '.join(missing[:-1])} and {missing[-1]}, then test it"
    return visit.redirect(visit.url("/connectors", created.permalink), toast=f"Created. {step}.")


def require_to_store(visit: Visit, proposals: Sequence[CheckedProposal]) -> None:
    """Values that were found become secrets, which needs a scope of its own. Raises Forbidden."""
    if any(secret.value is not None for proposed in proposals for secret in proposed.proposal.secrets):
        visit.require("secrets")
