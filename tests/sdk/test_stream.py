"""`connectors.stream`: server-sent events as the HTML standard reads them, from an API that streams."""

import pytest

EVENTS = "text/event-stream"
COLLECT = """const found = [];
for await (const event of make().stream({ permalink: "upstream", method: "GET" })) found.push(event);
return JSON.parse(JSON.stringify(found));"""


def message(data, event="message", id="", **more):
    return {"event": event, "data": data, "id": id, **more}


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("data: a\n\n", [message("a")]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", [message("a"), message("b")]),
        ("data: a\r\rdata: b\r\r", [message("a"), message("b")]),
        ("data: a\n\r\ndata: b\r\r\n", [message("a"), message("b")]),
        ("\ufeffdata: a\n\n", [message("a")]),
        ("data: \ufeffa\n\n", [message("\ufeffa")]),
        ("data: one\ndata: two\n\n", [message("one\ntwo")]),
        ("data\n\ndata\ndata\n\ndata:\n\n", [message(""), message("\n"), message("")]),
        ("data:a\n\ndata:  a\n\n", [message("a"), message(" a")]),
        (": a comment\n\n:\n\ndata: a\n\n", [message("a")]),
        ("event: add\ndata: 1\n\ndata: 2\n\n", [message("1", "add"), message("2")]),
        ("event: nothing\n\ndata: a\n\n", [message("a")]),
        (
            "id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
            [message("a", id="7"), message("b", id="7"), message("c")],
        ),
        ("id: 7\n\ndata: a\n\n", [message("a", id="7")]),
        ("id: a\0b\ndata: a\n\n", [message("a")]),
        (
            "retry: 3000\ndata: a\n\nretry: soon\ndata: b\n\n",
            [message("a", retry=3000), message("b", retry=3000)],
        ),
        ("Data: a\nunknown: b\ndata: c\n\n", [message("c")]),
        ("data: a:b: c\n\n", [message("a:b: c")]),
        ("data: Zoë 🌍\n\n", [message("Zoë 🌍")]),
        ("data: a\n\ndata: not ended", [message("a")]),
        ("data: a\n\ndata: not ended\n", [message("a")]),
        ("", []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [None, 1, 3])
def test_reading(page, upstream, text, events, size):
    """Whole, byte by byte, and in threes: a chunk may end anywhere."""
    data = text.encode()
    chunks = [data[at : at + size] for at in range(0, len(data), size)] if size else [data] if data else []
    upstream.say(EVENTS, chunks)
    assert page.run(COLLECT) == events


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n", "\r\r"])
def test_an_event_arrives_when_it_ends(page, upstream, end):
    upstream.say(EVENTS, upstream.forever(b"data: a" + end.encode()))
    script = """const events = make().stream({ permalink: "upstream", method: "GET" });
    const { value } = await events.next();
    await events.return();
    return value.data;"""
    assert page.run(script) == "a"
    assert upstream.left.wait(10)


@pytest.mark.parametrize(
    ("ending", "result"),
    [
        ("for await (const event of events) { seen.push(event.data); break; }", ["a"]),
        (
            """seen.push((await events.next()).value.data);
            const next = events.next();
            await events.return();
            seen.push((await next).done, (await events.next()).done);""",
            ["a", True, True],
        ),
        (
            """for await (const event of events) {
                seen.push(event.data);
                setTimeout(() => stop.abort(new RangeError("enough")));
            }""",
            ["a", "enough"],
        ),
    ],
    ids=["break", "return while waiting", "signal"],
)
def test_ending(page, upstream, ending, result):
    """The API is told, too."""
    upstream.say(EVENTS, upstream.forever(b"data: a\n\n"))
    script = f"""const seen = [], stop = new AbortController();
    const events = make().stream({{ permalink: "upstream", method: "GET", signal: stop.signal }});
    try {{ {ending} }} catch (error) {{ seen.push(error.message); }}
    return seen;"""
    assert page.run(script) == result
    assert upstream.left.wait(10)


def test_the_timeout_ends_with_the_head(page, upstream):
    def parts():
        yield b"data: a\n\n"
        for _ in range(6):
            upstream.closing.wait(0.05)
            yield b": wait\n"
        yield b"data: b\n\n"

    upstream.say(EVENTS, parts())
    script = """const found = [];
    const events = make().stream({ permalink: "upstream", method: "GET", timeout: 200 });
    for await (const { data } of events) found.push(data);
    return found;"""
    assert page.run(script) == ["a", "b"]


@pytest.mark.parametrize(
    ("call", "name", "part"),
    [
        ('{ permalink: "get", method: "GET" }', "Error", "not an event stream but application/json"),
        ('{ permalink: "teapot", method: "GET" }', "ConnectorExecuteError", "418"),
        ('{ permalink: "nowhere", method: "GET" }', "Error", "CONNECTOR_NOT_FOUND"),
        ('{ permalink: "slow", method: "GET", timeout: 60 }', "TimeoutError", "60 ms"),
        ('{ permalink: "get" }', "TypeError", "method"),
        ('{ permalink: "get", method: "GET", raw: true }', "TypeError", '"raw"'),
    ],
)
def test_what_is_no_stream(page, call, name, part):
    thrown = page.attempt(f"return await make().stream({call}).next()")
    assert thrown["name"] == name and part in thrown["message"]


def test_a_stream_that_breaks_off(page, upstream):
    def parts():
        yield b"data: a\n\n"
        raise ConnectionError

    upstream.say(EVENTS, parts())
    assert page.attempt(COLLECT)["isError"]


def test_the_accepted_type(page, world):
    page.attempt('return await make().stream({ permalink: "get", method: "GET" }).next()')
    page.attempt(
        'return await make().stream({ permalink: "get", method: "GET", headers: { Accept: "a/b" } }).next()'
    )
    assert [received.values("Accept") for received in world.api.requests] == [[EVENTS], ["a/b"]]
