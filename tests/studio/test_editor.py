"""The connector editor in a browser."""

from __future__ import annotations

import pytest
from running_studio import RunningStudio

DEMO = ["weather", "opportunities", "create-invoice", "reports", "overview", "tickets"]


@pytest.mark.parametrize("permalink", DEMO)
async def test_opened_and_saved_without_a_change_a_connector_is_the_same(
    studio: RunningStudio, permalink: str
) -> None:
    before = studio.gateway.admin("GET", f"/api/v1/connectors/{permalink}").json
    page = await studio.open(f"/connectors/{permalink}")
    await page.get_by_role("heading", level=1, name=before["name"]).wait_for()
