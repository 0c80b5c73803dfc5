"""docs/sdk.md and the README: each example runs in the browser as it stands there, against a running gateway.

A line `console.log(x); // text` of the page promises what is shown."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "sdk.md").read_text()
BLOCKS = [
    (match[1], match[2], DOCS[: match.start()].count("\n") + 1)
    for match in re.finditer(r"^```(js|html)\n((?s:.*?))^```$", DOCS, re.M)
]
GATEWAY = "https://gateway.example"
PROMISE = re.compile(r"console\.log\(.+\); // (.+)$", re.M)
CONNECTORS = {
    "weather": {"path": "/v1/current.json"},
    "new-idea": {"path": "/post", "method": "POST"},
    "user-post": {
        "path": "/users/{{ pathParams.user_id }}/posts/{{ pathParams.slug }}",
        "path_parameters": [{"key": "user_id"}, {"key": "slug"}],
    },
    "invoice": {"path": "/bytes/512"},
    "me": {"path": "/users/{{ user.id }}"},
}
WATCH = """<!doctype html><title>Example</title><script>
  globalThis.shown = [];
  globalThis.problems = [];
  console.log = (line) => shown.push(String(line));
  addEventListener("error", ({ message }) => problems.push(message));
  addEventListener("unhandledrejection", ({ reason }) => problems.push(String(reason)));
</script>"""
PRELUDE = """import { createClient, ConnectorExecuteError } from "https://gateway.example/sdk/sealgate.js";
const { connectors } = createClient();
"""
ENDED = "globalThis.finished || problems.length > 0"


def examples(language, part=""):
    found = [
        pytest.param(text, id=f"line {line}")
        for kind, text, line in BLOCKS
        if kind == language and part in text
    ]
    assert found, f"docs/sdk.md has no {language} example with {part!r}"
    return found


def only(part):
    (text,) = [text for kind, text, _ in BLOCKS if kind == "html" and part in text]
    return text


@pytest.fixture(scope="module")
def _connectors(running):
    for permalink, document in CONNECTORS.items():
        running.put(permalink, **document)
    running.put("assistant", running.upstream.origin)
    steps = [
        {"name": "contact", "url": f"{running.api.origin}/contact", "method": "POST",
         "request_body": "{{ request.body_text }}"},
        {"name": "order", "url": f"{running.api.origin}/order", "method": "POST",
         "request_body": '{"customer": {{ (steps.contact.body | from_json).body }}}'},
    ]  # fmt: skip
    document = {"name": "new-order", "steps": steps}
    saved = running.gateway.admin("PUT", "/api/v1/connectors/new-order", document)
    assert saved.status in (200, 201), saved.body
    running.gateway.settle()


@pytest.fixture
def stage(world, _connectors):
    """The API's replies, the events and the session that the page speaks of."""
    weather = json.dumps({"current": {"temp_c": 21}})
    world.api.reply_with(200, [("Content-Type", "application/json")], weather, path="/v1/current.json")
    world.upstream.say(
        "text/event-stream",
        world.upstream.forever(b"data: Hello,\n\ndata:  Ada\n\n", b"event: done\ndata\n\n"),
    )
    world.site.pages["/session-jwt"] = world.gateway.session(sub="7")
    return world


@pytest.mark.parametrize("code", examples("js"))
def test_a_script(stage, open_page, code):
    module = code if "import " in code else PRELUDE + code
    module = module.replace('"sealgate"', f'"{GATEWAY}/sdk/sealgate.js"').replace(GATEWAY, stage.base)
    promised = [line.replace(GATEWAY, stage.base) for line in PROMISE.findall(code)]
    page = open_page(f'{WATCH}<script type="module">{module}\nglobalThis.finished = true;</script>')
    page.wait(ENDED)
    assert page.run("return problems") == []
    assert page.run("return shown") == promised != []


@pytest.mark.parametrize(
    ("part", "selector", "shown"),
    [
        ("temp_c", "#weather", "21 °C"),
        ('name="csrf-token"', "#me", "/users/7"),
        ("adapter.js", "#post", "/users/42/posts/hello-world"),
    ],
)
def test_a_page(stage, open_page, part, selector, shown):
    page = open_page()
    cookie = stage.gateway.session(sub="7", csrf="c5rf-of-this-session")
    page.run("document.cookie = `session=${x}; path=/`", cookie)
    stage.site.pages["/own"] = WATCH + only(part).replace(GATEWAY, stage.base)
    page.run("setTimeout(() => location.reload())")
    page.wait(f"globalThis.problems?.length || document.querySelector('{selector}')?.textContent")
    assert page.run("return problems") == []
    assert page.run(f"return document.querySelector('{selector}').textContent") == shown


def test_the_readme(stage, open_page):
    (text,) = re.findall(r"^```html\n((?s:.*?))^```$", (ROOT / "README.md").read_text(), re.M)
    page = open_page(WATCH + text.replace("http://127.0.0.1:8080", stage.base))
    page.wait("problems.length || document.body?.textContent.includes('{')")
    assert page.run("return problems") == []
    assert page.run("return document.body.lastChild.textContent") == '{"current":{"temp_c":21}}'
    assert stage.api.requests[0].target == "/v1/current.json?q=Warsaw"


POLICY = only("Content-Security-Policy")
WIDGET = """import { createClient } from "%s/sdk/sealgate.js";
const idea = { permalink: "new-idea", method: "POST", payload: { title: "x" } };
try { document.title = (await createClient().connectors.execute(idea)).body; }
catch (error) { document.title = error.message; }"""


@pytest.mark.parametrize(
    ("without", "title"),
    [(None, '{"title":"x"}'), ("connect-src", "new-idea: <base> cannot be reached")],
)
def test_the_policy(stage, open_page, without, title):
    """A policy names origins; one that does not allow calls shows that the policy is in force."""
    policy = POLICY.replace(GATEWAY, stage.origin)
    if without:
        policy = policy.replace(f"{without} 'self' {stage.origin}", f"{without} 'self'")
        assert policy != POLICY.replace(GATEWAY, stage.origin)
    stage.site.pages["/widget.js"] = WIDGET % stage.base
    page = open_page(f"<!doctype html><title></title>{policy}")
    page.wait("document.title !== ''")
    assert page.run("return document.title").startswith(title.replace("<base>", stage.base))


def test_no_example_is_left_out():
    assert len(BLOCKS) == len(re.findall(r"^```\w", DOCS, re.M))
