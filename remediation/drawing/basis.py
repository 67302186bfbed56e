"""What a value is drawn from: a finding, the live object that would be changed, and the evidence around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from remediation.errors import Refused
from remediation.observed import Observed
from remediation.terms import Finding, Json
from remediation.workloads import containers


@dataclass(frozen=True, kw_only=True)
class Basis:
    """live: the object that the remedy changes.  taken: the parameters that were drawn before, in the schema's order."""

    finding: Finding
    live: Mapping[str, Json]
    observed: Observed
    taken: Mapping[str, Json] = field(default_factory=dict)

    def fact(self, name: str) -> str:
        """A fact of the finding as text; empty where it has none."""
        value = self.finding.facts.get(name)
        return "" if value is None else str(value)

    @property
    def namespace(self) -> str:
        """Where the live object stands."""
        return str((self.live.get("metadata") or {}).get("namespace") or "")

    @property
    def container(self) -> Mapping[str, Json]:
        """The live container that the plan or the finding names, the only one where neither does; empty where that is not certain."""
        named = self.taken.get("container") or self.fact("container")
        found = [each for where, each in containers(self.live) if (each.get("name") == named if named else where == "containers")]
        return found[0] if len(found) == 1 else {}

    def refused(self, why: str, what_to_do: str) -> Refused:
        """The finding with the reason why no value can be drawn for it."""
        return Refused(f"{self.finding.text}. {why}", what_to_do, kind="no_evidence")


Source = Callable[[Basis], Json]
"""Draws one value; None where the evidence gives none. Raises Refused where it speaks against the remedy."""
