"""What is kept of a run holds no secret, though the file of the run did."""

import json

import pytest

from sealgate.errors import DocumentInvalid
from sealgate.secret import Secret
from sealgate.services.sources import apply_registry

CANARY = "canary-in-a-registry-file-81c3"
URL = "https://api.example.com"


@pytest.mark.parametrize(
    "header",
    ["Bearer " + CANARY + " {{ user. }}", "{{ '" + CANARY + "' | nope }}"],
    ids=["a template that does not parse", "an unknown filter"],
)
async def test_faults_of_a_file_that_holds_a_secret(engine, header):
    await engine.store.put_secret("default", "key", Secret(CANARY), actor="test")
    await engine.refresh()
    document = {
        "connectors": [{"name": "A", "url": URL, "headers": [{"key": "X", "value": header}]}],
    }
    with pytest.raises(DocumentInvalid) as caught:
        await apply_registry(engine, "default", "team", document, actor="test")
    assert CANARY in str([fault.as_json() for fault in caught.value.fields])
    (run,) = await engine.store.list_runs("default", "team")
    assert run.state == "failed" and run.faults[0]["path"] == "connectors.0.headers.0.value"
    assert CANARY not in json.dumps([run.faults, run.warnings, run.error])


async def test_warnings_of_a_file_that_holds_a_secret(engine):
    await engine.store.put_secret("default", "key", Secret(CANARY), actor="test")
    await engine.refresh()
    document = {"connectors": [{"name": "A", "url": f"{URL}/{{{{ nope ~ '{CANARY}' }}}}"}]}
    result = await apply_registry(engine, "default", "team", document, actor="test")
    assert CANARY in str([warning.as_json() for warning in result.warnings])
    (run,) = await engine.store.list_runs("default", "team")
    assert run.state == "warning" and CANARY not in json.dumps(run.warnings)
