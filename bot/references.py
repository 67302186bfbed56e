"""What settings refer to must be there: addresses of systems, files, contexts, remedies, environments, and the variables' own names.

A reference into the void is found at the start, by name, and not in the middle of an incident.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from bot.own_files import catalogue_of, policy_of
from bot.settings import Settings, SettingsError, variables
from remediation.policy import Policy
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
    yield from _misspelt(os.environ)
    yield from _kubeconfig(settings)
    if settings.clusters:
        names = enumerate(settings.gitops)
        strange = ((n, place.cluster) for n, place in names if place.cluster and place.cluster not in settings.clusters)
        yield from (f"GITOPS.{n}.cluster: {_unknown('cluster', name, settings.clusters)}" for n, name in strange)
    if settings.suture_policy:
        yield from _policy(settings, policy_of(settings))


def unknown(environment: Mapping[str, str]) -> list[str]:
    """Variables that begin like ours and are none of ours, nor like any: said, and left to whoever set them."""
    return [f"{name} is no setting of Suture; nothing reads it." for name, near in _strangers(environment) if not near]


def _misspelt(environment: Mapping[str, str]) -> Iterator[str]:
    """A misspelt name must not be a silent default."""
    return (f"{name}: there is no such setting; did you mean {near}?" for name, near in _strangers(environment) if near)


def _strangers(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each variable that is named like ours and is none, and the one that is nearest, empty when none is near."""
    known = [name.removeprefix(_OURS) for name in variables() if name.startswith(_OURS)]
    for name in sorted(environment):
        if name.startswith(_OURS) and name not in variables() and not _is_of_a_service(name, environment[name]):
            near = get_close_matches(name.removeprefix(_OURS), known, n=1)
            yield name, f"{_OURS}{near[0]}" if near else ""


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
    known = [remedy.name for remedy in catalogue_of(settings)]
    for environment, allowed in policy.remedies.items():
        for remedy in allowed if allowed != "all" else ():
            if remedy not in known:
                yield f"SUTURE_POLICY: remedies.{environment}: {_unknown('remedy', remedy, known)}"


def _unknown(what: str, name: str, known: Iterable[str], *, meant: str = "") -> str:
    """What to say of a name that nothing has, with the nearest that something has."""
    names = sorted(known)
    near = [meant] if meant in names else get_close_matches(name, names, n=1)
    meaning = f"did you mean {near[0]}?" if near else f"known: {', '.join(names) or 'none'}."
    return f"there is no {what} {name}; {meaning}"


def _listed(file: Json, key: str) -> list[Mapping[str, Json]]:
    found = file.get(key) if isinstance(file, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
