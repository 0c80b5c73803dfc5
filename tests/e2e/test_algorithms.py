"""Each signing algorithm of the jwt type, verified by another library than the one that signs."""

import pytest

from sealgate.testing import FakeApi, jwts, keys


@pytest.fixture(scope="module")
def signed(gateway):
    """A connector for each algorithm, its permalink being the algorithm's name in lower case."""
    with FakeApi() as api:
        for algorithm in keys.ALGORITHMS:
            name = algorithm.lower()
            gateway.secret(f"key_{name}", keys.signing_keys(algorithm)[0])
            config = {
                "private_key": f"{{{{ get_secret('key_{name}') }}}}",
                "algorithm": algorithm,
                "claims": {"iss": "svc", "exp": "{{ now(60) }}"},
            }
            document = {
                "name": algorithm,
                "url": f"{api.origin}/signed",
                "authentication": {"type": "jwt", "config": config},
            }
            assert gateway.admin("PUT", f"/api/v1/connectors/{name}", document).status == 201
        gateway.settle()
        yield api


@pytest.mark.parametrize("algorithm", keys.ALGORITHMS)
def test_a_token_verifies(gateway, signed, algorithm):
    assert gateway.call(algorithm.lower()).status == 200
    scheme, _, token = signed.requests[-1].header("Authorization").partition(" ")
    assert scheme == "Bearer"
    header, claims = jwts.verify(token, keys.signing_keys(algorithm)[1], algorithm)
    assert header["alg"] == algorithm and claims["iss"] == "svc"
