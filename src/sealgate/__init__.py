"""Sealgate: a connector gateway. Callers run a connector; the server holds the credential."""

TYPE_CHECKING = False  # as in `typing`, which costs more to import than this module may

if TYPE_CHECKING:
    from sealgate.errors import SealgateError
    from sealgate.gateway import Gateway
    from sealgate.services.calls import GatewayReply, GatewayStream
else:
    _HOMES = {
        "Gateway": "sealgate.gateway",
        "GatewayReply": "sealgate.services.calls",
        "GatewayStream": "sealgate.services.calls",
        "SealgateError": "sealgate.errors",
    }

    def __getattr__(name: str) -> object:
        """Imported when first used: the command line and the server's processes need none of it."""
        from importlib import import_module

        if name not in _HOMES:
            raise AttributeError(f"module 'sealgate' has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)


__version__ = "0.1.0"
__all__ = ["Gateway", "GatewayReply", "GatewayStream", "SealgateError", "__version__"]
