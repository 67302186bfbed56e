"""An out-of-memory incident as its entries tell it, step by step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.sandbox.slack import SLACK_CHANNEL
from remediation.entries import (
    Attempted,
    Called,
    Critiqued,
    Decided,
    Delivered,
    Ended,
    Incident,
    Investigated,
    Looked,
    Opened,
    PhaseBegan,
    Progressed,
    Proposed,
    Remembered,
    ThreadOpened,
    Verified,
    begin,
)
from remediation.terms import (
    Act,
    Action,
    Alert,
    Analysis,
    Critique,
    Decision,
    DryRun,
    Evidence,
    FieldEdit,
    FileChange,
    Finding,
    Health,
    Move,
    ObjectRef,
    Outcome,
    Plan,
    Precedent,
    Progress,
    Proposal,
    Receipt,
    Rehearsal,
    Ruling,
    Series,
    Standing,
    Target,
    ThreadRef,
    Verdict,
)

BEGAN = datetime(2026, 3, 4, 3, 11, tzinfo=UTC)
DIGEST = "d1" * 32
TARGET = Target(kind="workload", place="sandbox", path="shop/Deployment/api")
FIELD = "spec.template.spec.containers[name=api].resources.limits.memory"
DIFF = """--- a/apps/api/deployment.yaml
+++ b/apps/api/deployment.yaml
@@ -31,7 +31,7 @@
           resources:
             requests:
               memory: 128Mi
             limits:
-              memory: 256Mi  # measured in 2024
+              memory: 512Mi  # measured in 2024
"""


def production(**changed):
    """Production, where alice and bob decide."""
    known = Standing(
        environment="production",
        production=True,
        team="shop",
        product="Shop",
        approvers=("U_ALICE", "U_BOB"),
        escalate_to="S_ONCALL",
        assignee="alice",
    )
    return replace(known, **changed)


def alert(state="firing", title="Memory of api in shop is near its limit", **changed):
    """Datadog's word."""
    known = Alert(
        alert_id="a1", source="datadog", cycle="c1", state=state, transition="Triggered", title=title, text="", started_at=BEGAN,
        severity="high", metric="kubernetes.memory.usage", value=260046848.0, threshold=255013683.0,
    )  # fmt: skip
    return replace(known, **changed)


def plan(**changed):
    """The first plan of the proposal."""
    known = Plan(
        plan_id="P1", title="Raise the memory limit of api to 512Mi", priority=1, remedy="raise_memory_limit", target=TARGET,
        parameters={"container": "api", "limit": "512Mi"}, justification="E3 shows OOMKilled at 256Mi; usage before it was 248Mi.",
        cites=("E3", "E5"), confidence=0.87, risks=("The node must have room.",), rollback="Set 256Mi again.",
        expected_result="No restarts by OOM.", estimated_minutes=10,
        action=Action(command="kubectl set resources …", type="gitops", level="N2", is_safe=True,
                      kubernetes_changes=({"resource": "Deployment/shop/api", "action": "patch", "changes": {FIELD: "512Mi"}},)),
    )  # fmt: skip
    return replace(known, **changed)


def act(**changed):
    """The plan as an act."""
    what = ObjectRef(group="apps", kind="Deployment", namespace="shop", name="api")
    edit = FieldEdit(path=FIELD, op="replace", expect="256Mi", value="512Mi")
    known = Act(
        kind="git", target=TARGET, object=what, remedy="raise_memory_limit", title="Raise the memory limit of container api from 256Mi to 512Mi",
        parameters={"container": "api"}, edits=(edit,), level="N2",
    )  # fmt: skip
    return replace(known, **changed)


def rehearsal(doing=None, **changed):
    """The act, rehearsed."""
    doing = doing or act()
    known = Rehearsal(
        act=doing, project="platform/shop", branch="main", base_sha="b" * 40,
        files=(FileChange(path="apps/api/deployment.yaml", line=35, blob="c" * 40, content=b""),), diff=DIFF,
        moves=(Move(object=doing.object, path=FIELD, old="256Mi", new="512Mi"),), dry_run=DryRun(state="passed"),
        fingerprint="f" * 16, digest=DIGEST, rehearsed_at=BEGAN, expires_at=BEGAN + timedelta(hours=8),
    )  # fmt: skip
    return replace(known, **changed)


def verdict(status="APPROVED", gate="one_person", rulings=()):
    """What policy says of it."""
    known = (
        Ruling(rule="level_and_gate", passed=True, reason="N2 in production: one person decides", gate="one_person"),
        Ruling(rule="bounds", passed=True, reason="512Mi is within 2× of 256Mi and under 4Gi"),
        Ruling(rule="quota", passed=True, reason="3 replicas × 512Mi + surge stay under the namespace's 8Gi"),
        Ruling(rule="repeated", passed=True, reason="nothing like it failed or was refused before"),
    )
    return Verdict(status=status, rulings=(*rulings, *known), level="N2", gate=gate)


