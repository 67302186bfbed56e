"""What people install: the wheel alone, in an environment that never saw this checkout, from a folder of its own."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_product_and_no_tests(wheel):
    """Templates, prompts, the schema and the sandbox's page travel with the code; tests, benchmarks and caches stay at home."""
    names = zipfile.ZipFile(wheel).namelist()

    for needed in ("memory/schema.sql", "remediation/policy/policy.yaml", "docs/datadog-webhook.json", "bot/sandbox/page/"):
        assert any(name.startswith(needed) for name in names), needed
    assert {name.split("/")[0] for name in names if not name.startswith("suture-")} == {
        "bot", "docs", "memory", "prompts", "remediation", "templates", "webhooks",
    }  # fmt: skip
    assert not [name for name in names if "__pycache__" in name]


@pytest.mark.timeout(180)
def test_the_demo_plays_from_the_installed_wheel(wheel, tmp_path):
    """Libraries come from this environment (no network is needed), Suture from the wheel."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    python = venv / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)], check=True)
    found = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True, text=True
    )
    Path(found.stdout.strip(), "libraries.pth").write_text(sysconfig.get_path("purelib"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    home = {name: value for name, value in os.environ.items() if not name.startswith(("SUTURE_", "PYTHON"))} | {"HOME": str(elsewhere)}

    played = subprocess.run(
        [venv / "bin" / "suture", "demo", "--auto", "--json"], cwd=elsewhere, env=home, capture_output=True, text=True, check=False
    )

    assert played.returncode == 0, played.stderr[-3000:]
    assert json.loads(played.stdout)["outcome"] == "fixed"
    where = subprocess.run(
        [python, "-c", "import bot; print(bot.__file__)"], cwd=elsewhere, env=home, capture_output=True, text=True, check=False
    )
    assert str(venv) in where.stdout
