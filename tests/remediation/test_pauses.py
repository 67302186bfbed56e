"""Where a rollout waits by its own word, and what that is to the incident that waits for it."""

from types import SimpleNamespace

import pytest

from remediation.entries import Looked
from remediation.incident import verify_cure
from remediation.pauses import pause_of
from remediation.terms import Act, Health, Heard, Move, ObjectRef, Signal
from remediation.verification import Waiting, undone, verify
from remediation.watch import ClusterWatcher
from remediation.world import Patience
from tests.remediation.made import NOW, TARGET, a_rehearsal, an_incident, later, up_to_the_merge

IMAGE = "spec.template.spec.containers[name=shop].image"
CANARY = {"canary": {"steps": [{"setWeight": 20}, {"pause": {}}, {"setWeight": 60}, {"pause": {"duration": "10m"}}]}}
BLUE_GREEN = {"blueGreen": {"activeService": "shop", "autoPromotionEnabled": False}}
PROMOTE = "kubectl argo rollouts promote shop -n web"
PATIENCE = Patience(apply=15, soak=15)
WAITS = Health(applied=True, settled=False, paused=True, promote=PROMOTE, detail=f"Rollout shop is paused at step 2 of 4. {PROMOTE}")


def a_rollout(strategy, *, kind="Rollout", paused=None, **status):
    """Five pods, one of them new, as the controller of Argo's Rollouts tells it."""
    told = {"observedGeneration": "3", "replicas": 5, "updatedReplicas": 1, "availableReplicas": 5, "readyReplicas": 5}
    spec = {"replicas": 5, "strategy": strategy, "template": {"spec": {"containers": [{"name": "shop", "image": "shop:2"}]}}}
    if paused is not None:
        spec["paused"] = paused
    return {"kind": kind, "metadata": {"name": "shop", "namespace": "web", "generation": 3}, "spec": spec, "status": {**told, **status}}


def stopped(step=1, reason="CanaryPauseStep"):
    return {"phase": "Paused", "pauseConditions": [{"reason": reason}], "currentStepIndex": step}


@pytest.mark.parametrize(
    ("live", "where", "command"),
    [
        (a_rollout(CANARY, **stopped()), "is paused at step 2 of 4", PROMOTE),
        (a_rollout(CANARY, **stopped(3)), "is paused at step 4 of 4", ""),
        (a_rollout(CANARY, **stopped(3, "InconclusiveAnalysisRun")), "is paused at step 4 of 4", PROMOTE),
        (a_rollout(BLUE_GREEN, **stopped(reason="BlueGreenPause")), "is paused before its new pods take over", PROMOTE),
        (a_rollout({"blueGreen": {"autoPromotionSeconds": 60}}, **stopped(reason="BlueGreenPause")), "is paused before its new pods take over", ""),
        (a_rollout(CANARY, canary={"currentStepAnalysisRunStatus": {"status": "Running"}}), "waits for the analysis of its new version", ""),
        (a_rollout(CANARY, canary={"currentExperiment": "e"}), "waits for an experiment with its new version", ""),
        (a_rollout(CANARY, paused=True), "is paused", PROMOTE),
        (a_rollout({}, kind="Deployment", paused=True, observedGeneration=3), "is paused", "kubectl rollout resume deployment/shop -n web"),
    ],
)  # fmt: skip
def test_a_pause_says_where_it_is_and_who_ends_it(live, where, command):
    """Somebody promotes it, or its own clock lets it go on."""
    pause = pause_of(live)

    assert (pause.where, pause.command) == (where, command)


@pytest.mark.parametrize("live", [a_rollout(CANARY, phase="Progressing", currentStepIndex=2), a_rollout({}, kind="Deployment"), {}])
def test_what_merely_goes_on_is_not_paused(live):
    """It has a deadline, as any rollout."""
    assert pause_of(live) is None


