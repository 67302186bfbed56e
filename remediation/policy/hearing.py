"""What is before the judge: a rehearsed act, the incident that it is for, and the setting. A rule reads it and answers with a ruling."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from remediation.entries import Incident
from remediation.policy.setting import Setting
from remediation.remedy import Remedy
from remediation.terms import Act, Finding, Gate, Json, Plan, Rehearsal, Ruling


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """One question to policy. What is judged is the rehearsal, not the plan's words."""

    rehearsal: Rehearsal
    incident: Incident
    plan: Plan
    setting: Setting

    @property
    def act(self) -> Act:
        """What would be done."""
        return self.rehearsal.act

    @property
    def remedy(self) -> Remedy:
        """The catalogue's entry."""
        return self.setting.catalogue[self.act.remedy]

    @property
    def reverts(self) -> bool:
        """Whether it takes an earlier act back; that is never held to the bounds of a fix, and always needs a person."""
        return bool(self.act.undoes)

    @property
    def environment(self) -> str:
        """The word that policy.yaml keys by: production, a name that it knows, or other."""
        standing = self.incident.standing
        if standing.production:
            return "production"
        return standing.environment if standing.environment in self.setting.policy.gates else "other"

    @property
    def configured_gate(self) -> Gate:
        """What policy.yaml asks for this level here."""
        return self.setting.policy.gates[self.environment].of(self.act.level)

    @property
    def grounds(self) -> tuple[Finding, ...]:
        """The findings on this object, and this container, that the remedy requires."""
        container = str(self.act.parameters.get("container", ""))
        return self.remedy.grounds(self.incident.findings, self.act.object, container)

    def surrounding(self, kind: str) -> Sequence[Mapping[str, Json]]:
        """The ResourceQuotas, LimitRanges or HorizontalPodAutoscalers of the namespace."""
        return [thing for thing in self.rehearsal.surroundings if thing.get("kind") == kind]


Rule = Callable[[Hearing], Ruling]
