from sealgate.registry.check import check_registry

URL = "https://api.example.com/x"


def check(engine, *connectors, strict=False):
    return check_registry(
        {"connectors": list(connectors)}, lambda document: engine.check("default", document), strict=strict
    )


def places(findings):
    return {(finding.path, finding.connector) for finding in findings}


async def test_good_file(engine):
    checked = check(engine, {"name": "One", "url": URL}, {"name": "Two", "url": URL, "permalink": "second"})
    assert checked.findings.faults == ()
    assert [entry.permalink for entry in checked.entries] == ["one", "second"]


async def test_every_fault_of_every_connector_at_once(engine):
    checked = check(
        engine,
        {"name": "Good", "url": URL},
        {"url": "http://api.example.com", "permalink": "no-name", "method": "FETCH"},
        {"name": "Rows", "url": URL, "headers": [{"key": "A", "value": "1"}, {"key": "a b", "value": "{{"}]},
        {"name": "No url"},
        7,
    )
    faults = places(checked.findings.faults)
    assert faults >= {
        ("connectors.1.name", "no-name"),
        ("connectors.1.url", "no-name"),
        ("connectors.1.method", "no-name"),
        ("connectors.2.headers.1.key", "Rows"),
        ("connectors.2.headers.1.value", "Rows"),
        ("connectors.3.url", "No url"),
        ("connectors.4", "connectors.4"),
    }
    assert not any(path.startswith("connectors.0") for path, _ in faults)


async def test_a_permalink_twice_is_a_fault_even_beside_other_faults(engine):
    checked = check(
        engine,
        {"name": "Weather", "url": URL},
        {"name": "Other", "url": "ftp://x", "permalink": "weather"},
        {"name": "WEATHER!", "url": URL},
    )
    repeated = [fault for fault in checked.findings.faults if fault.path.endswith(".permalink")]
    assert places(repeated) == {("connectors.1.permalink", "Other"), ("connectors.2.permalink", "WEATHER!")}
    assert all("'Weather'" in fault.message for fault in repeated)


async def test_strict_takes_warnings_for_faults(engine):
    document = {"name": "Warned", "url": URL, "pathParams": []}
    assert check(engine, document).findings.faults == ()
    strict = check(engine, document, strict=True)
    assert places(strict.findings.faults) == {("connectors.0.pathParams", "Warned")}
    assert strict.findings.warnings == ()


async def test_a_finding_says_its_connector(engine):
    (fault,) = check(engine, {"name": "A", "url": URL, "method": "X"}).findings.faults
    assert fault.as_json() == {"path": "connectors.0.method", "message": fault.message, "connector": "A"}
