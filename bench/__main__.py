"""`make bench`: every figure as one JSON document. Ratios within a run are worth more than single figures of a shared machine."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def measured(script: str) -> object:
    """One script's figures, in a process of its own."""
    done = subprocess.run([sys.executable, str(HERE / script)], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr[-2000:]}


machine = {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
scripts = ("intake", "beside", "footprint", "gitops", "evidence")
print(json.dumps({"machine": machine, **{name: measured(f"{name}.py") for name in scripts}}, indent=2))
