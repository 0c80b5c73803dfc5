"""What tells one cached response from another (DESIGN 6): a keyed digest, made between render and
authenticate, so that neither a fresh token nor a fresh signature empties the cache."""

from __future__ import annotations

from hashlib import blake2b

from sealgate.auth.base import Authentication, fingerprint
from sealgate.egress import CacheRequest
from sealgate.execution.query import caller_pairs, merge_query
from sealgate.execution.rendering import CONTENT_TYPE
from sealgate.execution.run import Run
from sealgate.secret import reveal

CACHED_METHODS = frozenset({"GET", "HEAD"})
_NEGOTIATION = frozenset({"accept", "accept-language", CONTENT_TYPE})
"""Callers send these as they like; only where the API says `Vary` do they select a response."""
CONDITIONS = frozenset(
    {"range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range"}
)


def is_cached(run: Run) -> bool:
    """Whether the cache has a say: a GET or HEAD of a stored connector, whose rows neither ask for a part
    or a condition nor say `Cache-Control: no-store` or `no-cache`."""
    if run.plan.method not in CACHED_METHODS or not run.call.use_cache:
        return False
    for row, name, value in run.headers:
        lower = name.lower()
        if lower in CONDITIONS or (row and refuses_cache(lower, reveal(value))):
            return False
    return True


def refuses_cache(name: str, value: str) -> bool:
    """Whether a row with this lower-case name keeps its connector out of the cache."""
    return name == "cache-control" and ("no-store" in value or "no-cache" in value)


def cache_request(run: Run, authentication: Authentication, key: bytes) -> CacheRequest:
    """The rendered run as the cache sees it. The query is without a credential, which belongs to the
    identity."""
    plan, tenant = run.plan, run.tenant.tenant
    target = target_digest(run, key)
    credential = _credential(run, authentication, key)
    injected: list[str] = []
    chosen: list[str] = []
    selecting: dict[str, str] = {}
    for row, name, value in run.headers:
        lower, text = name.lower(), reveal(value)
        selecting[lower] = text
        if row:
            injected += (lower, text)
        elif lower not in _NEGOTIATION:
            chosen += (lower, text)
    if authentication.credential_header:
        selecting[authentication.credential_header] = credential
    revision = str(run.tenant.connectors[plan.permalink].revision)
    common = (target, revision, plan.step or "", plan.method, str(len(chosen)), *chosen)
    shares = plan.exchange.share_cached
    return CacheRequest(
        tenant=tenant,
        permalink=plan.permalink,
        step=plan.step,
        method=plan.method,
        key=_digest(key, "own", credential, *common, *injected),
        target=target,
        public_key=_digest(key, "public", *common) if shares else None,
        headers=selecting,
    )


def target_digest(run: Run, key: bytes) -> str:
    """What a change of the run's target makes invalid."""
    assert run.url is not None
    origin = run.url.origin
    place = (origin.scheme, origin.host, str(origin.port), _target(run))
    return _digest(key, "target", run.tenant.tenant, run.plan.permalink, *place)


def _credential(run: Run, authentication: Authentication, key: bytes) -> str:
    """A digest of who asks; made once for all runs where nothing in the config can differ."""
    configured, made = run.plan.authentication, run.context.fixed
    known: str | None = made.get((configured, "identity"))
    if known is None:
        known = fingerprint(authentication.identity(), key)
        if not configured.varying:
            made[configured, "identity"] = known
    return known


def _target(run: Run) -> str:
    assert run.url is not None
    rows = [parameter for _, parameter in run.query]
    query = merge_query(
        run.url.query,
        run.plan.url.query_names,
        rows,
        caller_pairs(run.call.query),
        None,
        forward=run.plan.forward_query,
    )
    return f"{run.url.path}?{reveal(query)}" if query else run.url.path


def _digest(key: bytes, *parts: str) -> str:
    """Quoted and escaped as Python writes a tuple, so that no two lists of parts read the same."""
    return blake2b(repr(parts).encode(), key=key, digest_size=16).hexdigest()
