"""Kustomize and Helm, as the GitOps tools of the sandbox's cluster run them: the real programs, on a private copy of a tree."""

from __future__ import annotations

import posixpath
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from bot.sandbox.fields import Object

SECONDS = 60
Files = Mapping[str, bytes]


class MissingTool(Exception):
    """A program that a story needs is not installed; the message says which and how to get it."""


class RenderError(Exception):
    """A tree that does not render; the message is the program's."""


def check_installed(tools: Sequence[str]) -> None:
    """Raise MissingTool for the first of these programs that is nowhere."""
    for name in tools:
        _program(name)


def kustomized(files: Files, folder: str) -> list[Object]:
    """What `kustomize build` prints of a folder; one without a kustomization is given one, as Flux does.

    Raises RenderError, MissingTool.
    """
    generated = {} if _kustomization(files, folder) else {f"{folder}/kustomization.yaml": _generated(files, folder)}
    return _run("kustomize", ["build", folder], {**files, **generated})


def templated(files: Files, chart: str, *, release: str, namespace: str, values: Sequence[bytes]) -> list[Object]:
    """What `helm template` prints of a chart. values: YAML, weakest first. Raises RenderError, MissingTool."""
    given = {f".values-{at}.yaml": content for at, content in enumerate(values)}
    flags = [flag for name in given for flag in ("--values", name)]
    return _run("helm", ["template", release, f"./{chart}", "--namespace", namespace, "--include-crds", *flags], {**files, **given})


def plain(files: Files, folder: str) -> list[Object]:
    """The manifests that stand in a folder itself. Raises RenderError."""
    paths = [path for path in sorted(files) if posixpath.dirname(path) == folder and path.endswith((".yaml", ".yml"))]
    return [obj for path in paths for obj in _objects(files[path], path)]


def is_kustomized(files: Files, folder: str) -> bool:
    """Whether a folder has a kustomization."""
    return _kustomization(files, folder)


def _program(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.prefix) / "bin")) or shutil.which(name)
    if found is None:
        message = f"{name} is not installed: run `make tools`, or put it on PATH. What this story delivers is rendered with it."
        raise MissingTool(message)
    return found


def _run(name: str, arguments: list[str], files: Files) -> list[Object]:
    program = _program(name)
    with tempfile.TemporaryDirectory(prefix="suture-sandbox-") as folder:
        for path, content in files.items():
            there = Path(folder, path)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(content)
        run = subprocess.run(
            [program, *arguments], cwd=folder, env={"HOME": folder, "PATH": ""}, capture_output=True, timeout=SECONDS, check=False
        )
    if run.returncode:
        raise RenderError(run.stderr.decode("utf-8", "replace").strip()[-800:])
    return _objects(run.stdout, name)


def _objects(content: bytes, where: str) -> list[Object]:
    try:
        return [each for each in yaml.safe_load_all(content) if isinstance(each, dict)]
    except yaml.YAMLError as error:
        raise RenderError(f"{where}: {error}") from error


def _kustomization(files: Files, folder: str) -> bool:
    return any(posixpath.join(folder, name) in files for name in ("kustomization.yaml", "kustomization.yml", "Kustomization"))


def _generated(files: Files, folder: str) -> bytes:
    """Every manifest below the folder; a folder with a kustomization of its own is one entry."""
    below = [path for path in files if path.startswith(f"{folder}/") and path.endswith((".yaml", ".yml"))]
    own = {posixpath.dirname(path) for path in below if _kustomization(files, posixpath.dirname(path))}
    entries = {next((o for o in sorted(own) if path.startswith(f"{o}/")), path) for path in below}
    return yaml.safe_dump({"resources": sorted(posixpath.relpath(entry, folder) for entry in entries)}).encode()
