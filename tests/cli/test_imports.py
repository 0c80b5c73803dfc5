"""`sealgate import`."""

from pathlib import Path

CANARY = "canary-value-4711-of-the-import"
CURL = f"curl https://api.acme.com/v1/orders -H 'X-Api-Key: {CANARY}' -k\n"


def test_curl_shows_a_document(sealgate):
    result = sealgate("import", "curl", stdin=CURL)
    assert "{{ get_secret('acme_api_key') }}" in result.stdout
    assert "secret acme_api_key (the value of X-Api-Key, for api.acme.com): found" in result.stdout
    assert "-k is left out" in result.stdout and "not saved" in result.stdout
    assert CANARY not in result.output
    assert sealgate.json("connectors", "list") == {"connectors": []}


def test_curl_saves(sealgate):
    saved = sealgate.json("import", "curl", "--save", "--name", "Orders", stdin=CURL)
    assert saved["saved"] and saved["connector"]["permalink"] == "orders"
    assert [secret["name"] for secret in sealgate.json("secrets", "list")["secrets"]] == ["acme_api_key"]
    assert sealgate.json("connectors", "show", "orders")["authentication"]["config"]["key"] == "X-Api-Key"


def test_curl_with_faults(sealgate):
    result = sealgate("import", "curl", stdin="curl -F a=b https://api.acme.com", exit_code=1)
    assert "-F cannot be taken over" in result.stderr


def test_examples(sealgate, tmp_path):
    names = [example["name"] for example in sealgate.json("import", "examples")["examples"]]
    assert "weather" in names and "two-steps" in names
    file = tmp_path / "weather.json"
    file.write_text(sealgate("import", "examples", "weather").stdout)
    assert "there is no example" in sealgate("import", "examples", "nothing", exit_code=1).stderr
    assert "weatherapi.com" in file.read_text()


PETSHOP = Path(__file__).parents[1] / "importing" / "openapi" / "petshop.json"


def test_openapi(sealgate):
    assert "createPet" in sealgate("import", "openapi", PETSHOP).stdout
    shown = sealgate("import", "openapi", PETSHOP, "--operation", "listPets").stdout
    assert "sealgate secrets set petshop_api_key" in shown
    arguments = ("--operation", "listPets", "--operation", "GET /pets/{petId}", "--save")
    saved = sealgate.json("import", "openapi", PETSHOP, *arguments)
    assert [each["connector"]["permalink"] for each in saved["connectors"]] == ["list-pets", "show-pet"]
    assert len(sealgate.json("connectors", "list")["connectors"]) == 2
    assert (
        "no operation 'x'" in sealgate("import", "openapi", PETSHOP, "--operation", "x", exit_code=1).stderr
    )
