from sealgate.auth.none import NoAuthentication, NoConfig


def test_nothing_is_added(step):
    stepped = step(NoAuthentication.from_rendered({}))
    assert stepped.requests == []
    assert stepped.credential is None


def test_needs_no_config():
    assert NoConfig.model_validate({}).model_dump() == {}
