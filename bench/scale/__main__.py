"""`make bench-scale`: prints the tables, writes bench/results/scale.json. `QUICK=1` takes smaller steps."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench.credentials import Credentials
from bench.machine import Cores, facts
from bench.options import RESULTS, Options
from bench.report.tables import plain
from bench.running import new_site
from bench.scale import callers, stored
from bench.upstream import Upstream, nginx

STEPS = ((1, 10), (1, 1000), (1, 100_000), (10, 1000), (100, 1000), (1000, 1000))
QUICK_STEPS = ((1, 10), (1, 1000), (10, 1000))
"""(tenants, connectors of all together)"""


def main() -> int:
    options = Options.of(os.environ)
    quick = os.environ.get("QUICK", "") not in ("", "0")
    if nginx() is None:
        sys.exit("bench: nginx is the upstream of every measurement: install it with the system's packages")
    cores, credentials = Cores.take(), Credentials()
    with tempfile.TemporaryDirectory(prefix="sealgate-bench-") as folder:
        directory = Path(folder)
        with Upstream(directory, credentials, cores.load) as upstream:
            measured = []
            for tenants, connectors in QUICK_STEPS if quick else STEPS:
                site = new_site(f"{tenants}-{connectors}", directory, upstream, credentials)
                measured.append(stored.measure(site, cores, options, tenants=tenants, connectors=connectors))
                print(f"{tenants} tenants, {connectors} connectors: measured", flush=True)
            site = new_site("callers", directory, upstream, credentials)
            burst, idle = (500, 500) if quick else (10_000, 5000)
            many = callers.measure(site, cores, burst=burst, idle=idle)
    head = (
        "tenants",
        "connectors",
        "CPU µs",
        "CPU µs of many",
        "start s",
        "MiB",
        "KiB per connector",
        "change s",
    )
    print("\n" + plain(head, [_row(each, measured[0]) for each in measured]))
    print("\n" + plain(("callers and bodies", ""), [(n, f"{v:.0f}") for n, v in asdict(many).items()]))
    RESULTS.mkdir(exist_ok=True)
    results = {
        "machine": facts(),
        "stored": [asdict(each) for each in measured],
        "callers": asdict(many),
    }
    (RESULTS / "scale.json").write_text(json.dumps(results, indent=2) + "\n")
    return 0


def _row(each: stored.Stored, smallest: stored.Stored) -> tuple[str, ...]:
    more = each.connectors - smallest.connectors
    kib = f"{(each.memory_bytes - smallest.memory_bytes) / 1024 / more:.2f}" if more else ""
    return (
        str(each.tenants),
        str(each.connectors),
        f"{each.cpu_microseconds:.1f}",
        f"{each.cpu_of_many_microseconds:.1f}",
        f"{each.start_seconds:.2f}",
        f"{each.memory_bytes / 2**20:.0f}",
        kib,
        f"{each.change_seconds:.2f}",
    )


if __name__ == "__main__":
    sys.exit(main())
