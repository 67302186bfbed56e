"""What settings refer to must be there: addresses of systems, files, contexts, remedies, environments, and the variables' own names.

A reference into the void is found at the start, by name, and not in the middle of an incident.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from bot.settings import Settings, SettingsError, variables
from remediation.policy import Policy, load_policy
from remediation.remedies import catalogue
from remediation.terms import Json
from remediation.written import parse, text_of

_OURS = "SUTURE_"
# What Kubernetes puts into a pod for every Service: SUTURE_SERVICE_HOST, SUTURE_PORT=tcp://…, SUTURE_WEB_PORT_8080_TCP_ADDR.
_OF_A_SERVICE = re.compile(
    r"SUTURE_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)"
)
_KNOWN_TO_POLICY = ("production", "other")


def check(settings: Settings) -> None:
    """Raises SettingsError with a line for everything that refers to nothing."""
    found = [*wrong(settings)]
    if found:
        raise SettingsError("\n".join(found), "docs/settings.md explains every setting; `suture check` tries each system.")


def wrong(settings: Settings) -> Iterator[str]:
    """A sentence for each reference that leads nowhere. Raises Unusable for a policy or a remedy that cannot be read."""
    yield from _unknown_variables(os.environ)
    yield from _kubeconfig(settings)
    if settings.clusters:
        names = enumerate(settings.gitops)
        strange = ((n, place.cluster) for n, place in names if place.cluster and place.cluster not in settings.clusters)
        yield from (f"GITOPS.{n}.cluster: {_unknown('cluster', name, settings.clusters)}" for n, name in strange)
    if settings.suture_policy:
        yield from _policy(settings, load_policy(Path(settings.suture_policy)))


def _unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """Variables that are named like ours and are none: a misspelt name must not be a silent default."""
    known = variables()
    for name in sorted(environment):
        if name.startswith(_OURS) and name not in known and not _is_of_a_service(name, environment[name]):
            yield f"{name}: {_unknown('setting', name, known, ours=True)}"


def _is_of_a_service(name: str, value: str) -> bool:
    return _OF_A_SERVICE.fullmatch(name) is not None and (not name.endswith("_PORT") or "://" in value or value.isdigit())


def _kubeconfig(settings: Settings) -> Iterator[str]:
    """The files, as kubectl takes them (several parted by colons), and the contexts that `clusters` names."""
    if not settings.kubeconfig:
        return
    paths = [Path(part).expanduser() for part in settings.kubeconfig.split(os.pathsep) if part]
    there = [path for path in paths if path.is_file()]
    if not there:
        yield f"KUBECONFIG: there is no file {settings.kubeconfig}."
        return
    files = [parse(text_of(path), f"KUBECONFIG: {path}") for path in there]
    contexts = {str(one.get("name")) for file in files for one in _listed(file, "contexts")}
    for name, cluster in settings.clusters.items():
        if cluster.context and cluster.context not in contexts:
            yield f"CLUSTERS.{name}.context: {_unknown('context', cluster.context, contexts)} KUBECONFIG is {settings.kubeconfig}."
    current = next((str(file["current-context"]) for file in files if isinstance(file, dict) and file.get("current-context")), "")
    asked = not settings.clusters or any(not cluster.context for cluster in settings.clusters.values())
    if asked and current not in contexts:
        told = _unknown("context", current, contexts) if current else "it names no current-context, and clusters name none either."
        yield f"KUBECONFIG: {told}"


def _policy(settings: Settings, policy: Policy) -> Iterator[str]:
    """Keys and names of policy.yaml that would never count."""
    environments = {*_KNOWN_TO_POLICY, *(settings.environment_of(name) for name in settings.environments)}
    for field in ("gates", "remedies"):
        for name in getattr(policy, field):
            if name not in environments:
                yield f"SUTURE_POLICY: {field}.{name}: {_unknown('environment', name, environments, meant=settings.environment_of(name))}"
    known = [remedy.name for remedy in catalogue(Path(settings.suture_templates) if settings.suture_templates else None)]
    for environment, allowed in policy.remedies.items():
        for remedy in allowed if allowed != "all" else ():
            if remedy not in known:
                yield f"SUTURE_POLICY: remedies.{environment}: {_unknown('remedy', remedy, known)}"


def _unknown(what: str, name: str, known: Iterable[str], *, meant: str = "", ours: bool = False) -> str:
    """What to say of a name that nothing has, with the nearest that something has."""
    names = sorted(known)
    near = [meant] if meant in names else get_close_matches(name, names, n=1)
    said = f"there is no such {what}" if ours else f"there is no {what} {name}"
    if near:
        return f"{said}; did you mean {near[0]}?"
    return f"{said}." if ours else f"{said}; known: {', '.join(names) or 'none'}."


def _listed(file: Json, key: str) -> list[Mapping[str, Json]]:
    found = file.get(key) if isinstance(file, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
