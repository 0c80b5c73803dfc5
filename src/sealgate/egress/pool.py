"""Connections kept per origin, within limits; who finds no place waits for a turn.

An origin is also the identity of TLS: its host is the name that was verified, and which client certificate
is shown depends on the origin alone (`identities`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from sealgate.egress.connection import Connection, Keeper
from sealgate.errors import UpstreamUnreachable
from sealgate.message import Origin

MAX_CONNECTIONS = 2000
MAX_PER_ORIGIN = 500
KEEP_ALIVE_SECONDS = 4.0
"""Shorter than what common servers keep a connection (5 s and more), so that a request seldom meets
one that is being closed."""

Dial = Callable[[Origin, Keeper], Awaitable[Connection]]
Key = tuple[str, str, int]


class _Pool:
    """One origin. `count` is the number of its places, `waiters` of all who wait for one of them;
    `waiting` are those of them for whom the origin itself is full."""

    __slots__ = ("count", "idle", "key", "waiters", "waiting")

    def __init__(self, key: Key) -> None:
        self.key = key
        self.count = 0
        self.waiters = 0
        self.idle: OrderedDict[Connection, None] = OrderedDict()
        self.waiting: OrderedDict[_Waiter, None] = OrderedDict()


class _Waiter:
    """`turn` brings a connection, or `None`: the place to open one."""

    __slots__ = ("pool", "turn")

    def __init__(self, pool: _Pool) -> None:
        self.pool = pool
        self.turn: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()


class Pools:
    """Hands out connections, first the one that rested shortest, so that the others run out of time.

    A connection has a place from before it is opened until it is closed, and places are limited: per
    origin, and in all. Who gets none waits: while the origin is full, with the origin; while only the
    whole is full, in one line with the waiters of all origins. Each is served in the order of arrival."""

    def __init__(self, dial: Dial, *, limit: int, per_origin: int) -> None:
        self._dial = dial
        self._limit = limit
        self._per_origin = per_origin
        self._pools: dict[Key, _Pool] = {}
        self._places = 0
        self._placed: dict[Connection, _Pool] = {}
        self._idle: OrderedDict[Connection, None] = OrderedDict()
        self._line: OrderedDict[_Waiter, None] = OrderedDict()
        self._stopped = False
        self._open: set[Connection] = set()
        self._all_closed = asyncio.Event()

    def rested(self, origin: Origin) -> Connection | None:
        """A kept connection that is ready, if there is one."""
        pool = self._pools.get((origin.scheme, origin.host, origin.port))
        while pool is not None and pool.idle:
            connection, _ = pool.idle.popitem()
            del self._idle[connection]
            if not connection.expired:
                return connection
            self._drop(connection)
        return None

    async def opened(self, origin: Origin) -> Connection:
        """A new connection as soon as there is a place for it, or one that another exchange leaves
        meanwhile. Raises what opening raises."""
        while True:
            if self._stopped:
                raise _stopping()
            pool = self._pool(origin)
            connection = None if self._take_place(pool) else await self._turn(pool)
            if connection is None:
                connection = await self._open_in(pool, origin)
            if not connection.expired and not self._stopped:
                return connection
            self._drop(connection)

    def take_back(self, connection: Connection) -> None:
        """Of a connection: its exchange ended so that another may follow."""
        connection.rest(KEEP_ALIVE_SECONDS)
        pool = self._placed[connection]
        waiter = self._next(pool)
        if waiter is None:
            pool.idle[connection] = self._idle[connection] = None
        elif waiter.pool is pool:
            waiter.turn.set_result(connection)
        else:
            self._displace(connection)
            self._grant(waiter)

    def forget(self, connection: Connection) -> None:
        """Of a connection: it is closed."""
        self._drop(connection)
        self._open.discard(connection)
        if not self._open:
            self._all_closed.set()

    async def close(self) -> None:
        """Close every connection and send away whoever waits."""
        self._stopped = True
        for waiters in [self._line, *(pool.waiting for pool in self._pools.values())]:
            for waiter in waiters:
                if not waiter.turn.done():
                    waiter.turn.set_exception(_stopping())
        self._all_closed.clear()
        for connection in tuple(self._open):
            connection.abort(_stopping())
        if self._open:
            await self._all_closed.wait()

    def _pool(self, origin: Origin) -> _Pool:
        key = (origin.scheme, origin.host, origin.port)
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = _Pool(key)
        return pool

    async def _open_in(self, pool: _Pool, origin: Origin) -> Connection:
        """Open a connection in a place that was taken for it."""
        try:
            connection = await self._dial(origin, self)
        except BaseException:
            self._leave(pool)
            raise
        self._placed[connection] = pool
        if not connection.closed:
            self._open.add(connection)
        return connection

    def _take_place(self, pool: _Pool) -> bool:
        """Take a place if there is one, or one that a resting connection can leave."""
        if pool.count >= self._per_origin:
            resting = pool.idle
        elif self._places >= self._limit:
            resting = self._idle
        else:
            self._count(pool, 1)
            return True
        if not resting:
            return False
        self._displace(next(iter(resting)))
        self._count(pool, 1)
        return True

    async def _turn(self, pool: _Pool) -> Connection | None:
        """Wait for a connection, or for a place: `None`."""
        waiter = _Waiter(pool)
        line = pool.waiting if pool.count >= self._per_origin else self._line
        line[waiter] = None
        pool.waiters += 1
        try:
            return await waiter.turn
        except asyncio.CancelledError:
            self._give_up(waiter)
            raise
        finally:
            pool.waiters -= 1
            self._tidy(pool)

    def _give_up(self, waiter: _Waiter) -> None:
        """A waiter goes: what it was given in the same moment is for another."""
        pool = waiter.pool
        if waiter.turn.cancelled():
            pool.waiting.pop(waiter, None)
            if waiter in self._line:
                del self._line[waiter]
                self._step_up(pool)
        elif waiter.turn.exception() is None:
            connection = waiter.turn.result()
            if connection is None:
                self._leave(pool)
            elif not connection.closed:
                self.take_back(connection)

    def _next(self, pool: _Pool) -> _Waiter | None:
        """Who is to get a place of an origin that is becoming free."""
        self._step_up(pool)
        while self._line:
            waiter, _ = self._line.popitem(last=False)
            if waiter.turn.done():
                continue
            if waiter.pool is pool or waiter.pool.count < self._per_origin:
                return waiter
            waiter.pool.waiting[waiter] = None
        return None

    def _step_up(self, pool: _Pool) -> None:
        """The origin is no longer full: its first waiter now waits in the line of all."""
        if pool.waiting:
            waiter, _ = pool.waiting.popitem(last=False)
            self._line[waiter] = None

    def _grant(self, waiter: _Waiter) -> None:
        self._count(waiter.pool, 1)
        waiter.turn.set_result(None)

    def _leave(self, pool: _Pool) -> None:
        """A place is free."""
        self._count(pool, -1)
        if (waiter := self._next(pool)) is not None:
            self._grant(waiter)
        self._tidy(pool)

    def _drop(self, connection: Connection) -> None:
        """Close a connection and give its place to the next."""
        if connection in self._placed:
            self._leave(self._remove(connection))

    def _displace(self, connection: Connection) -> None:
        """Close a connection; its place is already spoken for."""
        pool = self._remove(connection)
        self._count(pool, -1)
        self._tidy(pool)

    def _remove(self, connection: Connection) -> _Pool:
        pool = self._placed.pop(connection)
        if connection in self._idle:
            del pool.idle[connection], self._idle[connection]
        connection.abort()
        return pool

    def _count(self, pool: _Pool, by: int) -> None:
        pool.count += by
        self._places += by

    def _tidy(self, pool: _Pool) -> None:
        if not pool.count and not pool.waiters:
            self._pools.pop(pool.key, None)


def _stopping() -> UpstreamUnreachable:
    return UpstreamUnreachable("the gateway is stopping")
