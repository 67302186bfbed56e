"""The tree that the plugin of Argo Rollouts prints."""

from datetime import UTC, datetime

from remediation.reading.rollout_tree import objects

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TREE = """\
Name:            barge
Namespace:       quay
Status:          ✖ Degraded
Message:         RolloutAborted: metric "late" assessed Failed
Strategy:        Canary
Replicas:
  Desired:       3
  Current:       4
  Updated:       1
  Ready:         3
  Available:     3

NAME                               KIND         STATUS              AGE    INFO
⟳ barge                            Rollout      ✖ Degraded          12d
├──# revision:2
│  ├──⧉ barge-76f8d9c5b            ReplicaSet   ◌ Progressing       31m    canary
│  │  └──□ barge-76f8d9c5b-x2kqp   Pod          ⚠ CrashLoopBackOff  31m    ready:0/1,restarts:7
│  └──α barge-76f8d9c5b-2          AnalysisRun  ✖ Failed            30m    ✔ 1,✖ 3
└──# revision:1
   └──⧉ barge-5c9d8b7f6            ReplicaSet   ✔ Healthy           12d    stable
      └──□ barge-5c9d8b7f6-9lmzt   Pod          ✔ Running           12d    ready:1/1
""".splitlines()


def test_the_rollout_says_how_it_stands():
    """Its phase without the mark before it, its message and its counts."""
    rollout = next(iter(objects(TREE, "", NOW)))

    assert (rollout["kind"], rollout["metadata"]) == ("Rollout", {"name": "barge", "namespace": "quay"})
    assert rollout["spec"] == {"replicas": 3}
    assert rollout["status"] == {
        "phase": "Degraded", "message": 'RolloutAborted: metric "late" assessed Failed', "replicas": 4, "updatedReplicas": 1,
        "readyReplicas": 3, "availableReplicas": 3,
    }  # fmt: skip


def test_what_it_made_is_owned_as_the_tree_shows_it():
    """Pods by their ReplicaSet, of the revision above it."""
    made = {thing["metadata"]["name"]: thing for thing in list(objects(TREE, "", NOW))[1:]}
    owners = {name: thing["metadata"]["ownerReferences"][0]["name"] for name, thing in made.items()}
    pod = made["barge-76f8d9c5b-x2kqp"]["status"]["containerStatuses"][0]

    assert owners == {
        "barge-76f8d9c5b": "barge", "barge-76f8d9c5b-x2kqp": "barge-76f8d9c5b", "barge-76f8d9c5b-2": "barge", "barge-5c9d8b7f6": "barge",
        "barge-5c9d8b7f6-9lmzt": "barge-5c9d8b7f6",
    }  # fmt: skip
    assert made["barge-5c9d8b7f6"]["metadata"]["annotations"] == {"rollout.argoproj.io/revision": "1"}
    assert (pod["restartCount"], pod["state"]["waiting"]["reason"]) == (7, "CrashLoopBackOff")
    assert made["barge-76f8d9c5b-2"]["status"] == {"phase": "Failed"}


def test_without_a_tree_there_is_nothing():
    """A list of pods is read elsewhere; a tree without its head names no state."""
    assert list(objects(["NAME   READY   STATUS", "api   1/1   Running"], "", NOW)) == []
    assert list(objects(TREE[12:], "", NOW)) == []
