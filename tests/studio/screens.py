"""Every screen of Studio: `make screenshots` takes them, test_accessibility.py visits them. A section
adds its own lines."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page


@dataclass(frozen=True)
class Screen:
    """`steps` brings the page into the state to look at; `tenant` `empty` has nothing in it."""

    name: str
    path: str
    steps: Callable[[Page], Awaitable[object]] | None = None
    signed_in: bool = True
    tenant: str = "default"

    async def show(self, page: Page) -> None:
        if self.steps:
            await self.steps(page)


async def open_shortcuts(page: Page) -> None:
    await page.keyboard.press("?")
    await page.get_by_role("dialog").wait_for()


async def search(page: Page) -> None:
    await page.get_by_role("searchbox").fill("nothing like this")
    await page.get_by_text("Nothing fits").wait_for()


async def open_uses(page: Page) -> None:
    await page.locator("summary", has_text=re.compile(r"\d connectors")).first.click()


async def store_nothing(page: Page) -> None:
    await page.get_by_label("Name").fill("not-a-name")
    await page.get_by_label("Value").fill("\n")
    await page.get_by_label("Host").fill("not a host")
    await page.get_by_role("button", name="Store the secret").click()
    await page.get_by_text("cannot be a name").wait_for()


async def delete_used(page: Page) -> None:
    await page.get_by_role("button", name="Delete the secret").click()
    await page.get_by_text("Nothing was deleted").wait_for()


async def run_trial(page: Page) -> None:
    await page.locator("#trial").wait_for()
    await page.keyboard.press("Control+Enter")
    await page.locator("#trial-result .explained").wait_for()


async def run_as_user(page: Page) -> None:
    await page.get_by_label("A signed-in user").check()
    await page.locator("#trial-user-email").fill("ada@example.com")
    await page.locator("#trial-path input").fill("2026")
    await run_trial(page)


async def open_failed_run(page: Page) -> None:
    await page.locator(".row-link").first.click()
    await page.get_by_role("heading", name="Run of stock").wait_for()


async def keep_bodies(page: Page) -> None:
    await page.get_by_text("Keep bodies for a time").click()


async def open_filters(page: Page) -> None:
    await page.get_by_text("More filters").click()


async def open_change(page: Page) -> None:
    await page.get_by_role("link", name="Show what was updated").first.click()
    await page.get_by_role("region", name="Change of leads").wait_for()


async def leave_url_out(page: Page) -> None:
    for label, text in [("Name", "bad name"), ("URL", "http://git:pw@example.com/x"), ("Seconds", "1")]:
        await page.get_by_label(label).first.fill(text)
    await page.get_by_role("button", name="Connect").click()
    await page.get_by_text("was not saved").wait_for()


async def delete_source(page: Page) -> None:
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").wait_for()


TRIALS = "/t/trials/connectors"
OPERATIONS = "/t/operations"


async def limit_the_token(page: Page) -> None:
    await page.get_by_label("Only these").check()
    await page.get_by_label("Expires").select_option("date")
    await page.get_by_role("button", name="Add an origin").click()
    await page.keyboard.type("app.example.com")


async def create_wrong_token(page: Page) -> None:
    await limit_the_token(page)
    await page.get_by_label("Name").fill("shop")
    await page.get_by_role("button", name="Create token").click()
    await page.get_by_text("The token was not created").wait_for()


async def create_token(page: Page) -> None:
    await page.get_by_label("Name").fill("Invoices of the shop")
    await page.get_by_role("checkbox", name="execute").check()
    await page.get_by_role("button", name="Create token").click()
    await page.get_by_role("textbox", name="API token").wait_for()


async def make_login_link(page: Page) -> None:
    await page.get_by_label("For whom").fill("grace")
    await page.get_by_role("checkbox", name="read").check()
    await page.get_by_role("button", name="Make the link").click()
    await page.get_by_role("textbox", name="Login link").wait_for()


async def ask_before_revoking(page: Page) -> None:
    await page.get_by_role("button", name="Revoke").first.click()
    await page.get_by_role("dialog").wait_for()


CURL = """curl 'https://api.example.com/v1/orders?limit=10&status=open' \\
  -H 'Accept: application/json' \\
  -H 'Authorization: Bearer 4f1c9a0e77b2d84c' \\
  -H 'Cookie: session=51ab' --compressed"""
PETSHOP = (Path(__file__).parents[1] / "importing" / "openapi" / "petshop.json").read_text()
FAULTY_REGISTRY = {
    "connectors": [
        {"name": "Rates of the bank", "url": "http://rates.example.org/latest"},
        {"name": "Open tickets", "url": "https://help.example.com/api", "headers": [{"value": "a"}]},
    ]
}
REGISTRY = {
    "connectors": [
        {"name": "Rates of the bank", "url": "https://rates.example.org/latest"},
        {"name": "Tickets", "permalink": "open-tickets", "url": "https://help.example.com/api"},
    ]
}


async def paste_curl(page: Page) -> None:
    await page.get_by_label("Command").fill(CURL)
    await page.get_by_text("example_token").first.wait_for()


async def paste_what_is_no_curl(page: Page) -> None:
    await page.get_by_label("Command").fill(
        "curl -F file=@photo.jpg --aws-sigv4 aws https://api.example.com/"
    )
    await page.get_by_text("Nothing was created").wait_for()


async def write_document(page: Page, content: object) -> None:
    """Into the code editor, as pasting does."""
    await page.locator("code-editor .cm-content").first.wait_for()
    text = content if isinstance(content, str) else json.dumps(content, indent=2)
    await page.evaluate("text => { document.querySelector('code-editor').value = text }", text)


async def paste_faulty_registry(page: Page) -> None:
    await write_document(page, FAULTY_REGISTRY)
    await page.get_by_role("heading", name="2 faults").wait_for()


async def paste_registry(page: Page) -> None:
    await write_document(page, REGISTRY)
    await page.get_by_role("heading", name="To be created").wait_for()


async def paste_openapi(page: Page) -> None:
    await page.get_by_label("Document").fill(PETSHOP)
    await page.get_by_role("checkbox").first.check()


async def break_template(page: Page) -> None:
    await write_document(page, '{"a": 1,\n "b": {{ 1 / 0 }}}')
    await page.get_by_text("Line 2").wait_for()


async def show_code(page: Page) -> None:
    await page.get_by_role("group", name="Show as").get_by_role("button", name="Code").click()
    await page.locator("#field-document .cm-content").wait_for()


async def make_faults(page: Page) -> None:
    await page.locator("#f-url").fill("http://api.example.com/{{ user.email")
    await page.locator("#field-url .error").first.wait_for()


async def preview(page: Page) -> None:
    await page.locator(".preview-line").wait_for()


async def preview_steps(page: Page) -> None:
    await page.locator(".plan .preview-line").last.wait_for()


async def unfold_step(page: Page) -> None:
    await page.locator(".step-card > details > summary").last.click()
    await preview_steps(page)


async def make_faults_in_step(page: Page) -> None:
    await preview_steps(page)
    await page.locator(".step-card > details > summary").last.click()
    await page.locator("#f-steps-2-url").fill("http://shop.example.com/{{ steps.contact")
    await page.locator("#field-steps-2-url .error").first.wait_for()


async def add_step(page: Page) -> None:
    await page.get_by_role("button", name="Add a step").click()
    await page.locator("#f-steps-1-name").wait_for()


async def ask_for_secret(page: Page) -> None:
    await page.get_by_role("button", name="New secret…").click()
    await page.get_by_role("dialog").wait_for()


SCREENS = [
    Screen("sign-in", "/connectors", signed_in=False),
    Screen("sign-in-link", "/login?token=not-a-token", signed_in=False),
    Screen("connectors", "/connectors"),
    Screen("connectors-nothing-found", "/connectors", search),
    Screen("connectors-empty", "/t/empty/connectors", tenant="empty"),
    Screen("secrets", "/secrets"),
    Screen("secrets-used-by", "/secrets", open_uses),
    Screen("secrets-nothing-found", "/secrets", search),
    Screen("secrets-empty", "/t/empty/secrets", tenant="empty"),
    Screen("secret", "/secrets/billing_key"),
    Screen("secret-key-pair", "/secrets/reporting_private_key"),
    Screen("secret-new", "/secrets/new-secret"),
    Screen("secret-new-faults", "/secrets/new-secret", store_nothing),
    Screen("secret-replace", "/secrets/billing_key/value"),
    Screen("secret-delete", "/secrets/billing_key/delete", delete_used),
    Screen("key-pair-new", "/secrets/new-key-pair"),
    Screen("variables", "/variables"),
    Screen("variables-edit", "/variables?edit=region"),
    Screen("variables-new", "/variables?new="),
    Screen("variables-empty", "/t/empty/variables", tenant="empty"),
    Screen("test", f"{TRIALS}/reports/test", tenant="trials"),
    Screen("test-succeeded", f"{TRIALS}/weather/test", run_trial, tenant="trials"),
    Screen("test-refused", f"{TRIALS}/refused/test", run_trial, tenant="trials"),
    Screen("test-no-token", f"{TRIALS}/token/test", run_trial, tenant="trials"),
    Screen("test-jwt", f"{TRIALS}/reports/test", run_as_user, tenant="trials"),
    Screen("test-steps", f"{TRIALS}/overview/test", run_trial, tenant="trials"),
    Screen("test-beside-editor", f"{TRIALS}/weather", run_trial, tenant="trials"),
    Screen("error-codes", "/help/errors"),
    Screen("shortcuts", "/connectors", open_shortcuts),
    Screen("access-tokens", "/access"),
    Screen("access-tokens-empty", "/t/empty/access", tenant="empty"),
    Screen("access-token-revoke", "/access", ask_before_revoking),
    Screen("access-token-new", "/access/tokens/new", limit_the_token),
    Screen("access-token-faults", "/access/tokens/new", create_wrong_token),
    Screen("access-token-created", "/access/tokens/new", create_token),
    Screen("access-people", "/access/people"),
    Screen("access-link-new", "/access/links/new"),
    Screen("access-link-created", "/access/links/new", make_login_link),
    Screen("access-you", "/access/you"),
    Screen("start", "/start"),
    Screen("start-examples", "/start/example"),
    Screen("start-example", "/start/example/crm"),
    Screen("start-example-key", "/start/example/signed-requests"),
    Screen("start-curl", "/start/curl"),
    Screen("start-curl-pasted", "/start/curl", paste_curl),
    Screen("start-curl-refused", "/start/curl", paste_what_is_no_curl),
    Screen("start-registry", "/start/registry"),
    Screen("start-registry-faults", "/start/registry", paste_faulty_registry),
    Screen("start-registry-checked", "/start/registry", paste_registry),
    Screen("start-openapi", "/start/openapi"),
    Screen("start-openapi-listed", "/start/openapi", paste_openapi),
    Screen("playground", "/playground"),
    Screen("playground-step", "/playground?of=step"),
    Screen("playground-error", "/playground", break_template),
    Screen("not-found", "/nothing-here"),
    Screen("connectors-with-runs", f"{OPERATIONS}/connectors", tenant="operations"),
    Screen("runs", f"{OPERATIONS}/runs", tenant="operations"),
    Screen("runs-filters", f"{OPERATIONS}/runs?status=4xx", open_filters, tenant="operations"),
    Screen("runs-wrong-filter", f"{OPERATIONS}/runs?status=abc", tenant="operations"),
    Screen("runs-of-one", f"{OPERATIONS}/runs?connector=orders", keep_bodies, tenant="operations"),
    Screen("runs-empty", "/t/empty/runs", tenant="empty"),
    Screen("run", f"{OPERATIONS}/runs?outcome=failed&status=401", open_failed_run, tenant="operations"),
    Screen("run-missing", f"{OPERATIONS}/runs/not-there", tenant="operations"),
    Screen("sources", f"{OPERATIONS}/sources", tenant="operations"),
    Screen("sources-empty", "/t/empty/sources", tenant="empty"),
    Screen("source-upload", f"{OPERATIONS}/sources/crm-team", open_change, tenant="operations"),
    Screen("source-faults", f"{OPERATIONS}/sources/shop-team", tenant="operations"),
    Screen("source-git", f"{OPERATIONS}/sources/help-desk", tenant="operations"),
    Screen("source-delete", f"{OPERATIONS}/sources/crm-team", delete_source, tenant="operations"),
    Screen("source-new-git", f"{OPERATIONS}/sources/-/git", leave_url_out, tenant="operations"),
    Screen("source-new-upload", f"{OPERATIONS}/sources/-/upload", tenant="operations"),
    Screen("editor-new", "/connectors/new"),
    Screen("editor", "/connectors/weather", preview),
    Screen("editor-oauth", "/connectors/opportunities", preview),
    Screen("editor-code", "/connectors/reports", show_code),
    Screen("editor-faults", "/connectors/weather", make_faults),
    Screen("editor-new-secret", "/connectors/weather", ask_for_secret),
    Screen("editor-composite", "/connectors/overview", preview_steps),
    Screen("editor-composite-open", "/connectors/overview", unfold_step),
    Screen("editor-composite-faults", "/connectors/overview", make_faults_in_step),
    Screen("editor-composite-new", "/connectors/new?kind=composite", add_step),
    Screen("editor-read-only", "/connectors/update-ticket", preview),
    Screen("editor-use", "/connectors/delete-draft/use"),
    Screen("editor-history", "/connectors/weather/history"),
    Screen("help-authentication", "/help/authentication"),
]
