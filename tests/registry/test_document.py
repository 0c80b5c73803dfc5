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


def test_composites_and_unknown_members_are_warnings():
    file = read_registry(
        {"connectors": [{}], "version": 2, "composite_connectors": [{"name": "Join"}, {"permalink": "b"}, 7]}
    )
    assert file.connectors == ({},)
    assert [(warning.path, warning.connector) for warning in file.warnings] == [
        ("version", None),
        ("composite_connectors.0", "Join"),
        ("composite_connectors.1", "b"),
        ("composite_connectors.2", "composite_connectors.2"),
    ]


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