def evidence():
    """Five items, one of which could not be read."""
    at = BEGAN + timedelta(minutes=1)
    usage = Series(metric="kubernetes.memory.usage", unit="byte", points=((1.0, 2.6e8),))
    return (
        Evidence(kind="alert", source="datadog", title="Alert as it came", at=at, text="avg(last_5m): …", item="E1"),
        Evidence(kind="monitor", source="datadog", title="Monitor 7131", at=at, text="threshold 255013683", item="E2", series=(usage,)),
        Evidence(
            kind="objects",
            source="kubernetes",
            title="Pod api-7c9f",
            at=at,
            text="lastState: terminated\nreason: OOMKilled\nexitCode: 137",
            item="E3",
        ),
        Evidence(kind="logs", source="datadog", title="Logs of api", at=at, text="", item="E4", failed=True),
        Evidence(kind="metrics", source="datadog", title="Memory of api", at=at, text="max 248Mi", item="E5"),
    )


class Told:
    """An incident that grows by entries, a minute each."""

    def __init__(self, standing=None, title="Memory of api in shop is near its limit", gate="one_person"):
        self.gate = gate
        first = Opened(target=TARGET, standing=standing or production(), alert=alert(title=title))
        self.incident: Incident = begin("inc-20260304-api", first, BEGAN)
        self.entries = [first]

    def put(self, *entries):
        """Write entries, and give the incident."""
        for entry in entries:
            at = BEGAN + timedelta(minutes=len(self.entries))
            self.incident = self.incident.after(entry, at)
            self.entries.append(entry)
        return self.incident

    def threaded(self, ts="1.000001"):
        """The head stands."""
        return self.put(ThreadOpened(thread=ThreadRef(channel=SLACK_CHANNEL, ts=ts)))

    def investigated(self, precedents=()):
        """Evidence, one finding."""
        oom = Finding(
            finding_id="F1", kind="oom_killed", subject="Deployment/shop/api/api", cites=("E3", "E5"),
            text="Container api of Deployment api was OOMKilled (exit 137) at its limit of 256Mi.", facts={"limit": "256Mi"},
        )  # fmt: skip
        return self.put(Investigated(evidence=evidence(), findings=(oom,), precedents=precedents))

    def reasoned(self):
        """Proposal and critique."""
        analysis = Analysis(
            root_cause="Memory limit too low", severity="high", affected_services=("api",), estimated_impact="Requests fail."
        )
        answer = Proposal(cause="The memory limit is too low.", confidence=0.87, plans=(plan(),), analysis=analysis, by="rulebook", finding="F1",
                          logs_summary="no logs", note="ollama/qwen2.5-coder:3b did not answer in time; the rulebook stands in.")  # fmt: skip
        checks = {"whitelist_valid": True, "diagnostic_justified": True, "no_collateral_risk": True, "action_coherent": True}
        critique = Critique(
            plan_id="P1",
            cause="Killed at its limit.",
            decision="APPROVED",
            checks=checks,
            confidence=0.9,
            reason="E3 and E5 agree.",
            by="rulebook",
        )
        self.put(Proposed(proposal=answer), Critiqued(critique=critique))
        return self.put(PhaseBegan(phase="settle"))

    def asked(self):
        """The card stands."""
        return self.put(Attempted(plan=plan(), act=act(), rehearsal=rehearsal(), verdict=verdict(gate=self.gate)))

    def approved(self, by="U_ALICE"):
        """And is answered."""
        self.put(Decided(decision=Decision(digest=DIGEST, answer="approved", by=by, reason="", at=BEGAN + timedelta(minutes=9))))
        return self.put(PhaseBegan(phase="deliver"))

    def delivered(self):
        """The merge request, its pipeline, its merge."""
        receipt = Receipt(
            kind="git",
            key="k1",
            project="platform/shop",
            iid=1,
            url="http://127.0.0.1:9/platform/shop/-/merge_requests/1",
            branch="suture/f",
            sha="e" * 40,
        )
        waiting = Progress(state="waiting", pipeline="success", ready=True, notes=("Looks right to me.",))
        return self.put(
            Delivered(receipt=receipt),
            Progressed(progress=waiting, said=waiting.notes),
            Progressed(progress=Progress(state="applied", by="alice")),
        )

    def ended(self):
        """Looked at, verified, ended, remembered."""
        self.put(PhaseBegan(phase="verify"), Looked(health=Health(applied=True, settled=True)))
        self.put(Verified(cured=True, reason="The alert stayed silent for 15 minutes", metric_before=260046848.0, metric_after=201326592.0))
        outcome = Outcome(name="fixed", reason="The limit holds and the alert is silent.", cause_confirmed="yes")
        return self.put(Ended(outcome=outcome), Remembered(where="recall"))

    def called(self):
        """People by name."""
        return self.put(Called(reason="Nobody answered for 30 minutes."))


PRECEDENT = Precedent(
    incident_id="inc-20260201-api", likeness=0.93, finding="oom_killed", subject="Deployment/shop/api", summary="", remedy="raise_memory_limit",
    outcome="fixed", minutes_to_fix=12.0,
)  # fmt: skip
