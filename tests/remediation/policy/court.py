"""One incident that every rule is content with, and the means to change one thing of it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from remediation.entries import Incident
from remediation.gitops import fieldpath
from remediation.policy import Setting, load_policy
from remediation.policy.hearing import Hearing
from remediation.remedies import catalogue, render_act
from remediation.terms import Critique, DryRun, Evidence, Finding, History, Move, Plan, Rehearsal, Standing, Target

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
TARGET = Target(kind="workload", place="sandbox", path="shop-staging/Deployment/api")
STAGING = Standing(environment="staging", production=False, approvers=("U1",))
PRODUCTION = Standing(environment="production", production=True, approvers=("U1",))
CATALOGUE = catalogue()
ONCE = History(incidents_last_hour=1)


def deployment(replicas: int = 2, **spec: Any) -> dict[str, Any]:
    """The live workload: one container with a limit and a request, one beside it."""
    resources = {"limits": {"memory": "128Mi", "cpu": "500m"}, "requests": {"memory": "64Mi", "cpu": "100m"}}
    proxy = {"limits": {"memory": "64Mi", "cpu": "100m"}, "requests": {"memory": "64Mi", "cpu": "100m"}}
    containers = [{"name": "api", "image": "shop/api:2.0", "resources": resources}, {"name": "proxy", "image": "proxy:1", "resources": proxy}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api", "namespace": "shop-staging"},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": containers}}, **spec},
        "status": {"replicas": replicas},
    }


def finding(kind: str = "oom_killed", subject: str = "Deployment/shop-staging/api/api", **facts: Any) -> Finding:
    """What was found on the target."""
    return Finding(finding_id="F1", kind=kind, subject=subject, text="Container api was OOMKilled.", cites=("E2",), facts={"container": "api", "cause": "limit", **facts})


def critique(decision: Any = "APPROVED", **unmet: bool) -> Critique:
    """The critic's word on the plan."""
    checks = dict.fromkeys(("whitelist_valid", "diagnostic_justified", "no_collateral_risk", "action_coherent"), True) | unmet
    return Critique(plan_id="P1", cause="c", decision=decision, checks=checks, confidence=0.9, reason="because", by="rulebook")


def a_hearing(
    *,
    remedy: str = "raise_memory_limit",
    parameters: dict[str, Any] | None = None,
    live: dict[str, Any] | None = None,
    standing: Standing = STAGING,
    findings: tuple[Finding, ...] = (finding(),),
    critiques: tuple[Critique, ...] = (critique(),),
    evidence: tuple[Evidence, ...] = (),
    history: History = ONCE,
    now: datetime = NOON,
    policy: dict[str, Any] | None = None,
    act: dict[str, Any] | None = None,
    **rehearsed: Any,
) -> Hearing:
    """A hearing on raising api's memory limit in staging, which every rule is content with; what is given changes it."""
    live = live or deployment()
    plan = Plan(
        plan_id="P1", title="Raise it", priority=1, remedy=remedy, target=TARGET, justification="", cites=("E2",), confidence=0.9,
        parameters=parameters or {"container": "api", "memory_limit": "256Mi", "memory_request": "128Mi"},
    )  # fmt: skip
    done = replace(render_act(plan, CATALOGUE[remedy], live, standing), **(act or {}))
    head = live
    for edit in done.edits:
        head = fieldpath.put(head, fieldpath.parse(edit.path), edit.value)
    moves = tuple(Move(object=done.object, path=e.path, old=e.expect, new=e.value) for e in done.edits)
    rehearsal = Rehearsal(
        act=done, project="platform/shop", branch="main", base_sha="a" * 40, files=(), diff="", fingerprint="f", digest="d",
        rehearsed_at=now, expires_at=now, **({"dry_run": DryRun(state="passed"), "head": head, "live": live, "moves": moves} | rehearsed),
    )  # fmt: skip
    incident = Incident(
        incident_id="INC-1", target=TARGET, standing=standing, opened_at=now, entered_at=now, findings=findings, critiques=critiques,
        evidence=evidence,
    )  # fmt: skip
    chosen = load_policy().model_copy(update=policy or {})
    setting = Setting(policy=chosen, catalogue=CATALOGUE, history=history, now=now)
    return Hearing(rehearsal=rehearsal, incident=incident, plan=plan, setting=setting)
