"""Sealgate: a connector gateway. Callers run a connector; the server holds the credential."""

__version__ = "0.1.0"
