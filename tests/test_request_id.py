import uuid

from sealgate.request_id import new_request_id


def test_it_is_a_random_uuid_and_another_each_time():
    made = {new_request_id() for _ in range(1000)}
    assert len(made) == 1000
    for text in made:
        parsed = uuid.UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, uuid.RFC_4122)
