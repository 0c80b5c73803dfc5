"""The npm package: its files, its size, its version."""

import gzip
import json
import re
import subprocess
from pathlib import Path

import pytest

import sealgate

SDK = Path(__file__).parents[2] / "sdk"
PACKAGE = json.loads((SDK / "package.json").read_text())
TYPES = (SDK / "sealgate.d.ts").read_text()


def test_what_npm_packs():
    done = subprocess.run(
        ["npm", "pack", "--dry-run", "--json", "--offline"],
        cwd=SDK,
        capture_output=True,
        text=True,
        check=True,
    )
    files = {entry["path"] for entry in json.loads(done.stdout)[0]["files"]}
    modules = {"sealgate.js", "sealgate.d.ts", "adapter.js", "adapter.d.ts"}
    assert files == modules | {"package.json", "README.md", "LICENSE"}
    assert modules == set(PACKAGE["files"])


def test_the_module_is_under_4_kb_compressed():
    assert len(gzip.compress((SDK / "sealgate.js").read_bytes(), compresslevel=9, mtime=0)) < 4096


def test_version_and_licence_are_sealgate_s():
    assert PACKAGE["version"] == sealgate.__version__
    assert PACKAGE["license"] == "Apache-2.0"
    assert (SDK / "LICENSE").read_text() == (SDK.parent / "LICENSE").read_text()


def test_nothing_is_needed():
    assert "dependencies" not in PACKAGE
    imports = re.findall(
        r'from "([^"]+)"', (SDK / "sealgate.js").read_text() + (SDK / "adapter.js").read_text()
    )
    assert set(imports) == {"./sealgate.js"}


@pytest.mark.parametrize("entry", [".", "./adapter"])
def test_exports_lead_to_files(entry):
    for path in PACKAGE["exports"][entry].values():
        assert (SDK / path).is_file()


def test_every_member_and_option_has_a_type(page):
    members = page.run("return Object.keys(make())")
    thrown = [
        page.attempt(script)["message"]
        for script in ("return sdk.createClient({ '': 1 })", "return await make().execute({ '': 1 })")
    ]
    options = [
        name for message in thrown for name in message.split("did you mean ")[1].rstrip("?").split(", ")
    ]
    assert len(options) > 12
    for name in [*members, *options]:
        assert re.search(rf"^  {name}\??[:(<]", TYPES, re.M), name


def test_every_field_of_an_error_has_a_type(page):
    thrown = page.attempt('return await make().execute({ permalink: "teapot", method: "GET" })')
    for name in set(thrown) - {"thrown", "message", "isError"}:
        assert re.search(rf"^  readonly {name}\??:", TYPES, re.M), name
