from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).parent))

from browser import Browser, Page
from gateway import Gateway
from servers import Site, Upstream

from sealgate.testing import FakeApi, Received

BASE_PATH = "/widget-service"


@dataclass
class World:
    """A Sealgate under a base path, an API behind it and a website whose pages may call it."""

    gateway: Gateway
    api: FakeApi
    upstream: Upstream
    site: Site

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.gateway.port}"

    @property
    def base(self) -> str:
        return self.origin + BASE_PATH

    def received(self, path: str) -> Received:
        """The last request of this path: a port that another test gave back may get calls meant for that."""
        return [request for request in self.api.requests if request.path == path][-1]

    def put(self, permalink: str, path: str, method: str = "GET", **more: object) -> None:
        url = path if path.startswith("http") else self.api.origin + path
        document = {"name": permalink, "url": url, "method": method, **more}
        answer = self.gateway.admin("PUT", f"/api/v1/connectors/{permalink}", document)
        assert answer.status in (200, 201), answer.body


CONNECTORS = {
    "get": {"path": "/get"},
    "head": {"path": "/get", "method": "HEAD"},
    "post": {"path": "/post", "method": "POST"},
    "put": {"path": "/put", "method": "PUT"},
    "patch": {"path": "/patch", "method": "PATCH"},
    "delete": {"path": "/delete", "method": "DELETE"},
    "language": {
        "path": "/language",
        "headers": [{"key": "X-Language", "value": "en", "overridable": True}],
    },
    "posts": {
        "path": "/users/{{ pathParams.user_id }}/posts/{{ pathParams.post_slug }}",
        "path_parameters": [{"key": "user_id"}, {"key": "post_slug"}],
    },
    "misconfigured": {"path": "/users/{{ pathParams.user_id }}"},
    "mine": {"path": "/users/{{ user.id }}"},
    "unknown-secret": {"path": "/get", "headers": [{"key": "X-Key", "value": "{{ get_secret('nowhere') }}"}]},
    "broken-template": {"path": "/get", "response_body": "{{ '{' | from_json }}"},
    "slow": {"path": "/slow/5"},
    "slow-head": {"path": "/slow/20"},
    "bytes": {"path": "/bytes/512"},
    "lines": {"path": "/stream/3"},
    "page": {"path": "/html"},
    "moved": {"path": "/redirect"},
    "teapot": {"path": "/status/418"},
    "gone": {"path": "/status/404"},
    "closed": {"path": "http://127.0.0.1:1/"},
    "scripted": {"path": "/scripted"},
}


def composite(origin: str) -> dict[str, object]:
    failing = f"{origin}/{{{{ '' if request.query_parameters.ok else 'status/409' }}}}"
    body = '{"customer": {{ (steps.contact.body | from_json).body }}}'
    return {
        "name": "orders",
        "steps": [
            {
                "name": "contact",
                "url": f"{origin}/contact",
                "method": "POST",
                "request_body": "{{ request.body_text }}",
            },
            {"name": "orders", "url": failing, "method": "POST", "request_body": body},
        ],
    }


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with Browser() as running:
        yield running


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Site() as site, FakeApi() as api, Upstream() as upstream:
        settings = {
            "SEALGATE_BASE_PATH": BASE_PATH,
            "SEALGATE_CORS_ORIGINS": f"{site.origin},{site.elsewhere}",
            "SEALGATE_SESSION_COOKIE": "session",
            "SEALGATE_UPSTREAM_TIMEOUT": "1",
            "SEALGATE_WORKERS": "1",
        }
        with Gateway(tmp_path_factory.mktemp("sdk"), **settings) as gateway:
            world = World(gateway, api, upstream, site)
            for permalink, document in CONNECTORS.items():
                world.put(permalink, **document)
            world.put("upstream", upstream.origin)
            gateway.admin("PUT", "/api/v1/connectors/orders", composite(api.origin))
            gateway.settle()
            yield world


@pytest.fixture
def world(running: World) -> World:
    running.api.clear()
    running.site.pages.clear()
    return running


@pytest.fixture
def upstream(world: World) -> Upstream:
    return world.upstream


@pytest.fixture(scope="session")
def shared_page(browser: Browser, running: World) -> Page:
    """A page of another site with the SDK as `sdk`, and `make(options)` for `connectors` of a new client."""
    page = browser.open(running.site.elsewhere)
    page.run(
        """globalThis.sdk = await import(`${x}/sdk/sealgate.js`);
        globalThis.make = (options) => sdk.createClient({ baseUrl: x, ...options }).connectors;""",
        running.base,
    )
    return page


@pytest.fixture
def page(shared_page: Page, world: World) -> Page:
    return shared_page


@pytest.fixture
def open_page(browser: Browser, world: World) -> Iterator[object]:
    """Open pages of the website; they are closed after the test."""
    opened: list[Page] = []

    def open_(html: str | None = None, origin: str | None = None, path: str = "/own") -> Page:
        if html is not None:
            world.site.pages[path] = html
        opened.append(browser.open((origin or world.site.origin) + path))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()
