"""Every screen can be used by everyone, in both themes, at 360 and at 1440 px."""

from __future__ import annotations

import pytest
from accessibility import assert_accessible
from running_studio import RunningStudio
from screens import SCREENS, Screen


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
async def test_screen(studio: RunningStudio, screen: Screen) -> None:
    page = await studio.show(screen)
    await assert_accessible(page)
