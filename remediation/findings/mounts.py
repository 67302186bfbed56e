"""What is mounted where in a pod: the claim on which a path lies, and how full `df` and metrics show claims to be."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.graph import workloads
from remediation.observed import Object, Observed, place_of
from remediation.terms import Evidence, Series
from remediation.workloads import containers, pod_spec

_PATH = re.compile(r"(?<![\w:/.-])(?:file:)?(?P<path>/[\w.-]+(?:/[\w.-]+)*)")
_DF = re.compile(r"^(?P<device>\S+)\s+\S+\s+\S+\s+\S+\s+(?P<used>\d+)%\s+(?P<path>/\S*)\s*$", re.MULTILINE)
_EXEC = re.compile(r"exec\s+(?:-\S+\s+)*(?:-n\s+\S+\s+)?(?:pods?/|deploy\w*/|sts/)?(?P<pod>[a-z0-9][\w.-]*)")

_NAMESPACE = re.compile(r"(?:\s-n|--namespace)[ =]([a-z0-9][\w-]*)")


def path_in(text: str) -> str:
    """The first path that a line names, empty where it names none."""
    match = _PATH.search(text)
    return match["path"] if match else ""


def claims_of(thing: Object, member: str = "") -> Mapping[str, str]:
    """The claims of a pod or workload by the name of the volume; those made from templates are of this member, else of the first."""
    spec, name = thing.get("spec") or {}, place_of(thing)[2]
    made = [str((template.get("metadata") or {}).get("name")) for template in spec.get("volumeClaimTemplates") or ()]
    named = {
        str(volume.get("name")): str(volume["persistentVolumeClaim"].get("claimName"))
        for volume in pod_spec(thing).get("volumes") or ()
        if volume.get("persistentVolumeClaim")
    }
    return {**{template: f"{template}-{member or f'{name}-0'}" for template in made}, **named}


def claim_at(thing: Object, path: str, member: str = "") -> str | None:
    """The claim on which a path lies; empty where it lies on another volume or the root file system, None where no mount is shown."""
    mounts = {str(m.get("mountPath")): str(m.get("name")) for _, each in containers(thing) for m in each.get("volumeMounts") or ()}
    if not mounts:
        return None
    over = [mounted for mounted in mounts if f"{path}/".startswith(f"{mounted.rstrip('/')}/")]
    return claims_of(thing, member).get(mounts[max(over, key=len)], "") if over else ""


def holder(thing: Object, member: str, observed: Observed) -> Object:
    """What shows the volumes of a workload's member: its pod, else the workload."""
    pod = observed.get("Pod", place_of(thing)[1], member) if member else None
    return pod if pod is not None and pod_spec(pod).get("volumes") else thing


def file_systems(observed: Observed) -> Iterator[tuple[Evidence, re.Match[str], Object, str]]:
    """What `df`, run inside a pod, printed: the item, the row (device, used in %, path), the workload, and the pod's name."""
    for item in observed.evidence:
        for match in _DF.finditer(item.text) if "%" in item.text and "/" in item.text else ():
            member, namespace = _where(item, match.start())
            thing = _mounting(member, namespace, match["path"], observed)
            if thing is not None:
                yield item, match, thing, member


def has_room(namespace: str, claim: str, observed: Observed) -> bool:
    """Whether `df` or metrics show that the claim is not full."""
    rows = [
        int(row["used"]) / 100
        for _, row, thing, pod in file_systems(observed)
        if place_of(thing)[1] in ("", namespace) and _claim_of_row(row, thing, pod, observed) == claim
    ]
    measured = [fill.used for fill in fills(observed) if fill.measures(namespace, claim)]
    return max((*rows, *measured), default=1.0) < _FILLED


_FILLED = 0.9


@dataclass(frozen=True, kw_only=True)
class Fill:
    """How full a claim is by metrics. namespace: empty where the metric names none.  used: 0–1, of its bytes or inodes.

    left: of them, empty where only the share is measured.
    """

    namespace: str
    claim: str
    used: float
    left: str
    items: tuple[str, ...]

    def measures(self, namespace: str, claim: str) -> bool:
        """Whether it is this claim's."""
        return self.claim == claim and self.namespace in ("", namespace)


def fills(observed: Observed) -> Iterator[Fill]:
    """Each claim that metrics measure, by what is left and there is of bytes and of inodes, or by an expression that divides them."""
    have = {(series.metric, _claimed(series)): (item, series) for item, series in observed.series() if series.points}
    for (metric, (namespace, name)), (item, whole) in have.items():
        last = whole.points[-1][1]
        left = have.get((_LEFT_OF.get(metric, "-"), (namespace, name)))  # some have no name
        if left is not None and last:
            free, what = left[1].points[-1][1], "bytes" if metric.endswith("bytes") else "inodes"
            items = tuple(dict.fromkeys((item, left[0])))
            yield Fill(namespace=namespace, claim=name, used=1 - free / last, left=f"{free:.0f} {what}", items=items)
        elif name and (share := _SHARE.search(metric)):
            part = last / 100 if last > 1 else last
            yield Fill(namespace=namespace, claim=name, used=part if share["used"] else 1 - part, left="", items=(item,))


_LEFT_OF: Mapping[str, str] = {  # what is left, by the metric of the whole
    "kubelet_volume_stats_capacity_bytes": "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_inodes": "kubelet_volume_stats_inodes_free",
    "kubernetes.kubelet.volume.stats.capacity_bytes": "kubernetes.kubelet.volume.stats.available_bytes",
    "kubernetes.kubelet.volume.stats.inodes": "kubernetes.kubelet.volume.stats.inodes_free",
}
_SHARE = re.compile(
    r"volume_stats_(?:(?P<used>(?:inodes_)?used)|(?:inodes_free|available))[^/]{0,400}/[^/]{0,400}volume_stats_(?:capacity|inodes)"
)


def _claimed(series: Series) -> tuple[str, str]:
    return series.labels.get("namespace", ""), series.labels.get("persistentvolumeclaim", "")


def _claim_of_row(row: re.Match[str], thing: Object, pod: str, observed: Observed) -> str | None:
    return claim_at(holder(thing, pod, observed), row["path"], pod)


def _where(item: Evidence, at: int) -> tuple[str, str]:
    """The pod in which a command was run, and its namespace, as the last line with `exec` before it says."""
    before = [line for line in item.text[:at].splitlines() if " exec " in line] or [item.title]
    named, where = _EXEC.search(before[-1]), _NAMESPACE.search(before[-1])
    return (named["pod"] if named else ""), where[1] if where else ""


def _mounting(pod: str, namespace: str, path: str, observed: Observed) -> Object | None:
    """The workload of that pod, or the only one that mounts something there; the pod alone where nothing shows more of it."""
    here = [w for w in workloads(observed) if namespace in ("", place_of(w)[1])]
    named = [w for w in here if pod and (pod == place_of(w)[2] or _is_of(pod, w, observed))]
    others = bool(pod) and observed.root_of(("Pod", namespace, pod)).kind != "Pod"  # its name tells of a workload, which is not shown
    every = here if not others else []
    mounts = [w for w in every if any(m.get("mountPath") == path for _, c in containers(w) for m in c.get("volumeMounts") or ())]
    alone = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod, "namespace": namespace}} if pod else None
    return named[0] if named else mounts[0] if len(mounts) == 1 else alone


def _is_of(pod: str, workload: Object, observed: Observed) -> bool:
    return str(observed.root_of(("Pod", place_of(workload)[1], pod))) == str(observed.root(workload))
