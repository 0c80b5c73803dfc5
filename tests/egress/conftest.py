from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sealgate.egress import Allowance, Egress
from sealgate.testing.raw import RawUpstream


@pytest.fixture
async def upstream() -> AsyncIterator[RawUpstream]:
    async with RawUpstream() as server:
        yield server


@pytest.fixture
async def egress() -> AsyncIterator[Egress]:
    client = Egress(allow=Allowance.parse(["http://127.0.0.1:*"]))
    yield client
    await client.close()
