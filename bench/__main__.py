"""`make bench`: compare the gateways, print the table and the targets, write JSON, plots and the page."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import extras
from bench.credentials import Credentials
from bench.machine import Cores, facts
from bench.options import RESULTS, Options
from bench.peers import PEERS
from bench.report import page, tables
from bench.report.summary import summary
from bench.report.targets import targets
from bench.running import Comparing
from bench.scenarios import SCENARIOS
from bench.upstream import Upstream, nginx


def main() -> int:
    options = Options.of(os.environ)
    if unknown := options.unknown(PEERS, SCENARIOS):
        known = ", ".join([*PEERS, *SCENARIOS])
        sys.exit(f"bench: ONLY names what is not there: {', '.join(unknown)}; there are {known}")
    if nginx() is None:
        sys.exit("bench: nginx is the upstream of every measurement: install it with the system's packages")
    cores, credentials = Cores.take(), Credentials()
    with tempfile.TemporaryDirectory(prefix="sealgate-bench-") as folder:
        directory = Path(folder)
        with Upstream(directory, credentials, cores.load) as upstream:
            comparing = Comparing(options, cores, upstream, credentials)
            comparing.prepare(directory)
            comparison = comparing.run()
            results = summary(comparison)
            if not options.only:
                measured = extras.measure(options, cores, upstream, credentials, directory)
                results["extras"] = measured.as_json()
    settings = " ".join(
        f"{n}={os.environ[n]}" for n in ("QUICK", "ROUNDS", "SECONDS", "ONLY") if n in os.environ
    )
    results |= {
        "machine": facts(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": f"make bench {settings}".strip(),
        "rounds": options.rounds,
        "seconds": options.seconds,
    }
    reached = targets(results)
    results["targets"] = [target.as_json() for target in reached]
    rows = [target.row() for target in reached]
    print("\n" + tables.plain(tables.HEAD, tables.rows(results)))
    print("\n" + tables.plain(("target", "aim", "reached", "met"), rows))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.json").write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    if not options.only:
        page.write(results, rows)
    # A peer that does not do the job is an error, not a fast result.
    return 1 if comparison.failed else 0


if __name__ == "__main__":
    sys.exit(main())
