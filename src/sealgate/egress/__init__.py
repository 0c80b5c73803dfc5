"""Where requests leave: may we connect there, and why not; one guarded client for all of them."""

from sealgate.egress.address import classify
from sealgate.egress.allowance import Allowance
from sealgate.egress.cache import CacheTrace, HttpCache
from sealgate.egress.cache_rules import CacheRequest
from sealgate.egress.client import Egress
from sealgate.egress.configured import egress_faults, egress_from, egress_warnings, proxy_from
from sealgate.egress.trace import Trace

__all__ = [
    "Allowance",
    "CacheRequest",
    "CacheTrace",
    "Egress",
    "HttpCache",
    "Trace",
    "classify",
    "egress_faults",
    "egress_from",
    "egress_warnings",
    "proxy_from",
]
