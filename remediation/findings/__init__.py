"""What the evidence says for certain: pure functions, one concern a file, listed here. Their kinds and facts stand in docs/findings.md."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from remediation.findings.cpu_throttled import cpu_throttled
from remediation.findings.image_pull_failed import image_pull_failed
from remediation.findings.oom_killed import oom_killed
from remediation.observed import Observed
from remediation.terms import Evidence, Finding, Target

Finder = Callable[[Observed, Target], Iterable[Finding]]

FINDERS: Sequence[Finder] = (  # the most telling first
    image_pull_failed,
    oom_killed,
    cpu_throttled,
)


def find(evidence: Sequence[Evidence], target: Target) -> tuple[Finding, ...]:
    """All findings as F1, F2, …: of the target itself first, then as telling as FINDERS says."""
    observed = Observed(evidence)
    findings = [finding for finder in FINDERS for finding in finder(observed, target)]
    ordered = sorted(findings, key=lambda finding: not _is_of(finding, target))
    return tuple(replace(finding, finding_id=f"F{index}") for index, finding in enumerate(ordered, start=1))


def _is_of(finding: Finding, target: Target) -> bool:
    return finding.subject.split("/")[:3] == [target.object_kind, target.namespace, target.name]
