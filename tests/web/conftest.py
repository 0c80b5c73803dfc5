from sealgate.testing.fixtures import fake_api, oauth_server

__all__ = ["fake_api", "oauth_server"]
