"""What a kustomization's fields must be, so that every reader may rely on it; Kustomize takes nothing else either."""

from collections.abc import Iterable, Mapping
from typing import Any

from remediation.terms import Json

# A mapping stands for a map with these fields and any others, a list for a list of such values, a tuple for either, None for a plain value.
_NAMED: Any = {"name": None, "namespace": None, "kind": None}
_SELECTED: Any = {**_NAMED, "group": None, "version": None, "labelSelector": None, "annotationSelector": None}
_PATCH: Any = {"path": None, "patch": None, "target": _SELECTED}
_GENERATOR: Any = {"name": None, "namespace": None, "files": [None], "literals": [None], "envs": [None], "env": None}
_CHART: Any = {"name": None, "repo": None, "version": None, "valuesFile": None, "additionalValuesFiles": [None], "valuesMerge": None}
_PATHS = ("resources", "bases", "components", "crds", "configurations", "generators", "transformers", "validators", "patchesStrategicMerge")
_KUSTOMIZATION: Any = {
    **{key: [None] for key in _PATHS},
    "patches": [(_PATCH, None)],  # the old way names a file
    "patchesJson6902": [_PATCH],
    "replacements": [{"path": None, "source": {**_SELECTED, "fieldPath": None}, "targets": [{"select": _SELECTED, "fieldPaths": [None]}]}],
    "images": [{"name": None, "newName": None, "newTag": None, "digest": None}],
    "replicas": [{"name": None, "count": None}],
    "configMapGenerator": [_GENERATOR],
    "secretGenerator": [_GENERATOR],
    "helmCharts": [_CHART],
    "helmChartInflationGenerator": [{"chartName": None, "chartHome": None, "chartRepoUrl": None, "chartVersion": None, "values": None}],
    "helmGlobals": {"chartHome": None, "configHome": None},
    "labels": [{"pairs": {}}],
    "commonLabels": {},
    "commonAnnotations": {},
    "openapi": {"path": None},
    "namespace": None,
    "namePrefix": None,
    "nameSuffix": None,
}


def misshapen(fields: Json) -> str:
    """What stands where something else must, in a sentence; empty where all is as it must be. What is null is not there."""
    return "It is no map." if fields is None else _misshapen(fields, _KUSTOMIZATION, "")


def _misshapen(value: Json, shape: Any, path: str) -> str:
    if value is None:
        return ""
    if isinstance(shape, tuple):
        either = [_misshapen(value, one, path) for one in shape]
        return either[0] if all(either) else ""
    if isinstance(shape, list):
        inner = [(each, shape[0], f"{path}[{at}]") for at, each in enumerate(value)] if isinstance(value, list) else None
        return _first(inner, f"{path} is no list.")
    if isinstance(shape, Mapping):
        inner = [(value.get(key), one, f"{path}.{key}".strip(".")) for key, one in shape.items()] if isinstance(value, Mapping) else None
        return _first(inner, f"{path or 'It'} is no map.")
    return f"{path} is no plain value." if isinstance(value, Mapping | list) else ""


def _first(inner: Iterable[tuple[Json, Any, str]] | None, wrong: str) -> str:
    return wrong if inner is None else next((said for each in inner if (said := _misshapen(*each))), "")
