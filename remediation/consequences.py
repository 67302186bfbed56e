"""What is only the consequence of something else that was found, and how much less it counts as the cause."""

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from remediation.mending import mend_of
from remediation.observed import Place
from remediation.terms import Finding

OUTWARD = ("dependency_unreachable", "dns_failure", "slow_dependency", "too_many_connections", "peer_lost", "protocol_wrong", "read_only",
           "database_locked")  # fmt: skip
_CUT_OFF = ("dependency_unreachable", "dns_failure", "too_many_connections", "wrong_credentials", "database_missing")
_UNMADE = 40.0  # of what is missing, where what should make it says why it does not
_EXPLAINED = 30.0
_SUFFERS = ("application", "sealed", "refused", "timeout", "unknown")  # causes of a failing probe
_FULL = ("disk_full", "volume_full", "read_only_filesystem")
_OF_GPUS = re.compile(r"device-plugin|nvidia|gpu-operator")
_NO_NAME = re.compile(r"NXDOMAIN|no such host|not known|ENOTFOUND|[Nn]on-existent domain")
_OF_NODES = re.compile(
    r"Unable to authenticate the request|kubelet|v1\.Node\b|node_status"
)  # the lines of those who could not say how a node is
_SAYS_LITTLE = 50  # depth below which a finding only says that something is wrong


def consequences(
    findings: Sequence[Finding], behind: Mapping[int, AbstractSet[Place]], below: Mapping[int, AbstractSet[Place]]
) -> Callable[[Finding], float]:
    """How much less each of these findings counts, for others of them explain it.

    behind: by the id() of a finding, whom it points at and what those stand on.  below: what an application stands on that answers badly.
    """
    known = _Known.of(findings, behind, below)
    unmade = {str(f.facts["victim"]) for f in findings if f.kind == "resource_not_ready" and f.facts["victim"]}

    def less(finding: Finding) -> float:
        if finding.kind == "reference_missing" and finding.subject in unmade:
            return _UNMADE
        return _EXPLAINED if known.explains(finding) else 0.0

    return less


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What all findings together say. behind, below: as `consequences` has them; partners: all of them.

    at_fault, blamed, full: where something fails by itself, a cause stands, a disk is full.  slowed, telling, cut_off: subjects.
    said_by_parts: of the cluster.
    """

    behind: Mapping[int, AbstractSet[Place]]
    below: Mapping[int, AbstractSet[Place]]
    partners: AbstractSet[Place]
    at_fault: AbstractSet[Place]
    blamed: AbstractSet[Place]
    slowed: AbstractSet[str]
    overloaded: AbstractSet[Place]
    telling: AbstractSet[str]
    cut_off: AbstractSet[str]
    without_gpus: bool
    full: AbstractSet[Place]
    packets_dropped: bool
    uncertified: bool
    said_by_parts: Sequence[str]

    @classmethod
    def of(cls, findings: Sequence[Finding], behind: Mapping[int, AbstractSet[Place]], below: Mapping[int, AbstractSet[Place]]) -> "_Known":
        """Read off once."""
        causes = [f for f in findings if "aside" in f.facts and not f.facts["over"] and not f.facts["aside"] and not says_little(f)]
        return cls(
            behind=behind,
            below=below,
            partners=set().union(*behind.values()),
            at_fault={place_of_finding(f) for f in findings if _of_its_own(f)},
            blamed={place_of_finding(f) for f in causes},
            slowed={f.subject for f in findings if f.kind == "cpu_throttled"},
            overloaded={place_of_finding(f) for f in findings if f.kind == "node_trouble" and f.facts["cause"] == "overloaded"},
            telling={f.subject for f in findings if f.kind != "job_failed" and not f.facts.get("over")},
            cut_off={f.subject for f in findings if f.kind in _CUT_OFF and not f.facts.get("over") and not f.facts.get("aside")},
            without_gpus=any(map(serves_gpus, findings)),
            uncertified=any(f.kind == "certificate_expired" and _OF_NODES.search(str(f.facts["said"])) for f in findings),
            packets_dropped=any(f.kind == "node_trouble" and f.facts["cause"] == "packets_dropped" for f in findings),
            full={place_of_finding(f) for f in findings if f.kind in _FULL and not f.facts.get("over")},
            said_by_parts=[str(f.facts["said"]) for f in findings if f.kind == "component_down" and f.facts.get("said")],
        )

    def explains(self, finding: Finding) -> bool:
        """Whether a finding is the consequence of others."""
        cause, place = finding.facts.get("cause"), place_of_finding(finding)
        if not finding.subject.strip("/") and any(said in str(finding.facts.get("said")) for said in self.said_by_parts):
            return True  # the log of nobody known is that of a part of the cluster which is down
        explained = False
        match finding.kind:
            case "dns_failure" | "dependency_unreachable" | "slow_dependency" | "read_only" | "node_trouble" if self._lacks_ground(finding):
                explained = True
            case "not_broken" if cause == "completed":
                explained = any(other[1] == place[1] and other != place for other in self.at_fault)
            case kind if kind in OUTWARD and (id(finding) in self.behind or place not in self.partners):
                explained = bool((self.behind.get(id(finding), self.partners) & self.at_fault) - {place})
            case "unschedulable" if "gpu" in str(finding.facts.get("resource")):
                explained = self.without_gpus
            case "migration_failed":
                explained = finding.subject in self.cut_off
            case "sync_failed":
                explained = cause == "hook" and finding.facts["object"] in self.telling
            case "probe_failing" if self.below.get(id(finding), set()) & self.at_fault:
                explained = True
            case "probe_failing" if cause in _SUFFERS:
                explained = place in self.blamed or (cause == "timeout" and (finding.subject in self.slowed or place in self.overloaded))
        return explained

    def _lacks_ground(self, finding: Finding) -> bool:
        """Whether what such a failure stands on was found to fail: a disk, a certificate of the nodes, or their network."""
        if finding.kind == "node_trouble":
            return self.uncertified and finding.facts.get("cause") == "not_ready"
        if finding.kind == "read_only":
            return self._writes_to_full(finding)
        return self.packets_dropped and _NO_NAME.search(str(finding.facts.get("said"))) is None  # which is an answer

    def _writes_to_full(self, finding: Finding) -> bool:
        """Whether a disk is full of what a finding points at, or beside it: what nothing places may be anywhere."""
        namespace = place_of_finding(finding)[1]
        return bool(self.full & self.behind.get(id(finding), set())) or any(namespace in ("", full[1]) or not full[1] for full in self.full)


def _of_its_own(finding: Finding) -> bool:
    """Whether a finding tells of a failure that lies with its subject."""
    return (
        finding.kind not in OUTWARD
        and (not says_little(finding) or finding.kind == "container_crashing" or bool(finding.facts.get("crashing")))
        and not finding.facts.get("over")
        and mend_of(finding).fix_kind != "none"
    )


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