def looked_at(live):
    """What a cluster with this one object answers after the merge of an image."""

    class Cluster:
        async def get(self, _ref):
            return live

        async def list(self, *_args, **_how):
            return []

    ref = ObjectRef(group="", kind=live["kind"], namespace="web", name="shop")
    act = Act(kind="git", target=TARGET, object=ref, remedy="rollback_image", title="", parameters={}, edits=(), level="N2")
    rehearsal = a_rehearsal(act=act, moves=(Move(object=ref, path=IMAGE, old="shop:3", new="shop:2"),))
    return ClusterWatcher({"sandbox": Cluster()}, now=lambda: NOW).health(rehearsal)


WHOLE = {"updatedReplicas": 5, "availableReplicas": 5}


@pytest.mark.parametrize(
    ("live", "settled", "paused"),
    [
        (a_rollout(CANARY, **stopped()), False, True),
        (a_rollout(CANARY, **stopped(), observedGeneration="2"), False, False),
        (a_rollout(CANARY, observedGeneration="6d9f8c7b5", **WHOLE), True, False),
        (a_rollout(BLUE_GREEN, replicas=10, stableRS="b", currentPodHash="b", **WHOLE), True, False),
        (a_rollout(BLUE_GREEN, replicas=10, stableRS="a", currentPodHash="b", **WHOLE), False, False),
        (a_rollout({"canary": {"trafficRouting": {"nginx": {}}}}, replicas=10, **WHOLE), True, False),
        (a_rollout(CANARY, replicas=6, **WHOLE), False, False),
        (a_rollout({}, kind="Deployment", paused=True, observedGeneration=3), False, True),
        (a_rollout({}, kind="Deployment", paused=True, observedGeneration=3, **WHOLE), True, False),
    ],
)
async def test_a_pause_is_a_health_of_its_own(live, settled, paused):
    """Neither whole nor late; old pods that a strategy keeps for a while are well, and a hash of old is no generation."""
    health = await looked_at(live)

    assert (health.settled, health.paused, health.failed) == (settled, paused, False)


async def test_who_is_called_reads_where_it_waits_and_the_command():
    """At three in the morning nobody looks up how a canary is promoted."""
    assert (await looked_at(a_rollout(CANARY, **stopped()))).detail == (
        f"Rollout shop is paused at step 2 of 4. Look at its new pods, then promote it: {PROMOTE}"
    )


@pytest.mark.parametrize("judge", [verify, undone])
def test_a_pause_never_counts_as_not_cured_and_time_begins_anew_after_it(judge):
    """A fix that waits a day for its promotion is not taken back meanwhile, and has its quarter of an hour then."""
    incident = an_incident(*up_to_the_merge()).after(Looked(health=WAITS), later(1))
    assert judge(incident, PATIENCE, later(1440)) == Waiting(until=None, what="the rollout to go on from its pause")

    goes_on = incident.after(Looked(health=Health(applied=True, settled=False, detail="3 of 5")), later(1440))
    still = goes_on.after(Looked(health=Health(applied=True, settled=False, detail="4 of 5")), later(1441))
    assert judge(still, PATIENCE, later(1442)).until == later(1455)
    assert not judge(still, PATIENCE, later(1456)).cured


async def test_a_rollout_that_waits_for_a_person_calls_one(monkeypatch):
    """Once, with the command: nobody else promotes it."""

    async def not_overwritten(*_):
        return ""

    monkeypatch.setattr("remediation.incident.durably", not_overwritten)  # the one step before the first look: needs an engine

    class Paused:
        world = SimpleNamespace(patience=PATIENCE)
        incident = an_incident(*up_to_the_merge())
        now = NOW
        wrote = ()

        async def next_signal(self, until):
            if self.wrote:
                raise EOFError
            assert until == later(1)  # Git is asked again by then, whoever changes it meanwhile
            seen = {"applied": True, "settled": False, "paused": True, "promote": PROMOTE, "detail": WAITS.detail}
            signal = Signal(seq=1, incident_id="INC-1", kind="health", body={"of": "INC-1/1", "seen": seen}, at=NOW)
            return Heard(signal=signal, at=NOW)

        async def put(self, entry):
            self.wrote += (entry,)
            self.incident = self.incident.after(entry, NOW)

    course = Paused()
    with pytest.raises(EOFError):
        await verify_cure(course)

    looked, called = course.wrote
    assert looked.health == WAITS
    assert called.reason == WAITS.detail
