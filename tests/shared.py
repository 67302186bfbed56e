"""The corpus of real payloads that lies beside the checkout: not part of the project, so a test that needs it skips where it is absent."""

import os
from pathlib import Path

import pytest

ABSENT = "is not beside this checkout"
SHARED = Path(os.environ.get("SUTURE_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def corpus(*parts: str) -> Path:
    """The corpus folder or file of this name; skips the test, saying so, where there is none."""
    return _there("corpus", *parts)


def specs(*parts: str) -> Path:
    """The official API document of this name; skips the test, saying so, where there is none."""
    return _there("specs", *parts)


def _there(*parts: str) -> Path:
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the shared {parts[0]} {ABSENT}", allow_module_level=True)
    return path
