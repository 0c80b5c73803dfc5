"""The egress examples of docs/operating.md are settings that a gateway starts with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from sealgate.egress import egress_faults, egress_from, egress_warnings, proxy_from
from sealgate.settings import Settings
from sealgate.testing import Authority

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()
CERTIFICATES = re.search(r"^```toml\n(.*?)^```$", PAGE, re.M | re.S)[1]


async def test_the_certificates(tmp_path, monkeypatch):
    for table in tomllib.loads(CERTIFICATES).values():
        password = b"of-the-key" if "password_env" in table else None
        Authority(tmp_path).issue(table["certificate"].removesuffix(".pem"), password=password)
    monkeypatch.setenv("PARTNER_KEY_PASSWORD", "of-the-key")
    file = tmp_path / "certificates.toml"
    file.write_text(CERTIFICATES)
    settings = Settings(egress_client_certificates=file)
    assert not [*egress_faults(settings), *egress_warnings(settings)]
    await egress_from(settings).close()


@pytest.mark.parametrize("line", re.findall(r"^SEALGATE_EGRESS_PROXY=(\S+)$", PAGE, re.M))
def test_the_proxy(line):
    settings = Settings(egress_proxy=line)
    assert not list(egress_faults(settings))
    assert proxy_from(settings).shown == "http://(set)@proxy.example.com:3128"
