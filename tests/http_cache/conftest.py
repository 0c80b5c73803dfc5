from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


@pytest.fixture(scope="session")
def cases() -> dict[str, dict[str, Any]]:
    """The cases of the public suite that are not about browsers, by id. Installed when they are absent."""
    if not (HERE / "node_modules" / "http-cache-tests").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=HERE, check=True, capture_output=True)
    exported = subprocess.run(["node", "export.mjs"], cwd=HERE, check=True, capture_output=True).stdout
    return {
        case["id"]: case
        for suite in json.loads(exported)
        for case in suite["tests"]
        if not case.get("browser_only")
    }
