"""The CustomResourceDefinitions of Argo CD and Flux, from the folder that SUTURE_REAL_CRDS names: their own files, as their repositories have them."""

import os
import time
from pathlib import Path

import pytest
import yaml

from tests.real.administrator import Administrator, Refusal
from tests.real.binaries import GET_THEM

_SERVED_WITHIN = 30.0  # seconds
NEEDED = {
    "applications.argoproj.io": "argo-cd, manifests/crds/application-crd.yaml",
    "kustomizations.kustomize.toolkit.fluxcd.io": "kustomize-controller, config/crd/bases",
    "gitrepositories.source.toolkit.fluxcd.io": "source-controller, config/crd/bases",
    "helmreleases.helm.toolkit.fluxcd.io": "helm-controller, config/crd/bases",
}


def define(administrator: Administrator) -> None:
    """Apply them, and wait until they are served. Skips, naming what is missing, where a file is."""
    files = _files()
    for name, origin in NEEDED.items():
        if name not in files:
            pytest.skip(f"SUTURE_REAL_CRDS names no folder that defines {name} (of {origin}); {GET_THEM}")
    for name in NEEDED:
        administrator.apply(files[name])
    for name in NEEDED:
        _until_served(administrator, files[name])


def _files() -> dict[str, dict]:
    folder = os.environ.get("SUTURE_REAL_CRDS", "")
    paths = sorted(Path(folder).expanduser().rglob("*.yaml")) if folder else []
    every = [thing for path in paths for thing in yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader) if thing]
    return {thing["metadata"]["name"]: thing for thing in every if thing.get("kind") == "CustomResourceDefinition"}


def _until_served(administrator: Administrator, definition: dict) -> None:
    spec = definition["spec"]
    version = next(each["name"] for each in spec["versions"] if each["storage"])
    until = time.monotonic() + _SERVED_WITHIN
    while True:
        try:
            administrator.ask("GET", f"/apis/{spec['group']}/{version}/{spec['names']['plural']}", limit="1")
        except Refusal:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return
