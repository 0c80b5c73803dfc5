import secrets
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from git_server import GitServer, Repository

from sealgate.execution.engine import Engine
from sealgate.settings import Settings


@pytest.fixture
async def engine(tmp_path):
    settings = Settings(
        data=tmp_path / "data",
        git_allow_local=True,
        egress_allow=("http://127.0.0.1:*", "http://localhost:*"),
    )
    async with await Engine.start(settings) as running:
        yield running


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "served").mkdir()
    return Repository(tmp_path / "served" / "team")


@pytest.fixture
def password():
    return secrets.token_urlsafe(24)


@pytest.fixture
def server(repository, password):
    """Serves `repository` as `/team`."""
    with GitServer(repository.path.parent, "ada", password) as running:
        yield running
