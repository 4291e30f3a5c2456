from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {"tensorflow", "keras", "altair", "anywidget", "ipywidgets"}

SCRIPT = """
import json, sys, time
started = time.perf_counter()
import recowidget
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "modules": list(sys.modules)}))
"""


def test_import_loads_nothing_heavy() -> None:
    process = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    report = json.loads(process.stdout)
    print(f"import recowidget: {report['seconds']:.3f} s, {len(report['modules'])} modules")
    assert not HEAVY & {name.split(".")[0] for name in report["modules"]}
    assert process.stderr == ""
