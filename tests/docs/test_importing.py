"""docs/importing.md: what it says is what happens."""

import json
import re
from pathlib import Path

from sealgate.importing.curl import import_curl
from sealgate.importing.naming import Names

PAGE = (Path(__file__).parents[2] / "docs" / "importing.md").read_text()


def test_the_curl_command_gives_the_document():
    command = re.search(r"<<'END'\n(.*?)\nEND", PAGE, re.S)[1]
    document = re.search(r"```json\n(.*?)```", PAGE, re.S)[1]
    proposal = import_curl(command, Names())
    assert proposal.document == json.loads(document)
    assert [secret.name for secret in proposal.secrets] == ["example_token"]
    assert ["Cookie" in warning.message for warning in proposal.warnings] == [True]
