import pytest

from sealgate.errors import Conflict, NotFound
from sealgate.secret import Secret
from sealgate.services import connectors, secrets, sources, variables

URL = "https://api.example.com/x"


async def fill(engine):
    for name in ("used", "pulled", "free"):
        await secrets.put_secret(engine, "default", name, Secret("s3cret-canary"), actor="ada")
        await variables.put_variable(engine, "default", f"{name}_variable", "x", actor="ada")
    await put(engine, "simple", url=URL, headers=[{"key": "a", "value": "{{ get_secret('used') }}"}])
    step = {"name": "first", "url": f"{URL}?r={{{{ get_variable('used_variable') }}}}"}
    await put(engine, "steps", steps=[step, {**step, "name": "second", "url": URL}])
    repository = {"url": "https://git.example.com/team.git", "credential": "pulled"}
    await sources.put_git_source(engine, "default", "team", repository, actor="ada")


async def put(engine, permalink, **document):
    await connectors.put_connector(engine, "default", permalink, {"name": permalink, **document}, actor="ada")


async def computing(engine):
    await put(engine, "computing", url=URL, response_body="{{ get_variable('a' ~ 'b') }}",
              headers=[{"key": "a", "value": "{{ get_secret('a' ~ 'b') }}"}])  # fmt: skip


async def test_where_each_is_used(engine):
    await fill(engine)
    await computing(engine)
    used = (await secrets.secret_usage(engine, "default", "used")).as_json()
    place = {"permalink": "computing", "path": "headers.0.value", "step": None}
    assert used == {
        "connectors": [{"permalink": "simple", "path": "headers.0.value", "step": None}],
        "sources": [],
        "computed": [place],
    }
    pulled = (await secrets.secret_usage(engine, "default", "pulled")).as_json()
    assert pulled["sources"] == [{"source": "team", "path": "credential"}] and not pulled["connectors"]
    free = (await secrets.secret_usage(engine, "default", "free")).as_json()
    assert free == {"connectors": [], "sources": [], "computed": [place]}
    read = (await variables.variable_usage(engine, "default", "used_variable")).as_json()
    assert read["connectors"] == [{"permalink": "steps", "path": "steps.0.url", "step": "first"}]
    assert read["computed"] == [{**place, "path": "response_body"}]


async def test_a_key_id_is_a_use_of_its_secret(engine):
    await fill(engine)
    await put(engine, "plain", url=URL, headers=[{"key": "a", "value": "{{ key_id('free') }}"}])
    await put(engine, "more", url=URL, headers=[{"key": "a", "value": "{{ key_id('free') | upper }}"}])
    await put(engine, "open", url=URL, headers=[{"key": "a", "value": "{{ key_id('fr' ~ 'ee') }}"}])
    own = "{% set key_id = 1 %}{{ key_id }}"
    await put(engine, "own", url=URL, headers=[{"key": "a", "value": own}])
    free = (await secrets.secret_usage(engine, "default", "free")).as_json()
    assert [use["permalink"] for use in free["connectors"]] == ["more", "plain"]
    assert [use["permalink"] for use in free["computed"]] == ["open"]
    with pytest.raises(Conflict, match="free"):
        await secrets.delete_secret(engine, "default", "free", actor="ada", only_unused=True)


async def test_lists_say_what_uses_each(engine):
    await fill(engine)
    listed = {each.info.name: each.usage.used_by for each in await secrets.list_secrets(engine, "default")}
    assert listed == {"free": (), "pulled": ("source:team",), "used": ("simple",)}
    shown = {
        each.stored.name: each.usage.used_by for each in await variables.list_variables(engine, "default")
    }
    assert shown == {"free_variable": (), "pulled_variable": (), "used_variable": ("steps",)}


async def test_a_changed_connector_is_read_again_and_only_that(engine):
    await fill(engine)
    before = engine.tenant("default").reads()
    await put(engine, "simple", url=URL)
    assert (await secrets.secret_usage(engine, "default", "used")).used_by == ()
    assert engine.tenant("default").reads()["steps"] is before["steps"]
    await connectors.delete_connector(engine, "default", "steps", actor="ada")
    assert (await variables.variable_usage(engine, "default", "used_variable")).used_by == ()


@pytest.mark.parametrize(
    ("name", "compute", "params"),
    [
        ("used", False, ("simple",)),
        ("pulled", False, ("source:team",)),
        ("free", True, ("computing",)),
        ("used", True, ("simple", "computing")),
    ],
)
async def test_what_is_used_is_not_deleted_under_the_condition(engine, name, compute, params):
    await fill(engine)
    if compute:
        await computing(engine)
    with pytest.raises(Conflict) as caught:
        await secrets.delete_secret(engine, "default", name, actor="ada", only_unused=True)
    assert caught.value.params == params
    await secrets.delete_secret(engine, "default", name, actor="ada")
    with pytest.raises(NotFound):
        await secrets.get_secret(engine, "default", name)


async def test_what_is_unused_is_deleted_under_the_condition(engine):
    await fill(engine)
    await secrets.delete_secret(engine, "default", "free", actor="ada", only_unused=True)
    await variables.delete_variable(engine, "default", "free_variable", actor="ada", only_unused=True)
    with pytest.raises(Conflict, match="steps"):
        await variables.delete_variable(engine, "default", "used_variable", actor="ada", only_unused=True)


async def test_what_is_not_there(engine):
    for ask in (secrets.secret_usage, variables.variable_usage):
        with pytest.raises(NotFound):
            await ask(engine, "default", "nope")
    with pytest.raises(NotFound):
        await secrets.delete_secret(engine, "default", "nope", actor="ada", only_unused=True)
