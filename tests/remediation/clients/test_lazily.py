"""A module that is postponed is imported by whoever wants it, and runs when somebody looks at it."""

import importlib
import sys
from pathlib import Path

import pytest

from remediation.clients.lazily import absent, named_only, postpone


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """A package that notes that it ran."""
    folder = tmp_path / "heavy_sdk"
    folder.mkdir()
    (folder / "__init__.py").write_text("from . import errors\nWEIGHT = 9\n")
    (folder / "errors.py").write_text("class Broken(Exception):\n    pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.startswith("heavy_sdk")]:
        del sys.modules[name]


def test_a_postponed_module_runs_at_the_first_look(package):
    """Until then it may be imported, and parts of it, without being run."""
    postpone("heavy_sdk", "heavy_sdk.errors")
    early = importlib.import_module("heavy_sdk")
    errors = importlib.import_module("heavy_sdk.errors")
    assert not hasattr(early, "__file__")

    assert early.WEIGHT == 9
    assert importlib.import_module("heavy_sdk").__file__ == str(package / "__init__.py")
    assert errors.Broken is importlib.import_module("heavy_sdk").errors.Broken


def test_a_module_that_runs_already_is_left_alone(package):
    """Whoever has it must not get another one."""
    real = importlib.import_module("heavy_sdk")
    postpone("heavy_sdk")
    assert sys.modules["heavy_sdk"] is real
    assert package.exists()


def test_what_it_does_not_have_is_missing(package):
    """As in any module."""
    postpone("heavy_sdk", "heavy_sdk.errors")
    with pytest.raises(AttributeError, match="no attribute 'LIGHTNESS'"):
        _ = importlib.import_module("heavy_sdk").LIGHTNESS
    assert package.exists()


def test_a_package_can_be_left_out(package):
    """Who takes it along where it is installed goes without; afterwards it is there again."""
    with absent("heavy_sdk"), pytest.raises(ImportError):
        importlib.import_module("heavy_sdk")
    assert importlib.import_module("heavy_sdk").WEIGHT == 9
    with absent("heavy_sdk"):  # it runs: nobody may lose it
        assert importlib.import_module("heavy_sdk").WEIGHT == 9
    assert package.exists()


def test_a_module_can_be_named_and_not_run(package):
    """For annotations that are read when their function is made; whoever imports it afterwards gets the real one."""
    with named_only("heavy_sdk.errors"):
        from heavy_sdk import errors

        def broken() -> errors.Broken: ...

        assert sys.modules["heavy_sdk.errors"] is errors
    assert not hasattr(errors, "__file__")
    assert issubclass(importlib.import_module("heavy_sdk.errors").Broken, Exception)
    assert package.exists()
