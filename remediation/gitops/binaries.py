"""Kustomize and Helm as programs: found, then run without network, with an empty environment, capped in time, memory and output."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import IO

from remediation.errors import Refused

SECONDS = 60
MEMORY = 4 << 30  # of address space: Go reserves far more than it uses
LARGEST_OUTPUT = 64 << 20


class NotRendered(Refused):
    """The program was asked and did not render: of a guess that tells nothing, of the tree as it is that it is broken."""


def binary(name: str) -> str:
    """Where the program stands: in the virtual environment, else on PATH. Raises Refused missing_tool."""
    found = shutil.which(name, path=str(Path(sys.prefix) / "bin")) or shutil.which(name)
    if found is None:
        what = f"{name} is needed to render this, and is not installed."
        raise Refused(what, f"Run `make tools`, or put {name} on PATH.", kind="missing_tool")
    return found


def run(name: str, arguments: Sequence[str], folder: Path) -> str:
    """What the program prints. Raises Refused: missing_tool, or infeasible with the program's last words."""
    command = [*_without_network(), binary(name), *arguments]
    with tempfile.TemporaryDirectory(prefix="suture-run-") as home, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        environment = {"HOME": home, "PATH": "", "GOMEMLIMIT": str(MEMORY // 2), "GOGC": "400", "LANG": "C.UTF-8"}  # memory for time
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )  # fmt: skip
        _cap(process.pid)
        try:
            code = process.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.wait()
            raise Refused(f"{name} took longer than {SECONDS} s.", "Narrow the path that is rendered.", kind="infeasible") from error
        if code:
            what = f"{name} did not render: {_complaint(err, folder)}"
            raise NotRendered(what, "Mend it first; it must render before it is changed.", kind="infeasible")
        return _text(out)


def _cap(pid: int) -> None:
    if hasattr(resource, "prlimit"):
        for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, LARGEST_OUTPUT)):
            try:
                resource.prlimit(pid, limit, (most, most))
            except (ProcessLookupError, PermissionError):  # it has ended already, or the system lets nobody cap it
                return


@cache
def _without_network() -> tuple[str, ...]:
    """The prefix that gives a program a network namespace of its own, where the system allows one."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    prefix = (unshare, "--map-root-user", "--net", "--")
    allowed = subprocess.run([*prefix, unshare, "--version"], capture_output=True, check=False, env={"PATH": os.defpath}).returncode == 0
    return prefix if allowed else ()


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read(LARGEST_OUTPUT).decode("utf-8", "replace")


def _complaint(stream: IO[bytes], folder: Path) -> str:
    """What the program says is wrong, without the place of the private copy."""
    text = _text(stream)
    for place in (str(folder), f"../{folder.name}"):
        text = text.replace(f"{place}/", "").replace(place, ".")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    at = next((at for at, line in enumerate(lines) if line.lower().startswith("error")), len(lines) - 1)
    said = lines[at] if lines else "no words"
    more = " " + "; ".join(lines[at + 1 :]) if said.endswith(":") else ""
    return f"{said.removeprefix('Error: ')}{more}"[:600]
