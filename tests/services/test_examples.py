"""Examples with one's own addresses and secrets."""

import pytest

from sealgate.errors import DocumentInvalid, NotFound
from sealgate.importing.example_files import examples
from sealgate.secret import Secret
from sealgate.services.examples import Filling, find_example, known_secrets, propose_example
from sealgate.services.imports import save_proposals
from sealgate.services.secrets import get_secret, put_secret

CRM = "https://crm.example.com"


async def saved(engine, example, **filling):
    proposed = await propose_example(engine, "default", find_example(example), Filling(**filling))
    (created,) = await save_proposals(engine, "default", [proposed], actor="ada")
    return created


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
async def test_each_can_be_created_as_it_is(engine, example):
    created = await saved(engine, example.name)
    assert {secret.name for secret in created.proposal.secrets} == set(example.secrets)
    assert all("authentication" in secret.place for secret in created.proposal.secrets)


async def test_an_address_stands_wherever_the_placeholder_stood(engine):
    created = await saved(engine, "two-steps", origins={CRM: "https://crm.acme.com:8443/"}, name="Mine")
    text = created.saved.stored.text.decode()
    assert "example.com" not in text and text.count("https://crm.acme.com:8443/") == 4
    assert (created.permalink, created.saved.stored.document["name"]) == ("mine", "Mine")


async def test_a_given_secret_may_go_to_the_connectors_hosts_only(engine):
    value = {"calendar_private_key": Secret("-----BEGIN PRIVATE KEY-----")}
    await saved(engine, "calendar", values=value)
    info = (await get_secret(engine, "default", "calendar_private_key")).info
    assert info.allowed_hosts == ("www.googleapis.com", "oauth2.googleapis.com")
    with pytest.raises(NotFound):
        await get_secret(engine, "default", "calendar_service_account")


async def test_a_secret_that_is_there_stays_as_it_is_and_names_never_clash(engine):
    before = await put_secret(engine, "default", "crm_client_id", Secret("the-first-value"), actor="ada")
    values = {"crm_client_id": Secret("another-value"), "crm_client_secret": Secret("s3cret-value")}
    created = [await saved(engine, "crm", values=values) for _ in range(2)]
    assert [each.permalink for each in created] == ["crm-contact", "crm-contact-2"]
    after = await get_secret(engine, "default", "crm_client_id")
    assert after.info.fingerprint == before.info.fingerprint
    assert known_secrets(engine, "default", find_example("crm")) == {"crm_client_id", "crm_client_secret"}


@pytest.mark.parametrize(
    ("filling", "paths"),
    [
        ({"origins": {CRM: "crm"}}, [f"origins.{CRM}"]),
        ({"origins": {CRM: "https://crm.acme.com/{{ x }}"}}, [f"origins.{CRM}"]),
        (
            {"origins": {"https://other.example.com": "https://a.acme.com"}},
            ["origins.https://other.example.com"],
        ),
        ({"values": {"crm_client_id": Secret("x" * 65_537)}}, ["secrets.crm_client_id"]),
        (
            {"origins": {CRM: "ftp://a"}, "values": {"crm_client_id": Secret("x" * 65_537)}},
            [f"origins.{CRM}", "secrets.crm_client_id"],
        ),
    ],
)
async def test_what_cannot_be_used_is_said_at_once(engine, filling, paths):
    with pytest.raises(DocumentInvalid) as caught:
        await propose_example(engine, "default", find_example("crm"), Filling(**filling))
    assert [fault.path for fault in caught.value.fields] == paths


def test_an_example_that_is_not_there():
    with pytest.raises(NotFound):
        find_example("nothing")
