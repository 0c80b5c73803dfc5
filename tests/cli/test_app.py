import json

from sealgate import __version__
from sealgate.model.schema import connector_schema, registry_schema


def test_version_and_help(sealgate):
    assert sealgate("--version").stdout == f"{__version__}\n"
    text = sealgate("--help").stdout
    commands = (
        "serve",
        "demo",
        "config",
        "registry",
        "secrets",
        "variables",
        "connectors",
        "execute",
        "test",
    )
    assert all(name in text for name in (*commands, "tokens", "keys", "schema"))


def test_schema(sealgate):
    assert json.loads(sealgate("schema").stdout) == connector_schema()
    assert sealgate.json("schema", "--registry") == registry_schema()
