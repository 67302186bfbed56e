"""A fault that somebody injects on purpose: an experiment of Chaos Mesh or Litmus that runs, a delay or abort in a route of Istio."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.graph import labels_of, root_place, selects, workloads
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Json, Target

_OVER = ("stop", "stopped", "completed", "completed_with_error", "aborted", "finished", "paused", "stopping")
_TOLD = (
    "action",
    "delay",
    "loss",
    "corrupt",
    "duplicate",
    "bandwidth",
    "stressors",
    "errno",
    "patterns",
    "timeOffset",
    "percent",
    "value",
    "abort",
    "latency",
    "experiments",
    "experiment",
    "direction",
    "duration",
)  # fmt: skip - the fields of a specification that say what is done
_MOST = 300


@dataclass(frozen=True, kw_only=True)
class FaultInjected:
    """cause: experiment, route, flag.  how: what is done, in the words of its specification.

    victim: a workload that it is done to, or empty.
    reported: whether its status says that it runs, not only its specification.
    """

    cause: str
    how: str
    victim: str
    reported: bool


def fault_injected(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each experiment that is not over, and for each VirtualService with a fault in a route."""
    for thing in observed.customs():
        group = str(thing.get("apiVersion") or "").partition("/")[0]
        spec = thing.get("spec") or {}
        if group in ("chaos-mesh.org", "litmuschaos.io") and _is_experiment(thing) and not _is_over(thing):
            yield _finding(thing, "experiment", _said({key: spec[key] for key in _TOLD if key in spec}), observed)
        elif group == "networking.istio.io" and (faults := _faults(spec)):
            yield _finding(thing, "route", _said(faults[0]), observed)


def _is_experiment(thing: Object) -> bool:
    kind = str(thing.get("kind")).partition(".")[0]
    return kind.endswith("Chaos") or kind in ("ChaosEngine", "ChaosResult")


def _is_over(thing: Object) -> bool:
    """Whether nothing is injected any more: it has recovered, was stopped, or is paused."""
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    conditions = {c.get("type"): c.get("status") for c in status.get("conditions") or () if isinstance(c, Mapping)}
    phases = (
        str((status.get("experiment") or {}).get("desiredPhase")),
        str(status.get("engineStatus")),
        str(spec.get("engineState")),
        *(str(one.get("phase")) for one in _results(status)),
    )
    paused = ((thing.get("metadata") or {}).get("annotations") or {}).get("experiment.chaos-mesh.org/pause") == "true"
    recovered = conditions.get("AllRecovered") == "True" and conditions.get("AllInjected") != "True"
    return paused or recovered or any(phase.lower() in _OVER for phase in phases)


def _results(status: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
    """What a ChaosResult says of its run; a list of one where it was described."""
    told = status.get("experimentStatus") or status.get("experimentstatus") or ()
    return [one for one in (told if isinstance(told, list) else [told]) if isinstance(one, Mapping)]


def _faults(spec: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
    return [route["fault"] for route in spec.get("http") or () if isinstance(route, Mapping) and isinstance(route.get("fault"), Mapping)]


def _said(value: Json) -> str:
    """A piece of a specification in words: `action delay, delay latency 3000ms`."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_said(inner)}" for key, inner in value.items())[:_MOST]
    if isinstance(value, list):
        return " and ".join(_said(inner) for inner in value)[:_MOST]
    return str(value)


def _finding(thing: Object, cause: str, how: str, observed: Observed) -> Finding:
    kind, namespace, name = place_of(thing)
    kind = kind.partition(".")[0]
    reached = _reached(thing, observed)
    victim = "/".join(root_place(reached[0], observed)) if reached else ""
    facts = FaultInjected(cause=cause, how=how, victim=victim, reported=bool(thing.get("status")) or cause == "route")
    named = victim.rpartition("/")[2] or _named_victim(thing)
    whom = f" into {named}" if named else ""
    text = f"{kind} {name} in {namespace} injects a fault{whom} on purpose (chaos experiment): {how}"
    if cause == "route":
        text = f"{kind} {name} in {namespace} injects a fault{whom} on purpose into a route: {how}"
    return found("fault_injected", f"{kind}/{namespace}/{name}", facts, text, observed.cites(thing, *reached[:1]))


def _reached(thing: Object, observed: Observed) -> Sequence[Object]:
    """The workloads that it is done to: those that its labels select, or of the name that its hosts say."""
    spec, (_, namespace, _) = thing.get("spec") or {}, place_of(thing)
    selector = spec.get("selector") if isinstance(spec.get("selector"), Mapping) else {}
    labels = (selector or {}).get("labelSelectors") or dict([_pair(spec)])
    where = (selector or {}).get("namespaces") or [(spec.get("appinfo") or {}).get("appns") or namespace]
    hosts = [str(host).partition(".")[0] for host in spec.get("hosts") or () if isinstance(host, str)]
    every = [w for w in workloads(observed) if place_of(w)[1] in where]
    labels = {key: value for key, value in labels.items() if key}
    return [w for w in every if (labels and selects(labels, labels_of(w))) or place_of(w)[2] in hosts]


def _named_victim(thing: Object) -> str:
    """Whom it says that it is done to, of which nothing is shown: the value of its labels, else the first pod of its records."""
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    selector = spec.get("selector") if isinstance(spec.get("selector"), Mapping) else {}
    labels = (selector or {}).get("labelSelectors")
    records = (status.get("experiment") or {}).get("containerRecords") or ()
    pods = (str(record.get("id") or "").split("/")[1:2] for record in records if isinstance(record, Mapping))
    chosen = ", ".join(map(str, labels.values())) if isinstance(labels, Mapping) else ""
    return chosen or next((pod[0] for pod in pods if pod), "")


def _pair(spec: Mapping[str, Json]) -> tuple[str, str]:
    """The label of Litmus' `appinfo.applabel`, `app=web`."""
    key, _, value = str((spec.get("appinfo") or {}).get("applabel") or "").partition("=")
    return key, value
