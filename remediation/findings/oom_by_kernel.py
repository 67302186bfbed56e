"""A kill for memory that only a node's kernel tells of: of a process that went beyond its container's own limit."""

import re
from collections.abc import Iterator

from remediation.findings.finding import found
from remediation.findings.oom_killed import OomKilled
from remediation.needed import may_match
from remediation.observed import Object, Observed, container_statuses
from remediation.reading.merging import UNNAMED
from remediation.terms import Finding, ObjectRef, Target
from remediation.workloads import containers

_OF_A_LIMIT = re.compile(r"Memory cgroup out of memory|oom-kill:constraint=CONSTRAINT_MEMCG")
_KILLED = re.compile(r"Kill(?:ed)? process \d+ \((?P<name>[^)\n]{1,64})\)(?P<rest>[^\n]{0,200})")
_BEFORE = 2000  # characters before a kill, in which the kernel names its control group
_LONGEST = 15  # characters of a process' name that the kernel keeps


def oom_by_kernel(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding at most, of the pod, the control group or the process that the kernel names, where no pod says itself that it was so."""
    if any("OOMKilled" in item.text for item in observed.evidence):
        return
    for item in observed.evidence:
        if item.kind == "alert" or not may_match(_OF_A_LIMIT, item.text) or not _OF_A_LIMIT.search(item.text):
            continue
        kills = sorted(_KILLED.finditer(item.text), key=lambda kill: "anon-rss" not in kill["rest"])
        known = ((kill, whose) for kill in kills if (whose := _whose(kill, observed, target)))
        match, subject = next(known, (next(iter(kills), None), f"Pod//{UNNAMED}"))
        if match is not None:
            facts = OomKilled(container="", init=False, cause="limit", node="", memory_limit="", memory_request="", exit_code=137,
                              restarts=0, pods=1, last_at="", peak_bytes=None)  # fmt: skip
            said = match[0].strip()
            text = f'process {match["name"]} was killed by its node\'s kernel, for it reached the memory limit of its container: "{said}"'
            yield found("oom_killed", subject, facts, text, (item.item,))
            return


def _whose(kill: re.Match[str], observed: Observed, target: Target) -> str:
    """The workload of the pod that the kernel's lines name, else the symptom's where the process is called as it; empty for neither."""
    around = kill.string[max(0, kill.start() - _BEFORE) : kill.end()]
    pod = next((pod for pod in observed.all("Pod") if any(mark in around for mark in _marks(pod))), None)
    if pod is not None:
        return str(observed.root(pod))
    asked = ObjectRef(group="", kind=target.object_kind, namespace=target.namespace, name=target.name)
    thing = observed.get(asked.kind, asked.namespace, asked.name) or next(iter(observed.pods_of(asked)), None)
    names = {asked.name, *(str(each.get("name")) for _, each in containers(thing or {})), *map(_program, containers(thing or {}))}
    return str(asked) if target.name and any(_is_called(kill["name"], name) for name in names) else ""


def _marks(pod: Object) -> Iterator[str]:
    """How the kernel's lines name a pod: its uid, as control groups write it, or a container's id."""
    if uid := str((pod.get("metadata") or {}).get("uid") or ""):
        yield from (uid, uid.replace("-", "_"))
    for status in container_statuses(pod):
        if known := str(status.get("containerID") or "").rpartition("/")[2]:
            yield known


def _program(container: tuple[str, Object]) -> str:
    """What a container runs, by the last part of its command, else of its image."""
    command = container[1].get("command") or ()
    return str(command[0] if command else container[1].get("image") or "").rpartition("/")[2].partition(":")[0].partition("@")[0]


def _is_called(process: str, name: str) -> bool:
    """Whether a process bears a name, or the part of it between two dashes; the kernel cuts names."""
    return bool(name) and any(part[:_LONGEST] == process for part in (name, *name.split("-")))
