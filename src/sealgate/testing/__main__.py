"""`python -m sealgate.testing --port 9000`: the demo API by itself, to point a first connector at."""

from __future__ import annotations

import argparse
import threading

from sealgate.testing.api import FakeApi


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m sealgate.testing", description="An API that echoes what it receives."
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; default: a free one")
    try:
        with FakeApi(port=parser.parse_args().port) as api:
            print(f"The demo API listens on {api.origin}", flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        return
    except OSError as error:
        parser.exit(1, f"cannot listen: {error}; choose another port with --port\n")


if __name__ == "__main__":
    main()
