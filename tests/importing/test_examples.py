"""Every example is a document that can be saved at once, and needs just the secrets that it names."""

import pytest

from sealgate.execution.engine import Engine
from sealgate.importing.example_files import examples
from sealgate.services.names import names_in
from sealgate.settings import Settings

EXAMPLES = pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)


@EXAMPLES
async def test_it_has_no_fault_and_no_warning(example, tmp_path):
    async with await Engine.start(Settings(data=tmp_path)) as engine:
        checked = engine.check("default", example.connector, dict.fromkeys(example.secrets, ()))
        assert not checked.faults and not checked.warnings


@EXAMPLES
def test_it_names_the_secrets_that_it_needs(example):
    assert set(example.secrets) == names_in(example.connector, "get_secret")
    assert all(example.secrets.values()) and example.title and example.explanation.endswith(".")


def test_every_way_to_authenticate_has_one():
    simple = [example.connector for example in examples() if "steps" not in example.connector]
    ways = {(each["authentication"]["type"], each["authentication"]["config"].get("in")) for each in simple}
    assert ways == {
        ("api_key", "query"),
        ("api_key", "header"),
        ("oauth_client_credentials", None),
        ("jwt", None),
        ("oauth_jwt_bearer", None),
    }
    assert [len(each.connector["steps"]) for each in examples() if "steps" in each.connector] == [2]
    assert len({example.name for example in examples()}) == len(examples()) >= 6
