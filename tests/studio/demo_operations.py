"""The tenant `operations`: connectors that are called, with runs of every outcome, and sources."""

from __future__ import annotations

import json
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "registry"))

from gateway import Answer, Gateway
from git_server import GitServer, Repository

from sealgate.testing import FakeApi

TENANT = "operations"
WRITTEN_SECONDS = 60
"""For a busy machine; it takes about one."""
KEY = {"type": "api_key", "config": {"key": "X-API-Key", "value": "{{ get_secret('shop_key') }}"}}
TWO_FAULTS = {
    "connectors": [
        {"name": "Baskets", "url": "https://stock.example.com/{{ pathParams.id"},
        {"name": "Prices", "url": "ftp://prices.example.com/list"},
        {"name": "Shops", "url": "https://shops.example.com/all"},
    ]
}


def admin(gateway: Gateway, method: str, path: str, body: Any = None, expected: int = 0) -> Answer:
    answer = gateway.admin(method, f"/t/{TENANT}/api/v1{path}", body)
    assert answer.status == expected if expected else answer.status < 300, answer.body
    return answer


def fill_operations(gateway: Gateway) -> None:
    for name in ("shop_key", "git_token"):
        value = secrets.token_hex(20)
        gateway.canaries.add(value)
        admin(gateway, "PUT", f"/secrets/{name}", {"value": value})
    with FakeApi() as api:
        fill_runs(gateway, api)
    with tempfile.TemporaryDirectory() as folder:
        fill_sources(gateway, Path(folder))


def fill_runs(gateway: Gateway, api: FakeApi) -> None:
    documents = [
        {"name": "Orders of my customer", "permalink": "orders", "url": f"{api.origin}/slow/0.05"},
        {
            "name": "New invoice",
            "permalink": "invoice",
            "method": "POST",
            "url": f"{api.origin}/invoices",
        },
        {"name": "Stock of all shops", "permalink": "stock", "url": f"{api.origin}/stock"},
        {"name": "Never called", "permalink": "never", "url": f"{api.origin}/x"},
    ]
    for document in documents:
        admin(gateway, "PUT", f"/connectors/{document['permalink']}", {**document, "authentication": KEY})
    gateway.settle()
    ada = {"sub": "ada-7", "email": "ada@example.com", "tenant": TENANT}
    for number in range(14):
        gateway.call("orders", user=ada, tenant=TENANT)
        if number % 4 == 0:
            api.reply_with(401 if number < 12 else 503, body="who are you?", path="/stock")
        user = {"sub": f"user-{number % 3}", "tenant": TENANT}
        gateway.call("stock", query=f"page={number}", user=user, tenant=TENANT)
    gateway.call("invoice", "POST", body=b'{"total": 12}', user=ada, tenant=TENANT)
    gateway.call("invioce", "POST", tenant=TENANT)
    last = gateway.call("stock", headers={"Authorization": "Bearer nobody"}, tenant=TENANT)
    wait_for_run(gateway, last, TENANT)


def fill_sources(gateway: Gateway, folder: Path) -> None:
    leads, deals, accounts = (
        {"name": name, "url": f"https://crm.example.com/{name.lower()}"}
        for name in ("Leads", "Deals", "Accounts")
    )
    admin(gateway, "PUT", "/sources/crm-team/registry", {"connectors": [leads, deals]})
    limited = {**leads, "url": f"{leads['url']}?limit=50"}
    admin(gateway, "PUT", "/sources/crm-team/registry", {"connectors": [limited, accounts]})
    admin(gateway, "PUT", "/sources/shop-team/registry", {"connectors": TWO_FAULTS["connectors"][2:]})
    admin(gateway, "PUT", "/sources/shop-team/registry", TWO_FAULTS, expected=422)
    (folder / "served").mkdir()
    repository = Repository(folder / "served" / "connectors")
    token = secrets.token_hex(20)
    gateway.canaries.add(token)
    admin(gateway, "PUT", "/secrets/git_token", {"value": token})
    with GitServer(repository.path.parent, "git", token) as server:
        repository.write(
            json.dumps({"connectors": [{"name": "Tickets", "url": "https://help.example.com/t"}]})
        )
        settings = {"url": f"{server.origin}/connectors", "credential": "git_token", "poll_seconds": 86400}
        admin(gateway, "PUT", "/sources/help-desk", settings)
        # 409 while the poll that a new source begins with is under way.
        sync = f"/t/{TENANT}/api/v1/sources/help-desk/sync"
        wait_until(lambda: gateway.admin("POST", sync).status == 200)


def wait_for_run(gateway: Gateway, answer: Answer, tenant: str = "") -> str:
    """The request id of a call, when its run is there."""
    prefix = f"/t/{tenant}" if tenant else ""
    request_id = answer.header("X-Request-ID")
    assert request_id
    wait_until(lambda: gateway.admin("GET", f"{prefix}/api/v1/runs/{request_id}").status == 200)
    return request_id


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WRITTEN_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.1)
