"""Export, and back again."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealgate.model.document import parse_json
from sealgate.registry.export import export_registry, registry_text
from sealgate.registry.sync import EMPTY, sync_registry
from sealgate.stores.ports import StoredConnector, text_of

TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="{}#%\x00", exclude_categories=("Cs",)), max_size=20
)
HEADER_VALUE = st.text("abc XYZ/;=", max_size=10)
KEYS = st.text("abcdefghij", min_size=1, max_size=6)


def rows(value):
    row = st.fixed_dictionaries({"key": KEYS, "value": value}, optional={"overridable": st.booleans()})
    return st.lists(row, max_size=3, unique_by=lambda each: each["key"])


KEY = "{{ get_secret('k') }}"
TOKEN_URL = "https://login.example.com/token"
AUTHENTICATION = st.sampled_from(
    [
        {"type": "none"},
        {"type": "none", "config": {}},
        {"type": "api_key", "config": {"key": "X-Key", "value": KEY, "in": "header"}},
        {"type": "apikey", "config": {"key": "k", "value": KEY, "in": "query"}},
        {
            "type": "oauth_client_credentials",
            "config": {"client_id": "c", "client_secret": KEY, "token_url": TOKEN_URL, "scope": ""},
        },
        {"type": "jwt", "config": {"private_key": KEY, "algorithm": "RS256", "claims": {"a": [None, 1]}}},
        {
            "type": "oauth_jwt_bearer",
            "config": {
                "private_key": KEY,
                "client_id": "c",
                "subject": "{{ user.id }}",
                "audience": TOKEN_URL,
                "token_url": TOKEN_URL,
                "token_ttl": 600,
                "jwt_headers": {"kid": "1"},
            },
        },
    ]
)
NAMED = st.text("abc ABC", min_size=1, max_size=8).filter(str.strip)
URL = st.just("https://api.example.com/x")
EXCHANGE = {
    "method": st.sampled_from(["GET", "POST", "DELETE"]),
    "headers": rows(HEADER_VALUE),
    "query_parameters": rows(TEXT),
    "authentication": AUTHENTICATION,
    "request_body": TEXT,
    "response_body": TEXT,
    "response_content_type": st.sampled_from(["", "text/html"]),
    "scrub_response": st.booleans(),
    "share_cached": st.booleans(),
    "unknown": st.integers(),
}
CONNECTOR = st.fixed_dictionaries(
    {"name": NAMED, "url": URL}, optional={**EXCHANGE, "forward_query": st.booleans()}
)
WHEN = st.sampled_from(["", None, "user.id", "request.query_parameters.x == 'y'"])
STEP = st.fixed_dictionaries({"url": URL}, optional={**EXCHANGE, "when": WHEN})
STEPS = st.lists(STEP, min_size=1, max_size=3).map(
    lambda found: [{**each, "name": f"step-{n}"} for n, each in enumerate(found)]
)
COMPOSITE = st.fixed_dictionaries({"name": NAMED, "steps": STEPS})


def entries(documents, letter):
    return st.lists(documents, max_size=3).map(
        lambda found: [{**each, "permalink": f"{letter}-{n}"} for n, each in enumerate(found)]
    )


FILES = st.fixed_dictionaries(
    {"connectors": entries(CONNECTOR, "c"), "composite_connectors": entries(COMPOSITE, "j")}
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
    return StoredConnector(permalink, text_of(document), 1, None, 0.0, 0.0, "ada")


def test_it_reads_like_written_by_hand():
    file = export_registry(
        [
            stored(
                "b",
                steps=[{"when": "", "url": "u", "headers": [], "method": "PUT", "name": "one"}],
                name="B",
            ),
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
    text = registry_text(file)
    assert json.loads(text) == {
        "connectors": [{"name": "Ä", "permalink": "a", "url": "u", "headers": [{"key": "k", "value": ""}]}],
        "composite_connectors": [
            {"name": "B", "permalink": "b", "steps": [{"name": "one", "url": "u", "method": "PUT"}]}
        ],
    }
    assert [list(composite) for composite in file["composite_connectors"]] == [["name", "permalink", "steps"]]
    assert list(file["composite_connectors"][0]["steps"][0]) == ["name", "url", "method"]
    assert "Ä" in text
