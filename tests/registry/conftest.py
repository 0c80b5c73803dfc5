import pytest

from sealgate.execution.engine import Engine
from sealgate.settings import Settings


@pytest.fixture
async def engine(tmp_path):
    async with await Engine.start(Settings(data=tmp_path / "data")) as running:
        yield running
