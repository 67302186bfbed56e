"""Where a rollout waits by its own word: at a step of its strategy, or because somebody paused it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from remediation.observed import Object
from remediation.terms import Json

_RUNS = ("Pending", "Running")
_ANALYSES = (  # that a strategy waits for: where its status tells of them
    ("canary", "currentStepAnalysisRunStatus"),
    ("blueGreen", "prePromotionAnalysisRunStatus"),
    ("blueGreen", "postPromotionAnalysisRunStatus"),
)


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A rollout that waits. where: as a clause. command: by which a person lets it go on; empty where it goes on by itself."""

    where: str
    command: str = ""

    def said_of(self, kind: str, name: str) -> str:
        """Where it waits and what a person must do, as sentences."""
        promote = f" Look at its new pods, then promote it: {self.command}" if self.command else ""
        return f"{kind} {name} {self.where}.{promote}"


def pause_of(live: Object) -> Pause | None:
    """Where a Rollout or a Deployment waits until somebody, or its own clock, lets it go on; None for one that does not."""
    spec, status, metadata = live.get("spec") or {}, live.get("status") or {}, live.get("metadata") or {}
    name, namespace, rolls = metadata.get("name", ""), metadata.get("namespace") or "default", live.get("kind") == "Rollout"
    promote = f"kubectl argo rollouts promote {name} -n {namespace}"
    if spec.get("paused"):
        return Pause(where="is paused", command=promote if rolls else f"kubectl rollout resume deployment/{name} -n {namespace}")
    if not rolls:
        return None
    reasons = [str(each.get("reason", "")) for each in status.get("pauseConditions") or () if isinstance(each, Mapping)]
    if reasons or status.get("phase") == "Paused":
        asked = "InconclusiveAnalysisRun" in reasons or not _goes_on_by_itself(spec.get("strategy") or {}, status)
        return Pause(where=_place(spec, status), command=promote if asked else "")
    if any((((status.get(strategy) or {}).get(run) or {}).get("status")) in _RUNS for strategy, run in _ANALYSES):
        return Pause(where="waits for the analysis of its new version")
    return Pause(where="waits for an experiment with its new version") if (status.get("canary") or {}).get("currentExperiment") else None


def _goes_on_by_itself(strategy: Mapping[str, Json], status: Mapping[str, Json]) -> bool:
    """Whether the pause ends after a time that the strategy names."""
    blue_green = strategy.get("blueGreen") or {}
    return bool((_step(strategy, status).get("pause") or {}).get("duration") or blue_green.get("autoPromotionSeconds"))


def _place(spec: Mapping[str, Json], status: Mapping[str, Json]) -> str:
    strategy = spec.get("strategy") or {}
    steps = (strategy.get("canary") or {}).get("steps") or ()
    if steps:
        return f"is paused at step {int(status.get('currentStepIndex') or 0) + 1} of {len(steps)}"
    return "is paused before its new pods take over" if "blueGreen" in strategy else "is paused"


def _step(strategy: Mapping[str, Json], status: Mapping[str, Json]) -> Mapping[str, Json]:
    """The step of a canary at which it stands; empty where it names none."""
    steps, at = (strategy.get("canary") or {}).get("steps") or (), int(status.get("currentStepIndex") or 0)
    return steps[at] if at < len(steps) and isinstance(steps[at], Mapping) else {}
