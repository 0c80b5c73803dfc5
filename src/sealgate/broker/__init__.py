"""Obtain and cache credentials: single flight, margin, refresh ahead, back-off, sharing."""

from sealgate.broker.broker import Obtained, TokenBroker, TokenFetch

__all__ = ["Obtained", "TokenBroker", "TokenFetch"]
