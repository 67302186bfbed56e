"""Nouns for tests: one whole incident's worth, each with the fields that a test wants to be its own."""

from datetime import UTC, datetime, timedelta

from remediation.entries import Attempted, Decided, Delivered, Incident, Investigated, Opened, Progressed, Proposed, begin
from remediation.terms import (
    Act,
    Alert,
    Analysis,
    Decision,
    DryRun,
    Evidence,
    FieldEdit,
    FileChange,
    Finding,
    Move,
    ObjectRef,
    Plan,
    Progress,
    Proposal,
    Receipt,
    Rehearsal,
    Ruling,
    Standing,
    Target,
    Verdict,
)

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TARGET = Target(kind="workload", place="sandbox", path="shop/Deployment/api")
STANDING = Standing(environment="production", production=True, team="shop", approvers=("U_ALICE", "U_BOB"), escalate_to="S_ONCALL")
OBJECT = ObjectRef(group="apps", kind="Deployment", namespace="shop", name="api")
MEMORY = "spec.template.spec.containers[name=api].resources.limits.memory"


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def an_alert(state="firing", cycle="c1", at=NOW, **fields) -> Alert:
    return Alert(
        alert_id=f"{cycle}-{state}-{at.timestamp()}", source="datadog", cycle=cycle, state=state, transition=state, title="OOM in api",
        text="", started_at=at, labels=fields.pop("labels", {"namespace": "shop", "deployment": "api"}), **fields,
    )  # fmt: skip


def a_plan(**fields) -> Plan:
    return Plan(
        plan_id="P1", title="Raise the memory limit of api", priority=1, remedy="raise_memory_limit", target=TARGET,
        parameters={"container": "api", "memory_limit": "512Mi", "memory_request": "256Mi"}, justification="OOMKilled at 256Mi",
        cites=("E1",), confidence=0.8, **fields,
    )  # fmt: skip


def an_act(**fields) -> Act:
    edit = FieldEdit(path=MEMORY, op="replace", expect="256Mi", value="512Mi")
    return Act(
        kind="git", target=TARGET, object=OBJECT, remedy="raise_memory_limit", title="Raise the memory limit of api",
        parameters={"memory_limit": "512Mi"}, edits=(edit,), level="N2", **fields,
    )  # fmt: skip


def a_rehearsal(**fields) -> Rehearsal:
    values = {
        "act": an_act(), "project": "platform/shop", "branch": "main", "base_sha": "a" * 40,
        "files": (FileChange(path="api.yaml", line=20, blob="b" * 40, content=b"x"),), "diff": "--- a\n+++ b\n",
        "moves": (Move(object=OBJECT, path=MEMORY, old="256Mi", new="512Mi"),), "dry_run": DryRun(state="passed"),
        "fingerprint": "f" * 16, "digest": "d" * 64, "rehearsed_at": NOW, "expires_at": later(1440),
    }  # fmt: skip
    return Rehearsal(**{**values, **fields})


def a_verdict(gate="one_person", status="APPROVED") -> Verdict:
    return Verdict(status=status, rulings=(Ruling(rule="gate", passed=status != "DENIED", reason="production"),), level="N2", gate=gate)


def a_receipt() -> Receipt:
    return Receipt(kind="git", key="INC-1/1", project="platform/shop", iid=7, url="http://x/7", branch="suture/f", sha="c" * 40)


def a_finding() -> Finding:
    return Finding(finding_id="F1", kind="oom_killed", subject="Deployment/shop/api/api", text="E1: OOMKilled", cites=("E1",))


def a_proposal(*plans: Plan) -> Proposal:
    return Proposal(
        cause="api needs more memory than its limit", confidence=0.8, plans=plans or (a_plan(),), by="rulebook", finding="F1",
        analysis=Analysis(root_cause="memory", severity="high"),
    )  # fmt: skip


def an_incident(*entries, **fields) -> Incident:
    incident = begin("INC-1", Opened(target=TARGET, standing=STANDING, alert=fields.pop("alert", an_alert())), NOW)
    for entry in entries:
        incident = incident.after(entry, fields.get("at", NOW))
    return incident


def investigated() -> Investigated:
    item = Evidence(kind="objects", source="kubernetes", title="pods", at=NOW, text="OOMKilled", item="E1")
    return Investigated(evidence=(item,), findings=(a_finding(),))


def up_to_the_merge(at=NOW) -> tuple:
    """The entries of an incident whose fix was merged."""
    decision = Decision(digest="d" * 64, answer="approved", by="U_ALICE", reason="", at=at)
    return (
        investigated(), Proposed(proposal=a_proposal()),
        Attempted(plan=a_plan(), act=an_act(), rehearsal=a_rehearsal(), verdict=a_verdict()),
        Decided(decision=decision), Delivered(receipt=a_receipt()), Progressed(progress=Progress(state="applied", by="alice")),
    )  # fmt: skip
