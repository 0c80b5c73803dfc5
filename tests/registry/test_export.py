"""Export, and back again."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealgate.model.document import parse_json
from sealgate.registry.export import export_registry, registry_text
from sealgate.registry.sync import EMPTY, sync_registry
from sealgate.stores.ports import StoredConnector

TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="{}#%\x00", exclude_categories=("Cs",)), max_size=20
)
HEADER_VALUE = st.text("abc XYZ/;=", max_size=10)
KEYS = st.text("abcdefghij", min_size=1, max_size=6)


def rows(value):
    row = st.fixed_dictionaries({"key": KEYS, "value": value}, optional={"overridable": st.booleans()})
    return st.lists(row, max_size=3, unique_by=lambda each: each["key"])


AUTHENTICATION = st.sampled_from(
    [
        {"type": "none"},
        {"type": "api_key", "config": {"key": "X-Key", "value": "{{ get_secret('k') }}", "in": "header"}},
        {"type": "apikey", "config": {"key": "k", "value": "{{ get_secret('k') }}", "in": "query"}},
    ]
)
DOCUMENT = st.fixed_dictionaries(
    {
        "name": st.text("abc ABC", min_size=1, max_size=8).filter(str.strip),
        "url": st.just("https://api.example.com/x"),
    },
    optional={
        "method": st.sampled_from(["GET", "POST", "DELETE"]),
        "headers": rows(HEADER_VALUE),
        "query_parameters": rows(TEXT),
        "authentication": AUTHENTICATION,
        "request_body": TEXT,
        "response_body": TEXT,
        "response_content_type": st.sampled_from(["", "text/html"]),
        "forward_query": st.booleans(),
        "scrub_response": st.booleans(),
        "unknown": st.integers(),
    },
)
FILES = st.lists(DOCUMENT, max_size=4).map(
    lambda found: {"connectors": [{**each, "permalink": f"c-{n}"} for n, each in enumerate(found)]}
)


async def export(engine):
    return registry_text(export_registry(await engine.store.list_connectors("default")))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(FILES)
async def test_export_and_import_are_the_identity(engine, file):
    await sync_registry(engine, "default", "main", EMPTY, actor="test")
    await sync_registry(engine, "default", "main", file, actor="test")
    first = await export(engine)
    again = await sync_registry(engine, "default", "main", parse_json(first), actor="test")
    assert (again.created, again.updated, again.deleted) == ((), (), ())
    await sync_registry(engine, "default", "main", EMPTY, actor="test")
    await sync_registry(engine, "default", "main", parse_json(first), actor="test")
    assert await export(engine) == first


def stored(permalink, **document):
    return StoredConnector(permalink, document, 1, None, 0.0, 0.0, "ada")


def test_it_reads_like_written_by_hand():
    file = export_registry(
        [
            stored("b", steps=[{"url": "u", "name": "one", "method": "GET", "headers": []}], name="B"),
            stored(
                "a",
                method="GET",
                url="u",
                name="Ä",
                headers=[{"key": "k", "value": "", "overridable": False}],
                request_body="",
                forward_query=True,
            ),
        ]
    )
    assert json.loads(registry_text(file)) == {
        "connectors": [{"name": "Ä", "permalink": "a", "url": "u", "headers": [{"key": "k", "value": ""}]}],
        "composite_connectors": [{"name": "B", "permalink": "b", "steps": [{"name": "one", "url": "u"}]}],
    }
    assert "Ä" in registry_text(file)
