"""The admin API: an OpenAPI 3.1 description and thin routes over `sealgate.services` (DESIGN 13)."""

from sealgate.web.admin.app import create_app

__all__ = ["create_app"]
