"""The README's "first connector by hand", typed as it stands there (other ports, a clean folder)."""

import json
import re
import subprocess
import sys
from pathlib import Path

from sealgate.testing.ports import free_ports

README = (Path(__file__).parents[2] / "README.md").read_text()
BY_HAND = README.split("## A first connector by hand")[1].split("\n## ")[0]
STEPS = re.findall(r"^```sh\n(.*?)^```$", BY_HAND, re.M | re.S)

WAIT = """
for try in $(seq 200); do
  if curl -sS -o /dev/null "$READY" 2>/dev/null; then break; fi; sleep 0.1
done
"""


def test_the_five_steps(tmp_path):
    assert len(STEPS) == 5
    api, data, control = free_ports(3)
    script = ["set -e", "trap 'kill $(jobs -p); wait' EXIT"]
    for step in STEPS:
        script.append(step)
        if step.rstrip().endswith("&"):
            port = api if "sealgate.testing" in step else control
            script.append(f"READY=http://127.0.0.1:{port}/readyz" + WAIT)
    # A saved connector is in force in every worker within a second; a person types slower than that.
    script.insert(-1, "sleep 1")
    text = "\n".join(script)
    text = text.replace("9000", str(api)).replace("8081", str(control)).replace("8080", str(data))
    text = text.replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    environment = {
        "PATH": "/usr/bin:/bin",
        "SEALGATE_LISTEN": f"127.0.0.1:{data}",
        "SEALGATE_ADMIN_LISTEN": f"127.0.0.1:{control}",
    }
    done = subprocess.run(
        ["bash", "-c", text], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    received = json.loads(done.stdout[done.stdout.rindex('{"method"') :])
    assert received["target"] == "/v1/current.json?q=Warsaw"
    assert "sk-abc123-weather" in json.dumps(received["headers"])
