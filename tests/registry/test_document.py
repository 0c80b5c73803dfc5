import pytest

from sealgate.errors import DocumentInvalid
from sealgate.registry.document import name_of, read_registry


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ([], ""),
        ("connectors", ""),
        ({}, "connectors"),
        ({"composite_connectors": []}, "connectors"),
        ({"connectors": {}}, "connectors"),
        ({"connectors": None}, "connectors"),
        ({"connectors": [], "composite_connectors": {}}, "composite_connectors"),
    ],
)
def test_what_is_no_registry_file(document, path):
    with pytest.raises(DocumentInvalid) as caught:
        read_registry(document)
    assert [fault.path for fault in caught.value.fields] == [path]


def test_connectors_composites_and_unknown_members():
    file = read_registry(
        {"connectors": [{}], "version": 2, "composite_connectors": [{"name": "Join"}, {"steps": [1]}, 7]}
    )
    assert file.connectors == (
        ("connectors.0", {}),
        ("composite_connectors.0", {"name": "Join", "steps": []}),
        ("composite_connectors.1", {"steps": [1]}),
        ("composite_connectors.2", 7),
    )
    assert [(warning.path, warning.connector) for warning in file.warnings] == [("version", None)]


@pytest.mark.parametrize(
    ("connector", "name"),
    [
        ({"name": "A", "permalink": "b"}, "A"),
        ({"permalink": "b"}, "b"),
        ({"name": 7, "permalink": "b"}, "b"),
        ({}, None),
        ("text", None),
    ],
)
def test_name_of(connector, name):
    assert name_of(connector) == name
