"""What is only the consequence of something else that was found, and how much less it counts as the cause."""

import re
from collections.abc import Callable, Sequence

from remediation.mending import mend_of
from remediation.observed import Place
from remediation.terms import Finding

_UNMADE = 40.0  # of what is missing, where what should make it says why it does not
_EXPLAINED = 25.0
_SUFFERS = ("application", "refused", "timeout", "unknown")  # causes of a failing probe
_OF_GPUS = re.compile(r"device-plugin|nvidia|gpu-operator")
_SAYS_LITTLE = 50  # depth below which a finding only says that something is wrong


def consequences(findings: Sequence[Finding]) -> Callable[[Finding], float]:
    """How much less each of these findings counts, for others of them explain it."""
    blamed = {
        place_of_finding(f) for f in findings if "aside" in f.facts and not f.facts["over"] and not f.facts["aside"] and not says_little(f)
    }
    unmade = {str(f.facts["victim"]) for f in findings if f.kind == "resource_not_ready" and f.facts["victim"]}
    slowed = {f.subject for f in findings if f.kind == "cpu_throttled"}
    telling = {f.subject for f in findings if f.kind != "job_failed" and not f.facts.get("over")}
    without_gpus = any(map(serves_gpus, findings))

    def less(finding: Finding) -> float:
        cause = finding.facts.get("cause")
        match finding.kind:
            case "unschedulable" if "gpu" in str(finding.facts.get("resource")):
                return _EXPLAINED if without_gpus else 0.0
            case "reference_missing":
                return _UNMADE if finding.subject in unmade else 0.0
            case "sync_failed" if cause == "hook":
                return _EXPLAINED if finding.facts["object"] in telling else 0.0
            case "probe_failing" if cause == "timeout" and finding.subject in slowed:
                return _EXPLAINED
            case "probe_failing" if cause in _SUFFERS:
                return _EXPLAINED if place_of_finding(finding) in blamed else 0.0
        return 0.0

    return less


def place_of_finding(finding: Finding) -> Place:
    """Where a finding shows: on its subject, or on the workload that suffers from it."""
    kind, namespace, name, *_ = (*str(finding.facts.get("victim") or finding.subject).split("/"), "", "")
    return kind, namespace, name


def serves_gpus(finding: Finding) -> bool:
    """Whether a finding is on what gives nodes their GPUs."""
    return finding.kind in ("gpu_unavailable", "container_crashing") and _OF_GPUS.search(finding.subject) is not None


def says_little(finding: Finding) -> bool:
    """Whether a finding only says that something is wrong, not what."""
    return mend_of(finding).depth < _SAYS_LITTLE
