"""Registry sources: a git repository is connected and synced, a file with faults says each of them, and
what a sync changed is shown."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from accessibility import assert_accessible
from demo_operations import TENANT, TWO_FAULTS, admin
from git_server import GitServer, Repository
from playwright.async_api import Page
from running_studio import RunningStudio

OPTIONS = ("--tenant", TENANT)
SOURCES = f"/t/{TENANT}/sources"
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>'


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "served").mkdir()
    return Repository(tmp_path / "served" / "team")


@pytest.fixture
def server(repository: Repository, studio: RunningStudio) -> Iterator[GitServer]:
    password = "sealgate-test-password-8d1f0c"
    studio.gateway.canaries.add(password)
    admin(studio.gateway, "PUT", "/secrets/team_token", {"value": password})
    with GitServer(repository.path.parent, "ada", password) as running:
        yield running


def file(*names: str, path: str = "") -> str:
    return json.dumps(
        {"connectors": [{"name": name, "url": f"https://api.example.com/{path}"} for name in names]}
    )


def check(path: Path) -> str:
    """What the command prints of a file."""
    command = [sys.executable, "-m", "sealgate", "registry", "check", str(path)]
    return subprocess.run(command, capture_output=True, text=True, cwd=path.parent).stdout


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


async def findings(page: Page) -> list[str]:
    shown = page.locator(".notice-bad .source-findings li")
    return [squeezed(text) for text in await shown.all_inner_texts()]


async def test_a_repository_is_connected_and_synced(
    studio: RunningStudio, server: GitServer, repository: Repository
) -> None:
    repository.write(file("Git one", "Git two"))
    page = await studio.open(f"{SOURCES}/-/git", options=OPTIONS)
    await page.get_by_label("Name", exact=True).fill("team")
    await page.get_by_label("URL").fill(f"{server.origin}/team")
    await page.get_by_label("User name").fill("ada")
    await page.get_by_label("Credential").select_option("team_token")
    await page.get_by_label("Seconds between two looks").fill("86400")
    await page.get_by_role("button", name="Connect").click()
    await page.wait_for_url("**/sources/team")
    # The page renews itself until the first run has ended.
    await page.get_by_role("link", name="git-one", exact=True).wait_for()
    commit = repository.write(file("Git one", path="changed"))
    await page.get_by_role("button", name="Sync now").click()
    await page.get_by_text("Synced: 1 updated, 1 deleted").wait_for()
    assert await page.get_by_text(commit[:12]).first.is_visible()
    await page.get_by_role("link", name="Show what was updated in git-one").click()
    added = page.locator(".diff-added")
    await added.wait_for()
    assert "https://api.example.com/changed" in await added.inner_text()
    await page.get_by_role("link", name="Show what was deleted in git-two").click()
    await page.get_by_role("region", name="Change of git-two").wait_for()
    await assert_accessible(page)
    repository.write(json.dumps({"connectors": TWO_FAULTS["connectors"][:2]}))
    await page.get_by_role("button", name="Sync now").click()
    await page.get_by_text("2 faults: nothing was changed").wait_for()
    assert await page.get_by_role("link", name="git-one", exact=True).is_visible()


async def test_faults_are_those_of_the_check_command(studio: RunningStudio, tmp_path: Path) -> None:
    page = await studio.open(f"{SOURCES}/shop-team", options=OPTIONS)
    written = tmp_path / "two-faults.json"
    written.write_text(json.dumps(TWO_FAULTS))
    printed = check(written)
    lines = [line.partition(": fault: ")[2] for line in printed.splitlines() if ": fault: " in line]
    assert len(lines) == 2
    assert await findings(page) == [squeezed(line) for line in lines]


async def test_every_fault_of_the_form_stands_at_its_field(studio: RunningStudio) -> None:
    page = await studio.open(f"{SOURCES}/-/git", options=OPTIONS)
    wrong = {
        "source": ("bad name", "letters, digits"),
        "url": ("ssh://git@git.example.com/x", None),
        "branch": ("a..b", "no name that git takes"),
        "path": ("../x", "must be a path inside the repository"),
        "poll_seconds": ("often", "must be a whole number"),
        "host_key": ("nonsense", None),
    }
    for name, (text, _) in wrong.items():
        await page.locator(f"[name={name}]").fill(text)
    await page.get_by_role("button", name="Connect").click()
    await page.get_by_text("The source was not saved").wait_for()
    for name, (text, message) in wrong.items():
        field = page.locator(f"[name={name}]")
        assert await field.input_value() == text
        if message:
            assert message in await page.locator(f"#f-{name}-error").inner_text()
    assert await page.locator("#f-credential-error").inner_text() == "is required for ssh"
    await assert_accessible(page)


async def test_a_name_that_is_taken_is_a_fault(studio: RunningStudio) -> None:
    page = await studio.open(f"{SOURCES}/-/git", options=OPTIONS)
    await page.locator("[name=source]").fill("crm-team")
    await page.locator("[name=url]").fill("https://git.example.com/x")
    await page.get_by_role("button", name="Connect").click()
    await page.get_by_text("there is a source of this name already").wait_for()


async def test_naming_a_secret_needs_its_scope(studio: RunningStudio) -> None:
    scopes = ("--scope", "read", "--scope", "write")
    page = await studio.open(f"{SOURCES}/-/git", options=(*OPTIONS, *scopes))
    await page.locator("[name=source]").fill("no-scope")
    await page.locator("[name=url]").fill("https://git.example.com/x")
    await page.get_by_label("Credential").select_option("git_token")
    await page.get_by_role("button", name="Connect").click()
    await page.get_by_text("without the scope").wait_for()
    assert studio.gateway.admin("GET", f"/t/{TENANT}/api/v1/sources/no-scope").status == 404


async def test_settings_are_changed_and_a_source_is_switched_off(studio: RunningStudio) -> None:
    settings = {"url": "https://git.invalid/x", "poll_seconds": 86400, "webhook_secret": "git_token"}
    admin(studio.gateway, "PUT", "/sources/settings", settings)
    page = await studio.open(f"{SOURCES}/settings", options=OPTIONS)
    address = f"{studio.origin}/t/{TENANT}/api/v1/sources/settings/webhook"
    assert await page.get_by_text(address).is_visible()
    await page.get_by_role("link", name="Edit settings").click()
    await page.get_by_label("Branch").fill("release")
    await page.get_by_label("Keep it in force").uncheck()
    await page.get_by_role("button", name="Save").click()
    await page.wait_for_url("**/sources/settings")
    assert await page.get_by_text("switched off").first.is_visible()
    stored = admin(studio.gateway, "GET", "/sources/settings").json
    kept = (stored["branch"], stored["enabled"], stored["webhook_secret"], stored["poll_seconds"])
    assert kept == ("release", False, "git_token", 86400)
    await assert_accessible(page)


async def test_a_file_is_dropped_and_applied(studio: RunningStudio, tmp_path: Path) -> None:
    written = tmp_path / "registry.json"
    written.write_text(file("Uploaded"))
    page = await studio.open(f"{SOURCES}/-/upload", options=OPTIONS)
    await page.get_by_label("Name of the source").fill("uploads")
    await page.locator("input[type=file]").set_input_files(written)
    await page.get_by_text("registry.json, ").wait_for()
    await page.get_by_role("button", name="Apply the file").click()
    await page.wait_for_url("**/sources/uploads")
    assert await page.get_by_text("Synced: 1 created").is_visible()
    assert await page.get_by_role("link", name="uploaded", exact=True).is_visible()
    await page.get_by_role("link", name="Upload a file").click()
    await page.get_by_label("Registry file").fill("{")
    await page.get_by_role("button", name="Apply the file").click()
    await page.get_by_text("not valid JSON").wait_for()
    assert await page.get_by_label("Registry file").input_value() == "{"


@pytest.mark.parametrize(("choice", "status"), [("Keep them", 200), ("Delete them, too", 404)])
async def test_deleting_a_source_asks_what_becomes_of_its_connectors(
    studio: RunningStudio, choice: str, status: int
) -> None:
    admin(studio.gateway, "PUT", "/sources/leaving/registry", json.loads(file(f"Left {status}")))
    page = await studio.open(f"{SOURCES}/leaving", options=OPTIONS)
    await page.get_by_role("button", name="Delete", exact=True).click()
    await page.get_by_text(choice, exact=True).click()
    await page.get_by_role("button", name="Delete the source").click()
    await page.wait_for_url("**/sources")
    assert await page.get_by_text("The source is deleted; 1 connector").is_visible()
    answer = studio.gateway.admin("GET", f"/t/{TENANT}/api/v1/connectors/left-{status}")
    assert answer.status == status


async def test_who_may_only_read_gets_no_buttons(studio: RunningStudio) -> None:
    page = await studio.open(f"{SOURCES}/help-desk", options=(*OPTIONS, "--scope", "read"))
    assert await page.get_by_role("heading", name="Webhook").is_visible()
    assert await page.locator("main form, main .page-actions .button").count() == 0


async def test_what_a_file_says_is_text(studio: RunningStudio) -> None:
    hostile = {"connectors": [{"name": HOSTILE, "url": f"https://api.example.com/{{{{ {HOSTILE}"}]}
    admin(studio.gateway, "PUT", "/sources/hostile/registry", hostile, expected=422)
    page = await studio.open(f"{SOURCES}/hostile", options=OPTIONS)
    assert HOSTILE in " ".join(await findings(page))
    assert await page.locator("main img, main script").count() == 0
    hostile["connectors"][0]["url"] = "https://api.example.com/"
    permalink = admin(studio.gateway, "PUT", "/sources/hostile/registry", hostile).json["created"][0]
    await page.reload()
    await page.get_by_role("link", name=f"Show what was created in {permalink}").click()
    await page.get_by_role("region", name=f"Change of {permalink}").wait_for()
    assert await page.locator("main img, main script").count() == 0
    await assert_accessible(page)
