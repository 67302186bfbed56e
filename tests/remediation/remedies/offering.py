"""What the rulebook offers for objects and logs, as a person would see it: the plan, its edits, the critic's word, and the manifest after it."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import yaml

from remediation.deliberation.rulebook import Rulebook
from remediation.findings import find
from remediation.gitops.index import blob_of
from remediation.gitops.live import for_git
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.solution import found_in, settle
from remediation.gitops.trace import Tracer
from remediation.remedies import catalogue, render_act
from remediation.terms import Act, Alert, Case, Commit, Critique, Evidence, Plan, Series, Standing, Target
from remediation.workloads import pod_spec

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CATALOGUE = catalogue()
RULEBOOK = Rulebook(CATALOGUE)
STAGING = Standing(environment="staging", production=False)
Object = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One plan with the case that it is for."""

    case: Case
    plan: Plan
    act: Act

    @property
    def edits(self) -> list[tuple[str, str, Any, Any]]:
        """Each field with what happens to it, the value that stands there and the new one."""
        return [(edit.path, edit.op, edit.expect, edit.value) for edit in self.act.edits]

    async def critique(self, **parameters: Any) -> Critique:
        """The rulebook critic's word on it, or on the same plan with other values."""
        plan = replace(self.plan, parameters={**self.plan.parameters, **parameters})
        return await RULEBOOK.criticise(self.case, plan, render_act(plan, CATALOGUE[plan.remedy], self.live, STAGING))

    @property
    def live(self) -> Object:
        """The object that it changes."""
        return next(t for item in self.case.evidence for t in item.objects if _path(t) == self.plan.target.path)

    def in_git(self) -> Object:
        """The object as Git has it after the merge, of a project of plain manifests; proven as every act is."""
        base = {key: value for key, value in self.live.items() if key != "status"}
        tracer = Tracer({"app.yaml": blob_of(yaml.safe_dump(base, sort_keys=False).encode())})
        candidate = found_in(tracer, self.act.object, Narrowing())
        solution = settle(tracer, self.act.object, candidate, lambda now: for_git(now, self.act.edits), {})
        assert {move.path for move in solution.moves} == {edit.path for edit in self.act.edits} or solution.head != solution.base
        return solution.head


def evidence(
    *objects: Object, log: str = "", series: tuple[Series, ...] = (), pod: str = "api-7c9d5b-x1", commit: Commit | None = None
) -> tuple[Evidence, ...]:
    """The objects as one item, the log of a pod, and what a commit moved."""
    items = [Evidence(kind="objects", source="kubernetes", title="objects", at=NOW, text="objects", item="E1", objects=objects, series=series)]
    if log:
        items.append(Evidence(kind="logs", source="kubernetes", title=f"Log of api in {pod}", at=NOW, text=log, item="E2"))
    if commit is not None:
        items.append(Evidence(kind="changes", source="gitlab", title="Commits", at=NOW, text=commit.title, item="E3", commits=(commit,)))
    return tuple(items)


async def proposed(*objects: Object, target: str = "shop/Deployment/api", **more: Any) -> tuple[Case, tuple[Plan, ...], str]:
    """The case of the leading finding's own object, its plans, and what a person hears where there is none."""
    shown = evidence(*objects, **more)
    asked = Target(kind="workload", place="", path=target)
    alert = Alert(alert_id="a", source="t", cycle="c", state="firing", transition="t", title="down", text="", started_at=NOW)
    findings = find(shown, asked)
    case = Case(incident_id="INC-1", target=asked, standing=STAGING, alerts=(alert,), evidence=shown, findings=findings, precedents=())
    if findings:
        kind, namespace, name, *_ = findings[0].subject.split("/")
        case = replace(case, target=replace(asked, path=f"{namespace}/{kind}/{name}"))
    proposal = await RULEBOOK.propose(case)
    return case, proposal.plans, proposal.for_a_person


async def offer(*objects: Object, remedy: str, **more: Any) -> Offer:
    """The plan by this remedy."""
    case, plans, why = await proposed(*objects, **more)
    plan = next((plan for plan in plans if plan.remedy == remedy), None)
    assert plan is not None, (why, [f"{f.kind} {f.facts}" for f in case.findings])
    live = next(t for item in case.evidence for t in item.objects if _path(t) == plan.target.path)
    return Offer(case=case, plan=plan, act=render_act(plan, CATALOGUE[remedy], live, STAGING))


async def not_offered(*objects: Object, **more: Any) -> str:
    """That there is no plan, and what a person hears."""
    _, plans, why = await proposed(*objects, **more)
    assert plans == (), [(plan.remedy, plan.parameters) for plan in plans]
    return why


def _path(thing: Mapping[str, Any]) -> str:
    metadata = thing.get("metadata") or {}
    return f"{metadata.get('namespace', '')}/{thing.get('kind')}/{metadata.get('name')}"


def thing(kind: str, name: str, spec: Any = None, api: str = "v1", **more: Any) -> Object:
    """An object of the namespace `shop`; one of the cluster where its kind is."""
    metadata = {"name": name} if kind in ("Node", "StorageClass") else {"name": name, "namespace": "shop"}
    metadata |= more.pop("metadata", {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **({} if spec is None else {"spec": spec}), **more}


def workload(container: Object | None = None, *, replicas: int = 2, status: Object | None = None, labels: Object | None = None, **pod: Any) -> Object:
    """Deployment `api` with one container `api`."""
    labels = labels or {"app": "api"}
    own = {"name": "api", "image": "shop/api:2.0", **(container or {})}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [own], **pod}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return thing("Deployment", "api", spec, "apps/v1", status=status or {"replicas": replicas})


def revisions(now: Object, before: Object, *, ready: int = 0) -> tuple[Object, Object]:
    """The ReplicaSets of two revisions; `ready` pods of the one before serve."""
    return _revision(now, "api-7c9d5b", 2, 0), _revision(before, "api-1111aa", 1, ready)


def _revision(of: Object, name: str, number: int, ready: int) -> Object:
    metadata = {"annotations": {"deployment.kubernetes.io/revision": str(number)}, "ownerReferences": [_owner("Deployment", "api")]}
    return thing("ReplicaSet", name, copy.deepcopy(of["spec"]), "apps/v1", metadata=metadata, status={"readyReplicas": ready})


def _owner(kind: str, name: str) -> Object:
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "controller": True}


def a_pod(of: Object, state: Object | None = None, *, ready: bool = False, restarts: int = 0, owner: str = "api-7c9d5b", **status: Any) -> Object:
    """A pod of the workload's template."""
    metadata = {"ownerReferences": [_owner("ReplicaSet", owner)], "labels": of["spec"]["template"]["metadata"]["labels"]}
    said = {"name": "api", "ready": ready, "restartCount": restarts, "state": state or {"running": {"startedAt": "2026-11-20T11:00:00Z"}}}
    conditions = [{"type": "Ready", "status": str(ready)}]
    return thing("Pod", f"{owner}-x1", copy.deepcopy(pod_spec(of)), metadata=metadata,
                 status={"phase": "Running", "conditions": conditions, "containerStatuses": [said], **status})  # fmt: skip


def pending(of: Object, message: str) -> Object:
    """A pod that no node takes."""
    made = a_pod(of)
    made["status"] = {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]}
    return made


def event(about: Object, reason: str, message: str) -> Object:
    """An event about an object."""
    named = {"kind": about["kind"], "namespace": "shop", "name": about["metadata"]["name"]}
    return thing("Event", f"e-{reason.lower()}", involvedObject=named, reason=reason, message=message, type="Warning", lastTimestamp="2026-11-20T11:58:00Z")
