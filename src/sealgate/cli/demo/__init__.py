"""`sealgate demo`: every authentication type at work, and what the API received each time.

In a temporary directory it starts a demo API, a real OAuth server and Sealgate itself as the process
that `sealgate serve` is, then does over HTTP what a user would do. `scenes` says what must be true,
`gateway` runs and calls Sealgate, `table` prints.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from sealgate.cli.demo.gateway import DemoFailed, Gateway
from sealgate.cli.demo.scene import CALLS, Evidence, Row, Scene, Stage
from sealgate.cli.demo.scenes import SCENES
from sealgate.cli.demo.table import make_console, print_how_to_try, print_places, print_rows
from sealgate.testing import FakeApi, OAuthServer

SESSION_LIFETIME = 12 * 3600


def run(once: bool) -> int:
    """Show the six connectors; without `once`, keep serving until Ctrl-C.

    Returns 0 when every row of the table is right, else 1."""
    console = make_console()
    try:
        with _interruptible():
            return _show(console, once)
    except DemoFailed as failure:
        console.print(f"The demo failed: {failure}", markup=False, style="red", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted; everything is stopped and removed.")
        return 1


def _show(console: Console, once: bool) -> int:
    with (
        tempfile.TemporaryDirectory(prefix="sealgate-demo-") as directory,
        OAuthServer() as oauth,
        FakeApi(accepts=oauth.accepts) as api,
        Gateway(Path(directory), [api.origin, oauth.origin], usual_ports=not once) as gateway,
    ):
        print_places(console, gateway, api, oauth)
        stage = Stage(api, oauth)
        session = gateway.session(stage.user, SESSION_LIFETIME)
        for name, value in stage.secrets.items():
            gateway.store_secret(name, value)
        rows = [_play(scene, stage, gateway, session) for scene in SCENES]
        print_rows(console, rows)
        if not once:
            _serve_until_interrupted(console, gateway, session)
        return 0 if all(row.right for row in rows) else 1


def _play(scene: Scene, stage: Stage, gateway: Gateway, session: str) -> Row:
    permalink = gateway.create_connector(scene.document(stage))
    stage.api.clear()
    stage.oauth.clear()
    answers = [gateway.execute(permalink, scene.query, session) for _ in range(CALLS)]
    evidence = Evidence(stage.api.requests, stage.oauth.token_requests, answers, session)
    return scene.row(evidence, stage)


def _serve_until_interrupted(console: Console, gateway: Gateway, session: str) -> None:
    """From the line that names Ctrl-C on, an interruption is the regular end."""
    try:
        print_how_to_try(console, gateway, session)
        gateway.wait()
    except KeyboardInterrupt:
        console.print("\nStopped; the demo's data is removed.")


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does, and neither interrupts the cleaning up that follows."""
    signals = (signal.SIGINT, signal.SIGTERM)

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = [signal.signal(each, interrupt) for each in signals]
    try:
        yield
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)


if __name__ == "__main__":
    sys.exit(run(once="--once" in sys.argv))
