"""A name that leads to nothing: where it stands in the pod specification, and the one that exists and is surely meant."""

from collections.abc import Iterator, Mapping

from remediation.drawing.basis import Basis
from remediation.drawing.likeness import surely_meant
from remediation.gitops.fieldpath import Path, format_path, item_step
from remediation.observed import Object, place_of
from remediation.terms import Json
from remediation.workloads import pod_spec

_PULL = "kubernetes.io/dockerconfigjson"
_VOLUMES = {"ConfigMap": ("configMap", "name"), "Secret": ("secret", "secretName")}
_FROM = {"ConfigMap": ("configMapRef", "configMapKeyRef"), "Secret": ("secretRef", "secretKeyRef")}


def reference_fields(basis: Basis) -> Json:
    """Every field of the pod specification that asks for what is not there, with the name that is meant."""
    kind, name, key = _asked(basis)
    meant = _meant(basis, kind, name, key)
    if not meant:
        return None
    places = [path for path, asked in _places(pod_spec(basis.live), kind) if asked == (name, key)]
    return {format_path(path): meant for path in places} or None


def _asked(basis: Basis) -> tuple[str, str, str]:
    if basis.fact("cause") == "service_account":
        return "ServiceAccount", basis.fact("account"), ""
    if basis.finding.kind == "image_pull_failed":
        return "Secret", basis.fact("missing_secret"), ""
    return basis.fact("missing"), basis.fact("name"), basis.fact("key")


def _meant(basis: Basis, kind: str, name: str, key: str) -> str:
    """The only name, or key, that is near, and that nothing of this workload asks for already."""
    holder = basis.observed.get(kind, basis.namespace, name) or {}
    known = list({**(holder.get("data") or {}), **(holder.get("binaryData") or {})}) if key else _names(basis, kind)
    wanted = key or name
    near = surely_meant(wanted, known)
    taken = {
        asked for _, (named, part) in _places(pod_spec(basis.live), kind) for asked in ((part,) if key and named == name else (named,))
    }
    return near if near not in taken else ""


def _names(basis: Basis, kind: str) -> list[str]:
    every = basis.observed.all(kind, basis.namespace)
    return [place_of(thing)[2] for thing in every if basis.finding.kind != "image_pull_failed" or _is_for_pulling(thing)]


def _places(spec: Mapping[str, Json], kind: str) -> Iterator[tuple[Path, tuple[str, str]]]:
    """Each field that names an object of this kind, or a key of it, with (name, key)."""
    if kind == "ServiceAccount" and spec.get("serviceAccountName"):
        yield ("serviceAccountName",), (str(spec["serviceAccountName"]), "")
    if kind not in _FROM:
        return
    for at, secret in enumerate(spec.get("imagePullSecrets") or () if kind == "Secret" else ()):
        yield ("imagePullSecrets", at, "name"), (str(secret.get("name")), "")
    volumes = spec.get("volumes") or ()
    for at, volume in enumerate(volumes):
        yield from _of_volume(volume, kind, ("volumes", item_step(volumes, at)))
    for where in ("containers", "initContainers"):
        for at, container in enumerate(spec.get(where) or ()):
            yield from _of_container(container, kind, (where, item_step(spec[where], at)))


def _of_volume(volume: Mapping[str, Json], kind: str, here: Path) -> Iterator[tuple[Path, tuple[str, str]]]:
    source, field = _VOLUMES[kind]
    held = volume.get(source) or {}
    if held.get(field):
        yield (*here, source, field), (str(held[field]), "")
        for at, item in enumerate(held.get("items") or ()):
            yield (*here, source, "items", at, "key"), (str(held[field]), str(item.get("key")))


def _of_container(container: Mapping[str, Json], kind: str, here: Path) -> Iterator[tuple[Path, tuple[str, str]]]:
    whole, part = _FROM[kind]
    for at, source in enumerate(container.get("envFrom") or ()):
        if (source.get(whole) or {}).get("name"):
            yield (*here, "envFrom", at, whole, "name"), (str(source[whole]["name"]), "")
    variables = container.get("env") or ()
    for at, variable in enumerate(variables):
        held = (variable.get("valueFrom") or {}).get(part) or {}
        if held.get("name"):
            step = (*here, "env", item_step(variables, at), "valueFrom", part)
            yield (*step, "name"), (str(held["name"]), "")
            yield (*step, "key"), (str(held["name"]), str(held.get("key")))


def pull_secret(basis: Basis) -> Json:
    """The only Secret of the namespace for a registry, where neither the workload nor its service account names one."""
    spec = pod_spec(basis.live)
    account = basis.observed.get("ServiceAccount", basis.namespace, str(spec.get("serviceAccountName") or "default")) or {}
    if spec.get("imagePullSecrets") or account.get("imagePullSecrets"):
        return None
    held = [place_of(secret)[2] for secret in basis.observed.all("Secret", basis.namespace) if _is_for_pulling(secret)]
    return held[0] if len(held) == 1 else None


def _is_for_pulling(secret: Object) -> bool:
    return secret.get("type") == _PULL
