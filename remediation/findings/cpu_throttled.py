"""A container is held back by its CPU limit: by the share of periods that metrics show, by its use, or only as an alert says."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.finding import Container, found, living_containers
from remediation.findings.past import Past
from remediation.findings.throttling import THROTTLING, alerts, is_share, share_told, shares_of, throttling_of, use_of, use_told
from remediation.graph import workloads
from remediation.observed import Object, Observed
from remediation.terms import Finding, Json, Series, Target
from remediation.workloads import containers

_TELLING = 0.25  # below a quarter of the periods nobody waits long
_AT_LIMIT = 0.95  # of the limit in use, where only use is known
_EASY = 0.5  # of the limit in use: whatever an alert says, it holds nobody back
_FIGURE = re.compile(
    r"(?P<share>\d{1,3}(?:\.\d{1,9})?)\s?% (?:CPU )?throttl|throttl[^%\n]{0,80}?(?P<of>\d{1,3}(?:\.\d{1,9})?)\s?%", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class CpuThrottled:
    """How it is known, and what the container has.

    cause: measured; at_limit: its use is as high as its limit; alerted, said: an alert says so, with a figure or without, and nothing else.
    cpu_limit, cpu_request: quantities as the container has them, empty where it has none.
    throttled: the share of periods, 0–1; None where nothing tells it.
    """

    container: str
    cause: str
    cpu_limit: str
    cpu_request: str
    throttled: float | None


def cpu_throttled(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each container with a CPU limit that is throttled in at least a quarter of its periods, or was until lately."""
    limited: dict[str, list[Container]] = {}
    for container in living_containers(observed):
        if container.resource("limits", "cpu"):
            limited.setdefault(container.subject, []).append(container)
    told = [finding for each in limited.values() for finding in _of_container(each, observed, target)]
    yield from told
    if not any(finding.kind == "cpu_throttled" for finding in told):
        yield from _by_series_alone(observed)
        yield from _of_workloads(observed)


def _of_container(each: Sequence[Container], observed: Observed, target: Target) -> Iterator[Finding]:
    """What is measured goes before what is used, and both before what an alert says."""
    measured, used = throttling_of(each, observed), use_of(each, observed)
    share, item = _said(each[0], observed, target)
    if measured is not None:
        if measured.now >= _TELLING:
            yield _throttled(each[0], observed, "measured", measured.now, measured.items)
        elif measured.most >= _TELLING:
            yield _over(each[0], observed, measured.most, measured.now, measured.items)
    elif used is not None and used[0] >= _AT_LIMIT:
        yield _throttled(each[0], observed, "at_limit", share, (*used[1], *item))
    elif item and (used is None or used[0] >= _EASY):
        yield _throttled(each[0], observed, "said" if share is None else "alerted", share, item)


def _throttled(container: Container, observed: Observed, cause: str, share: float | None, items: Sequence[str]) -> Finding:
    limit, request = container.resource("limits", "cpu"), container.resource("requests", "cpu")
    figure = None if share is None else round(share, 3)
    facts = CpuThrottled(container=container.name, cause=cause, cpu_limit=limit, cpu_request=request, throttled=figure)
    named = f" of {container.workload.name}" if container.workload.name != container.name else ""
    how = "" if share is None else f" in {share:.0%} of its periods"
    why = {"measured": "", "at_limit": ": it uses as much as it may"}.get(cause, ", as an alert says and no metric shows")
    text = f"container {container.name}{named} is throttled{how}{why}; its CPU limit is {limit}"
    return found("cpu_throttled", container.subject, facts, text, (*items, *observed.cites(container.pod)))


def _over(container: Container, observed: Observed, most: float, now: float, items: tuple[str, ...]) -> Finding:
    how = f"it is throttled in {now:.0%} of its periods now"
    text = f"container {container.name} was throttled in {most:.0%} of its periods, which is over: {how}"
    cites = (*items, *observed.cites(container.pod))
    return found("not_broken", container.subject, Past(cause="past", was="cpu_throttled", now=how), text, cites)


