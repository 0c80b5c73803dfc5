"""The command line: thin commands over `sealgate.services`, on the store of the data directory.

No server needs to run; one that does sees a change within a second. Exit codes: 0 right, 1 failed,
2 wrong use."""

from sealgate.cli.app import main

__all__ = ["main"]
