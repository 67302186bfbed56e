"""The binaries that a real server needs: in the folder that SUTURE_REAL_BIN names, else on PATH; a test skips, naming what is missing."""

import os
import shutil

import pytest

GET_THEM = 'docs/operations.md, "Tests against real servers", says how to get it'


def found(*names: str) -> dict[str, str]:
    """The path of each; skips the test, naming the first that is missing, where one is."""
    folder = os.environ.get("SUTURE_REAL_BIN", "")
    paths = {name: shutil.which(name, path=folder or None) for name in names}
    for name, path in paths.items():
        if path is None:
            where = f"in SUTURE_REAL_BIN={folder}" if folder else "on PATH, nor does SUTURE_REAL_BIN name a folder of it"
            pytest.skip(f"{name} is not {where}; {GET_THEM}")
    return {name: str(path) for name, path in paths.items()}
