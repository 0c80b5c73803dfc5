"""The workers of a plane as processes: who gets which connection, who dies, who ends how."""

import asyncio
import os
import resource
import signal
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from gateway import Gateway, free_ports

from sealgate.settings import Settings
from sealgate.stores import open_store
from sealgate.web.address import parse_address
from sealgate.web.plane import QUICK, Plane, run_plane
from sealgate.web.serve import PROCESSES

from .test_serve import children, plane_pid, until

READY = b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"
MANY = 5000


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    with Gateway(tmp_path_factory.mktemp("workers"), SEALGATE_WORKERS="2") as running:
        yield running


def caller(port, raw=READY):
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(raw)
    return connection


def answered(connection):
    head = connection.recv(65536)
    assert head.startswith(b"HTTP/1.1 200 ") and head.endswith(b"\r\n\r\n" + b'{"status":"ready"}'), head
    return True


def files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def workers(gateway):
    return children(plane_pid(gateway, "data plane"))


def grown_up(pid):
    """A process that has lived long enough for its death to be no reason to end the plane."""
    born = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf(
        "SC_CLK_TCK"
    )
    until(lambda: time.clock_gettime(time.CLOCK_BOOTTIME) - born > QUICK + 0.1)
    return pid


def test_both_workers_get_connections(gateway):
    """The server is ready when the first worker is, and what was closed counts for a moment longer."""
    deadline = time.monotonic() + 20
    while True:
        got = shares(gateway, 100)
        if len(got) == 2 and min(got.values()) > 10 and sum(got.values()) == 100:
            return
        assert time.monotonic() < deadline, got


def shares(gateway, connections):
    """How many of so many connections at once each worker has."""
    before = {pid: files(pid) for pid in workers(gateway)}
    with ExitStack() as opened:
        for connection in [opened.enter_context(caller(gateway.port)) for _ in range(connections)]:
            assert answered(connection)
        return {pid: files(pid) - count for pid, count in before.items()}


def test_connections_that_wait_for_a_worker_outlive_it(gateway):
    victim = grown_up(workers(gateway)[0])
    os.kill(victim, signal.SIGSTOP)
    with ExitStack() as opened:
        waiting = [opened.enter_context(caller(gateway.port)) for _ in range(60)]
        os.kill(victim, signal.SIGKILL)
        assert all(answered(connection) for connection in waiting)
    assert victim not in workers(gateway) and len(workers(gateway)) == 2


def test_thousands_of_connections_that_rest(gateway):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    many = MANY if hard == resource.RLIM_INFINITY else min(MANY, hard - 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, many + 500), hard))
    try:
        with ExitStack() as opened:
            resting = [opened.enter_context(caller(gateway.port)) for _ in range(many)]
            assert all(answered(connection) for connection in resting)
            for connection in resting:
                connection.sendall(READY)
            assert all(answered(connection) for connection in resting)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# -- a plane by itself --------------------------------------------------------------------------------


class Started:
    """A data plane with two workers in a process whose exit code can be seen."""

    def __init__(self, data):
        self.port = free_ports(1)[0]
        address = parse_address("SEALGATE_LISTEN", f"127.0.0.1:{self.port}")
        plane = Plane("data plane", "sealgate.web.data_plane:create_app", address, 2)
        self.process = PROCESSES.Process(target=run_plane, args=(plane, Settings(data=data)))
        self.process.start()

    def begun(self):
        until(lambda: self.process.exitcode is not None or len(children(self.process.pid)) == 2)
        return self

    def ready(self):
        until(lambda: self.process.exitcode is not None or not refused(self.port))
        return self

    def code(self):
        self.process.join(20)
        return self.process.exitcode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()


def refused(port):
    try:
        caller(port).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.fixture
def data(tmp_path):
    asyncio.run(made(tmp_path / "data"))
    return tmp_path / "data"


async def made(directory):
    await (await open_store(Settings(data=directory))).close()


def test_a_worker_that_cannot_start_ends_the_plane(data, tmp_path):
    asyncio.run(made(tmp_path / "other"))
    (tmp_path / "other" / "master.key").replace(data / "master.key")
    with Started(data) as plane:
        assert plane.code() == 1


def test_the_end_lets_both_workers_answer_what_came_and_takes_nothing_more(data):
    with Started(data) as plane, ExitStack() as opened:
        plane.ready()
        arriving = [opened.enter_context(caller(plane.port, READY[:20])) for _ in range(30)]
        resting = [opened.enter_context(caller(plane.port)) for _ in range(30)]
        assert all(answered(connection) for connection in resting)
        plane.process.terminate()
        until(lambda: refused(plane.port))
        assert plane.process.is_alive()
        assert all(connection.recv(1) == b"" for connection in resting)
        for connection in arriving:
            connection.sendall(READY[20:])
        assert all(connection.recv(65536).startswith(b"HTTP/1.1 200 ") for connection in arriving)
        assert plane.code() == 0


@pytest.mark.parametrize("seconds", [0, 0.05, 0.2])
def test_an_end_that_comes_while_the_workers_start(data, seconds):
    with Started(data) as plane:
        plane.begun()
        time.sleep(seconds)  # not to wait for anything: the moment is what the test varies
        plane.process.terminate()
        assert plane.code() == 0


def test_a_plane_whose_workers_were_replaced_ends_in_order(data):
    with Started(data) as plane:
        plane.ready()
        for _ in range(2):
            victim = grown_up(children(plane.process.pid)[0])
            os.kill(victim, signal.SIGKILL)
            until(lambda dead=victim: dead not in children(plane.process.pid))
        plane.begun()
        with ExitStack() as opened:
            assert all(answered(opened.enter_context(caller(plane.port))) for _ in range(40))
        plane.process.terminate()
        assert plane.code() == 0
