"""`/sdk/adapter.js` runs widgets that were written for the original, on a page of theirs."""

import pytest

WIDGET = """<!doctype html><title>Widget</title><input id="csrftoken" value="c5rf"><pre id="out"></pre>
<script>
  // A widget of the original, as it was written for it.
  async function init(sdk) {
    const me = await sdk.connectors.execute({
      permalink: "posts", method: "GET", pathParams: { user_id: 42, post_slug: "hello-world" },
      cache: "no", body: { lost: true },
    });
    document.getElementById("out").textContent = me.target;
  }
</script>
<script type="module">
  import { sdk } from "%s/sdk/adapter.js";
  await init(sdk);
</script>"""

OLD_WIDGET = """<!doctype html><title>Widget</title><pre id="out"></pre>
<script type="module" src="%s/sdk/adapter.js"></script>
<script type="module">
  const options = { csrfToken: "c5rf", headers: { "X-Language": "pl" }, timeout: 5000 };
  const client = new window.WidgetServiceSDK(options);
  const { headers } = await client.connectors.execute({ permalink: "language", method: "GET" });
  const [, language] = headers.find(([name]) => name.toLowerCase() === "x-language");
  document.getElementById("out").textContent = language;
</script>"""


def shown(page):
    page.wait("document.getElementById('out').textContent !== ''")
    return page.run("return document.getElementById('out').textContent")


def test_a_widget_that_is_given_the_sdk(world, open_page):
    page = open_page(WIDGET % world.base)
    assert shown(page) == "/users/42/posts/hello-world"


def test_a_widget_that_makes_its_own(world, open_page):
    assert shown(open_page(OLD_WIDGET % world.base)) == "pl"


@pytest.fixture
def widget_page(world, open_page):
    page = open_page()
    page.run("globalThis.adapter = await import(`${x}/sdk/adapter.js`)", world.base)
    return page


@pytest.mark.parametrize(
    ("call", "warning"),
    [
        (
            'execute({ permalink: "post", method: "POST", body: { a: 1 } })',
            'sealgate: execute ignores the option "body"',
        ),
        (
            'execute({ permalink: "get", method: "GET", payload: { a: 1 } })',
            "sealgate: GET sends no payload; only POST, PUT, PATCH do",
        ),
        (
            'composite.execute({ permalink: "post", method: "GET" })',
            'sealgate: composite.execute ignores the option "method"',
        ),
    ],
)
def test_what_the_original_ignored_is_ignored_with_a_warning(widget_page, world, call, warning):
    assert widget_page.run(f"return (await adapter.sdk.connectors.{call}).body") == ""
    assert [line for line in widget_page.warnings if line.startswith(warning)] == widget_page.warnings
    assert len(widget_page.warnings) == 1


def test_the_other_options_that_were_ignored(widget_page):
    script = """const { connectors } = adapter.sdk;
    connectors.configure({ timeout: 9, retries: 3 });
    const own = new WidgetServiceSDK({ timeout: 8, debug: true });
    return [connectors.getDefaultTimeout(), own.connectors.getDefaultTimeout()];"""
    assert widget_page.run(script) == [9, 8]
    assert ['"retries"' in widget_page.warnings[0], '"debug"' in widget_page.warnings[1]] == [True, True]


def test_widgets_share_the_sdk_and_not_what_they_make(widget_page):
    script = """const { sdk, createSdk } = adapter, own = new WidgetServiceSDK();
    sdk.connectors.updateHeaders({ "X-A": "1" });
    return [sdk.connectors.getHeaders(), own.connectors.getHeaders(), createSdk().connectors.getHeaders()];"""
    assert widget_page.run(script) == [{"x-a": "1"}, {}, {}]


def test_every_member_that_the_original_lists(widget_page, world):
    script = """const { connectors } = adapter.sdk;
    return [Object.keys(connectors).sort(), typeof connectors.composite.execute, connectors.getBaseUrl()];"""
    getters = ["getBaseUrl", "getDefaultTimeout", "getHeaders"]
    members = ["composite", "configure", "execute", *getters, "setDefaultTimeout", "stream", "updateHeaders"]
    assert widget_page.run(script) == [members, "function", world.base]


def test_a_composite_connector_by_number(widget_page):
    thrown = widget_page.attempt("return await adapter.sdk.connectors.composite.execute({ permalink: 42 })")
    assert (thrown["name"], thrown["code"]) == ("Error", "CONNECTOR_NOT_FOUND")


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ('{ permalink: "teapot", method: "GET" }', "ConnectorExecuteError"),
        ('{ permalink: "get", method: "GET", pathParams: { a: null } }', "ConnectorBoundaryError"),
    ],
)
def test_the_error_classes(widget_page, call, kind):
    script = f"""try {{ await adapter.sdk.connectors.execute({call}); }}
    catch (error) {{ return error instanceof adapter.{kind}; }}"""
    assert widget_page.run(script) is True
