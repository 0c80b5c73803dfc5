URL = "https://api.example.com"
PATH = "/api/v1/sources/main/registry"


async def test_a_file_is_applied_whole(client):
    file = {"connectors": [{"name": "A", "url": URL}, {"name": "B", "url": URL}]}
    first = await client("PUT", PATH, file)
    assert (first.status, first.json) == (
        200,
        {"created": ["a", "b"], "updated": [], "deleted": [], "warnings": []},
    )
    file = {
        "connectors": [{"name": "B", "url": URL, "method": "PUT"}],
        "composite_connectors": [{"name": "J", "note": 1, "steps": [{"name": "s", "url": URL}]}],
    }
    second = await client("PUT", PATH, file)
    assert (second.json["created"], second.json["updated"], second.json["deleted"]) == (["j"], ["b"], ["a"])
    assert second.json["warnings"][0]["connector"] == "J"


async def test_or_not_at_all(client):
    await client("PUT", PATH, {"connectors": [{"name": "A", "url": URL}]})
    bad = {
        "connectors": [{"name": "New", "url": URL}, {"name": "X", "url": "x"}, {"url": URL, "method": "Y"}]
    }
    answer = await client("PUT", PATH, bad)
    assert (answer.status, answer.code) == (422, "INVALID_DOCUMENT")
    assert {"connectors.1.url", "connectors.2.name", "connectors.2.method"} == set(answer.paths)
    assert answer.json["errors"]["fields"][0]["connector"] == "X"
    listed = await client("GET", "/api/v1/connectors")
    assert [each["permalink"] for each in listed.json["connectors"]] == ["a"]


async def test_strict(client):
    answer = await client("PUT", PATH + "?strict=true", {"connectors": [], "version": 1})
    assert (answer.status, answer.paths) == (422, ["version"])
