import pytest

CANARY = "s3cret-canary-of-the-usage"
CONNECTOR = {
    "name": "Weather",
    "url": "https://api.example.com/{{ get_variable('it') }}",
    "headers": [{"key": "X-Key", "value": "{{ get_secret('it') }}"}],
}
PLACES = {"secrets": "headers.0.value", "variables": "url"}


@pytest.mark.parametrize("kind", PLACES)
async def test_usage_and_deletion(client, kind):
    path = f"/api/v1/{kind}/it"
    assert (await client("GET", f"{path}/usage")).status == 404
    await client("PUT", path, {"value": CANARY})
    await client("POST", "/api/v1/connectors", CONNECTOR)
    usage = await client("GET", f"{path}/usage")
    place = {"permalink": "weather", "path": PLACES[kind], "step": None}
    assert usage.json == {"connectors": [place], "sources": [], "computed": []}
    assert (await client("GET", path)).json["used_by"] == ["weather"]
    refused = await client("DELETE", f"{path}?unused=true")
    assert (refused.status, refused.code) == (409, "CONFLICT")
    assert refused.json["errors"]["params"] == ["weather"]
    assert "is used by weather" in refused.json["errors"]["detail"]
    assert (await client("DELETE", path)).status == 204
    assert CANARY not in str([usage, refused])


@pytest.mark.parametrize("kind", PLACES)
async def test_what_nothing_uses_is_deleted(client, kind):
    await client("PUT", f"/api/v1/{kind}/it", {"value": CANARY})
    assert (await client("DELETE", f"/api/v1/{kind}/it?unused=true")).status == 204
