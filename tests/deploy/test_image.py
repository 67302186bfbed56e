"""The image and the compose file: no engine runs in the tests, so what can be held against the checkout is."""

import fnmatch
import shlex
import tomllib
from pathlib import Path

import yaml

from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def copied() -> set[str]:
    """What the image takes from the checkout."""
    lines = [shlex.split(line) for line in DOCKERFILE.splitlines() if line.startswith("COPY ") and "--from" not in line]
    return {source for _, *sources, _ in lines for source in sources}


def test_the_image_takes_what_the_wheel_takes():
    """A package that is forgotten would be missed at the first start."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert copied() == {*wheel["packages"], *wheel["force-include"], "requirements.lock"}
    assert all((ROOT / source).exists() for source in copied())


def test_what_is_copied_is_not_ignored_and_nothing_else_is_sent():
    """The build context holds no secrets: `.env` and `suture.yaml` lie beside it."""
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    kept = {pattern[1:] for pattern in patterns if pattern.startswith("!")}

    assert patterns[0] == "*"
    assert kept == copied()
    assert not any(fnmatch.fnmatch(".env", pattern) for pattern in kept)


def test_no_package_index_is_named():
    """Everyone has their own."""
    for path in ("deploy/Dockerfile", "requirements.lock", "requirements-dev.lock"):
        text = (ROOT / path).read_text(encoding="utf-8")
        assert "index-url" not in text
        assert "https://" not in text


def test_the_image_runs_as_nobody_and_keeps_the_record_on_a_volume():
    """And says whether it is alive."""
    lines = DOCKERFILE.splitlines()

    assert "USER 10001:10001" in lines
    assert "VOLUME /var/lib/suture" in lines
    assert any("sqlite:////var/lib/suture/" in line for line in lines)
    assert any(line.startswith("HEALTHCHECK") for line in lines)


def test_the_compose_file_sets_only_what_is_a_setting():
    """A misspelt variable would be silent."""
    service = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))["services"]["suture"]

    assert set(service["environment"]) <= {name.upper() for name in Settings.model_fields} | {"SUTURE_CONFIG"}
    assert service["volumes"][0].endswith(":/var/lib/suture")