def _said(container: Container, observed: Observed, target: Target) -> tuple[float | None, tuple[str, ...]]:
    """The share that an alert of the target names, and its item: about the container that it names, else any with a limit."""
    whose = container.workload
    if (whose.kind, whose.namespace, whose.name) != (target.object_kind, target.namespace, target.name):
        return None, ()
    names = [str(c.get("name")) for c in (container.pod.get("spec") or {}).get("containers") or ()]
    for item in observed.evidence:
        text = f"{item.title}\n{item.text}"
        if item.kind == "alert" and THROTTLING.search(text) and (container.name in item.text or not any(n in item.text for n in names)):
            figure = _FIGURE.search(text)
            return (float(figure["share"] or figure["of"]) / 100 if figure else None), (item.item,)
    return None, ()


def _by_series_alone(observed: Observed) -> Iterator[Finding]:
    """Shares of a container that no item shows, without the words of their query, where an alert says what they are shares of."""
    shown = {c.name for c in living_containers(observed) if c.resource("limits", "cpu")}
    alerted = alerts(observed)
    for item, series in sorted(observed.series(), key=lambda told: -max((value for _, value in told[1].points), default=0.0)):
        name, pod = (series.labels.get(label, "") for label in ("container", "pod"))
        if not name or not pod or name in shown or not series.points or not is_share(series, alerted=alerted):
            continue
        share = shares_of(series)[-1]
        if _TELLING <= share <= 1:
            yield _unseen(series, share, item, observed)
            return


def _of_workloads(observed: Observed) -> Iterator[Finding]:
    """Of workloads with one container, of which no pod is shown and metrics name only the workload."""
    for thing in workloads(observed):
        root, (alone, *others) = observed.root(thing), [c for _, c in containers(thing)] or [{}]
        limit, request = (str((((alone.get("resources") or {}).get(side)) or {}).get("cpu") or "") for side in ("limits", "requests"))
        if others or not limit or observed.pods_of(root):
            continue
        share, used = share_told(root, observed), use_told(root, limit, observed)
        if share[0] < _TELLING if share else used is None or used[0] < _AT_LIMIT:
            continue
        items = (*(share[1] if share else ()), *(used[1] if used else ()))
        figure = round(share[0], 3) if share else None
        name = str(alone.get("name"))
        facts = CpuThrottled(
            container=name, cause="measured" if share else "at_limit", cpu_limit=limit, cpu_request=request, throttled=figure
        )
        how = f" in {figure:.0%} of its periods" if figure is not None else ": it uses as much as it may"
        text = f"container {name} of {root.name} is throttled{how}; its CPU limit is {limit}"
        yield found("cpu_throttled", f"{root}/{name}", facts, text, tuple(dict.fromkeys((*items, *observed.cites(thing)))))


def _unseen(series: Series, share: float, item: str, observed: Observed) -> Finding:
    """Of a container whose pod is not shown."""
    name, namespace, pod = (series.labels.get(label, "") for label in ("container", "namespace", "pod"))
    root = observed.root_of(("Pod", namespace, pod))
    thing = observed.get(root.kind, root.namespace, root.name)
    resources = _resources(thing, name)
    limit, request = (str((resources.get(side) or {}).get("cpu") or "") for side in ("limits", "requests"))
    facts = CpuThrottled(container=name, cause="measured", cpu_limit=limit, cpu_request=request, throttled=round(share, 3))
    text = f"container {name} of pod {pod} is throttled in {share:.0%} of its periods: its CPU limit ({limit or 'not shown'}) is too low"
    told = [i.item for i in observed.evidence if i.kind == "alert" and THROTTLING.search(f"{i.title}\n{i.text}")]
    cites = (item, *told[:1], *(observed.cites(thing) if thing else ()))
    return found("cpu_throttled", f"{root}/{name}", facts, text, tuple(dict.fromkeys(cites)))


def _resources(thing: Object | None, name: str) -> Mapping[str, Mapping[str, Json]]:
    """Of a workload's container."""
    return next((c.get("resources") or {} for _, c in containers(thing or {}) if c.get("name") == name), {})
