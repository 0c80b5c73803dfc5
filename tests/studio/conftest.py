from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
import pytest_asyncio

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "e2e"))
sys.path.insert(0, str(HERE))
pytest.register_assert_rewrite("accessibility")

from demo_content import fill  # noqa: E402
from demo_operations import fill_operations  # noqa: E402
from demo_trials import running_trials  # noqa: E402
from empty_tenant import Empty  # noqa: E402
from gateway import Gateway  # noqa: E402
from running_studio import RunningStudio  # noqa: E402

from sealgate.testing import FakeApi  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One browser for all tests of this folder: they share an event loop."""
    for item in items:
        if HERE in item.path.parents and iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def filled_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("studio"), SEALGATE_WORKERS="1") as gateway:
        fill(gateway)
        fill_operations(gateway)
        with running_trials(gateway):
            yield gateway


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_studio(filled_gateway: Gateway) -> AsyncIterator[RunningStudio]:
    async with RunningStudio(filled_gateway) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def studio(running_studio: RunningStudio) -> AsyncIterator[RunningStudio]:
    """The pages that a test opened are closed after it; the test fails when one of them complained."""
    yield running_studio
    await running_studio.finish()


@pytest.fixture
def empty(studio: RunningStudio, request: pytest.FixtureRequest) -> Empty:
    name = request.node.name.lower()
    return Empty(studio, "".join(each if each.isalnum() else "-" for each in name)[:60].strip("-"))


@pytest.fixture(scope="module")
def api() -> Iterator[FakeApi]:
    with FakeApi() as api:
        yield api
