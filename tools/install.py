"""`make tools`: builds kustomize and helm with Go into this virtual environment's bin, where Suture looks before PATH.

The versions are pinned; Go fetches and checks their sources by its own configuration. What stands there already is left alone.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A binary, the Go package that builds it, and how it tells its version."""

    name: str
    package: str
    version: str
    link: str = ""
    asks: tuple[str, ...] = ("version",)


TOOLS = (
    Tool(
        name="kustomize",
        package="sigs.k8s.io/kustomize/kustomize/v5",
        version="v5.8.2",
        link="sigs.k8s.io/kustomize/api/provenance.version",
    ),
    Tool(
        name="helm",
        package="helm.sh/helm/v3/cmd/helm",
        version="v3.22.0",
        link="helm.sh/helm/v3/internal/version.version",
        asks=("version", "--short"),
    ),
)
BIN = Path(sys.prefix) / "bin"


def main() -> int:
    """Install what is missing; 0 when both are there."""
    if sys.prefix == sys.base_prefix:
        sys.stderr.write("Run it with the virtual environment's Python: make tools.\n")
        return 1
    missing = [tool for tool in TOOLS if not _stands(tool)]
    if missing and shutil.which("go") is None:
        names = " and ".join(tool.name for tool in missing)
        sys.stderr.write(f"Go is needed to build {names}. Install Go (1.24 or newer) and run make tools again, or put {names} on PATH.\n")
        return 1
    return max((_build(tool) for tool in missing), default=0)


def _stands(tool: Tool) -> bool:
    path = BIN / tool.name
    if not path.exists():
        return False
    said = subprocess.run([str(path), *tool.asks], capture_output=True, text=True, check=False).stdout
    return tool.version in said


def _build(tool: Tool) -> int:
    sys.stdout.write(f"building {tool.name} {tool.version} (a minute or three)\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CGO_ENABLED": "0", "GOBIN": folder, "GOFLAGS": "-buildvcs=false", "GOTOOLCHAIN": "local"}
        stamp = f"-s -w -X {tool.link}={tool.version}"
        command = ["go", "install", "-trimpath", "-ldflags", stamp, f"{tool.package}@{tool.version}"]
        code = subprocess.run(command, env=environment, cwd=folder, check=False).returncode
        if code:
            sys.stderr.write(f"{tool.name} was not built: see Go's words above; GOPROXY says where its sources come from.\n")
            return code
        shutil.move(str(Path(folder) / tool.name), BIN / tool.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
