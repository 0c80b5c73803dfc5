"""`sealgate serve` as an operator meets it: processes, signals, exit codes."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from gateway import Gateway, exchange, free_ports

from sealgate.settings import Settings
from sealgate.stores import open_store
from sealgate.web import serve
from sealgate.web.address import AddressUnusable, parse_address
from sealgate.web.plane import Plane


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.05)


def answers(port):
    try:
        return exchange(port, "GET", "/readyz").status == 200
    except OSError:
        return False


def plane_pid(gateway, name):
    """The process of a plane, the last that was started."""
    lines = [json.loads(line) for line in gateway.log.read_text().splitlines() if line.startswith("{")]
    return [line["pid"] for line in lines if line["event"] == "plane_started" and line["plane"] == name][-1]


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("serve")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_calls_in_flight_end_and_then_the_server(directory, fake_api, number):
    gateway = Gateway(directory)
    gateway.start()
    permalink = gateway.connector({"url": f"{fake_api.origin}/slow/1.5"})
    seen = []
    calling = threading.Thread(target=lambda: seen.append(gateway.call(permalink).status))
    calling.start()
    until(lambda: fake_api.requests)
    gateway._process.send_signal(number)
    assert gateway._process.wait(20) == 0
    calling.join()
    assert seen == [200]
    said = gateway.log.read_text()
    for port in (gateway.port, gateway.admin_port):
        assert f"http://127.0.0.1:{port}" in said
    # Only the first of these starts made the key.
    assert said.count(f"back up {gateway.data / 'master.key'}") == 1


def test_planes_die_alone_and_come_back_and_none_outlives_the_supervisor(tmp_path, fake_api):
    gateway = Gateway(tmp_path)
    gateway.start()
    permalink = gateway.connector({"url": f"{fake_api.origin}/"})
    control = plane_pid(gateway, "control plane")
    orphans = children(control)
    os.kill(control, signal.SIGKILL)
    assert gateway.call(permalink).status == 200
    until(lambda: plane_pid(gateway, "control plane") != control and answers(gateway.admin_port))
    until(lambda: not any(alive(pid) for pid in orphans))
    assert answers(gateway.admin_port)

    data = plane_pid(gateway, "data plane")
    worker, other = children(data)
    os.kill(worker, signal.SIGKILL)
    until(lambda: len(children(data)) == 2 and worker not in children(data))
    assert other in children(data) and answers(gateway.admin_port)
    os.kill(data, signal.SIGKILL)
    until(lambda: plane_pid(gateway, "data plane") != data and answers(gateway.port))
    assert gateway.call(permalink).status == 200

    planes = [plane_pid(gateway, name) for name in ("data plane", "control plane")]
    processes = [*planes, *(child for pid in planes for child in children(pid))]
    for pid in processes:
        shown = Path(f"/proc/{pid}/cmdline").read_bytes()
        assert gateway.admin_token.encode() not in shown and gateway.session_secret.encode() not in shown
    gateway._process.kill()
    gateway._process.wait()
    until(lambda: not any(alive(pid) for pid in processes))


# -- what cannot start -----------------------------------------------------------------------------


def started(directory, **settings):
    ports = free_ports(2)
    environment = {
        "SEALGATE_DATA": str(directory / "data"),
        "SEALGATE_LISTEN": f"127.0.0.1:{ports[0]}",
        "SEALGATE_ADMIN_LISTEN": f"127.0.0.1:{ports[1]}",
        **{f"SEALGATE_{name.upper()}": value for name, value in settings.items()},
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SEALGATE_")}
    return subprocess.run(
        [sys.executable, "-m", "sealgate", "serve"],
        env=inherited | environment,
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_port_in_use(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        run = started(tmp_path, admin_listen=address)
    assert run.returncode == 1
    assert f"SEALGATE_ADMIN_LISTEN: {address}: another program listens there" in run.stderr
    assert "Traceback" not in run.stderr


def test_what_every_worker_would_refuse(tmp_path):
    run = started(tmp_path, session_jwks_url="https://10.0.0.1/keys")
    assert run.returncode == 1
    assert "SEALGATE_SESSION_JWKS_URL may not be fetched" in run.stderr
    assert "Traceback" not in run.stderr


def test_two_planes_at_one_address():
    with pytest.raises(AddressUnusable, match="must differ"):
        serve._planes(Settings(listen="127.0.0.1:8080", admin_listen="localhost:8080"))


def test_a_key_of_another_database(tmp_path):
    asyncio.run(made(tmp_path / "data"))
    asyncio.run(made(tmp_path / "other"))
    (tmp_path / "other" / "master.key").replace(tmp_path / "data" / "master.key")
    run = started(tmp_path)
    assert run.returncode == 1
    assert "master.key" in run.stderr and "Traceback" not in run.stderr


async def made(data):
    await (await open_store(Settings(data=data))).close()


def test_a_plane_that_always_dies_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "QUICK_DEATHS", 2)
    monkeypatch.setattr(serve, "FIRST_PAUSE", 0.01)
    address = parse_address("SEALGATE_LISTEN", f"127.0.0.1:{free_ports(1)[0]}")
    plane = Plane("data plane", "sealgate.web.no_such_module:create_app", address, 1)
    with pytest.raises(serve.CannotServe, match="the data plane died 2 times"):
        asyncio.run(serve._keep(plane, Settings(data=tmp_path)))
