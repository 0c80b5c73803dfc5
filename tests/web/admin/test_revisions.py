import pytest

DOCUMENT = {"name": "Weather", "url": "https://api.example.com/x"}
PATH = "/api/v1/connectors/weather"


@pytest.fixture
async def numbers(client):
    """Two revisions of one connector, the newer first."""
    for method in ("GET", "PUT"):
        await client("PUT", PATH, {**DOCUMENT, "method": method})
    listed = (await client("GET", f"{PATH}/revisions")).json["revisions"]
    assert [(each["saved_by"], each["source"], each["deleted"]) for each in listed] == [
        ("admin-token", None, False)
    ] * 2
    return [each["revision"] for each in listed]


async def test_read_compare_restore(client, numbers):
    newer, older = numbers
    read = await client("GET", f"{PATH}/revisions/{older}")
    assert read.json["document"]["method"] == "GET" and read.json["saved_at"].endswith("Z")
    expected = {"path": "method", "before": "GET", "after": "PUT"}
    for query in ("", f"?against={older}"):
        difference = await client("GET", f"{PATH}/revisions/{newer}/diff{query}")
        assert (difference.json["before"], difference.json["changes"]) == (older, [expected])
    restored = await client("POST", f"{PATH}/revisions/{older}/restore")
    assert (restored.status, restored.json["method"], restored.json["warnings"]) == (200, "GET", [])
    assert restored.headers["etag"] == f'"{restored.json["revision"]}"'
    await client("DELETE", PATH)
    assert (await client("POST", f"{PATH}/revisions/{older}/restore")).status == 201


async def test_if_match(client, numbers):
    newer, older = numbers
    target = f"{PATH}/revisions/{older}/restore"
    assert (await client("POST", target, headers={"if-match": f'"{older}"'})).status == 412
    assert (await client("POST", target, headers={"if-match": f'"{newer}"'})).status == 200


@pytest.mark.parametrize(
    ("method", "end", "status"),
    [
        ("GET", "/revisions/999", 404),
        ("GET", "/revisions/999/diff", 404),
        ("POST", "/revisions/999/restore", 404),
        ("GET", "/revisions/first", 400),
        ("PUT", "/revisions", 405),
        ("DELETE", "/revisions/1", 405),
    ],
)
async def test_what_is_not_there(client, numbers, method, end, status):
    assert (await client(method, PATH + end)).status == status


async def test_scopes_and_permalinks(client, numbers):
    target = f"{PATH}/revisions/{numbers[1]}"
    for token, read, write in (
        (await client.token("read"), 200, 403),
        (await client.token("write"), 403, 200),
        (await client.token("read", "write", permalinks=["another"]), 403, 403),
        (None, 401, 401),
    ):
        for end in ("", "/diff"):
            assert (await client("GET", target + end, token=token)).status == read
        assert (await client("POST", f"{target}/restore", token=token)).status == write


async def test_another_tenant_has_another_history(client, numbers):
    assert (await client("GET", f"/t/acme{PATH}/revisions")).status == 404
    assert (await client("GET", f"/t/acme{PATH}/revisions/{numbers[0]}")).status == 404
