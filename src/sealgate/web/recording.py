"""Records executions, so that an admin can find why a call failed: some of them, and never for long.

What is not sampled costs a few comparisons. What is sampled is explained at once, while everything that
the run knows is there, and written with others about once a second. A crash loses that second; a store
that fails loses what was to be written, and no call waits for either.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import structlog

from sealgate.caller import Caller
from sealgate.errors import SealgateError
from sealgate.execution.composite import CompositeRun
from sealgate.execution.engine import Engine
from sealgate.execution.explain_composite import explain_any
from sealgate.execution.redaction import Redactor
from sealgate.execution.run import Run
from sealgate.execution.timing import Timing
from sealgate.message import Fields
from sealgate.stores.run_ports import Outcome, RecordedRun, RunHead
from sealgate.web.access import Identity, same_site
from sealgate.web.capture import Capture
from sealgate.web.cors import Cors
from sealgate.web.headers import cookie, values
from sealgate.web.sampling import Bucket

BUDGETS: dict[Outcome, tuple[float, float]] = {"succeeded": (10, 50), "failed": (20, 50), "refused": (5, 20)}
"""Of one worker: runs a second, and at once. What goes wrong must not be missed for what goes right, nor
for strangers at the door."""
CAPTURE_BUDGET = (1, 20)
"""Runs with bodies: they are large."""
GATHERED_SECONDS = 1.0
MOST_GATHERED = 500
"""Runs in memory while the store is slow; beyond them none is sampled."""
LONGEST_ORIGIN = 255
LONGEST_METHOD = 32
"""Characters that are kept of what a caller can choose freely."""
OTHER_ORIGIN = (
    "a browser keeps this reply from pages of {origin}: if they may call, add this origin to "
    "SEALGATE_CORS_ORIGINS"
)

log = structlog.get_logger("sealgate.web")


class Ended(NamedTuple):
    """One execution that has ended. `run` is `None` when it was refused before it ran. (Made for every
    call: a named tuple costs a third of a frozen dataclass.)"""

    tenant: str
    permalink: str
    method: str
    fields: Fields
    timing: Timing
    identity: Identity | None
    run: Run | CompositeRun | None
    capture: Capture | None
    status: int
    error: SealgateError | None

    @property
    def outcome(self) -> Outcome:
        if self.run is None:
            return "refused"
        return "succeeded" if self.status < 400 and self.error is None else "failed"


class RunRecorder:
    """The recorder of one worker."""

    def __init__(self, engine: Engine, cors: Cors, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` is that of the budgets."""
        self._engine = engine
        self._cors = cors
        self._kept = engine.settings.runs_kept
        self._budgets = {outcome: Bucket(*budget, clock) for outcome, budget in BUDGETS.items()}
        self._capture_budget = Bucket(*CAPTURE_BUDGET, clock)
        self._gathered: list[RecordedRun] = []
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None

    def capture(self, tenant: str, permalink: str) -> Capture | None:
        """What notes the bodies of a call, when an admin wants to see those of this connector."""
        until = self._engine.tenant(tenant).captures.get(permalink)
        return Capture() if until is not None and until > time.time() and self._kept else None

    def record(self, ended: Ended) -> None:
        """Keep the execution, if it is sampled."""
        if not self._kept or len(self._gathered) >= MOST_GATHERED:
            return
        if not self._engine.has_tenant(ended.tenant):
            return
        with_bodies = ended.capture is not None and self._capture_budget.take()
        if not with_bodies and not self._budgets[ended.outcome].take():
            return
        try:
            self._gathered.append(self._recorded(ended if with_bodies else ended._replace(capture=None)))
        except Exception:  # the reply is on its way: nothing may come of it but a line in the log
            trace = self._redactor(ended).text(traceback.format_exc())
            log.error("run_not_explained", request_id=ended.timing.request_id, traceback=trace)  # noqa: TRY400
            return
        if self._timer is None and self._writing is None:
            self._schedule()

    async def close(self) -> None:
        """Write what is left, after the last execution."""
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            await self._writing
        await self._write()

    # -- writing -----------------------------------------------------------------------------------

    def _schedule(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(GATHERED_SECONDS, self._begin_writing)

    def _begin_writing(self) -> None:
        self._timer = None
        self._writing = asyncio.create_task(self._write_and_go_on())

    async def _write_and_go_on(self) -> None:
        await self._write()
        self._writing = None
        if self._gathered:
            self._schedule()

    async def _write(self) -> None:
        runs, self._gathered = self._gathered, []
        if not runs:
            return
        try:
            await self._engine.store.runs.add(runs, self._kept)
        except Exception as error:  # whatever a store raises: calls go on
            log.warning("runs_not_recorded", dropped=len(runs), error=type(error).__name__)

    # -- what is kept of one -----------------------------------------------------------------------

    def _recorded(self, ended: Ended) -> RecordedRun:
        redactor = self._redactor(ended)
        caller = ended.identity.caller if ended.identity else Caller(ended.tenant)
        origin = ended.fields.first.get("origin")
        shown: dict[str, Any] = {
            "permalink": ended.permalink,
            "method": ended.method[:LONGEST_METHOD],
            "user_id": caller.user.id if caller.user else None,
            "token_name": caller.token_name,
            "origin": origin and origin[:LONGEST_ORIGIN],
            "explain": _explained(ended),
        }
        if origin and not (self._cors.allows(origin) or same_site(origin, ended.fields)):
            shown["explain"]["hints"].append(OTHER_ORIGIN.format(origin=shown["origin"]))
        shown = redactor.tree(shown)
        if ended.permalink in self._engine.tenant(ended.tenant).connectors:
            shown["permalink"] = ended.permalink
        explained = shown.pop("explain")
        head = RunHead(
            request_id=ended.timing.request_id,
            at=time.time(),
            status=ended.status,
            code=ended.error.code if ended.error else None,
            outcome=ended.outcome,
            total_ms=ended.timing.total_ms,
            external_ms=round(ended.timing.external_seconds * 1000, 1),
            cache_hit=ended.timing.cache_hit,
            caller=ended.identity.source if ended.identity else None,
            **shown,
        )
        bodies = ended.capture.as_json(redactor) if ended.capture else None
        return RecordedRun(ended.tenant, head, explained, bodies)

    def _redactor(self, ended: Ended) -> Redactor:
        """Knows the tenant's secrets, those that the run made of them, and the caller's own credentials."""
        known = ended.run.redactor() if ended.run else self._engine.tenant(ended.tenant).redactor
        return Redactor(self._shown_credentials(ended.fields), also=known)

    def _shown_credentials(self, fields: Fields) -> Iterator[str]:
        """What the caller proved itself with. It goes nowhere, unless the caller wrote it elsewhere, too."""
        for authorization in values(fields, "authorization"):
            yield authorization.partition(" ")[2].strip() or authorization
        name = self._engine.settings.session_cookie
        session = cookie(fields, name) if name else None
        yield from (text for text in (session, fields.first.get("x-csrf-token")) if text)


def _explained(ended: Ended) -> dict[str, Any]:
    if ended.run is not None:
        return explain_any(ended.run, ended.error, body=False)
    error = ended.error
    return {
        "warnings": [],
        "hints": [error.hint] if error and error.hint else [],
        "error": error.as_json() if error else None,
    }
