"""Pieces of descriptions, as `grep`, `tail` and people leave them."""

from datetime import UTC, datetime

import pytest

from remediation.reading.merging import UNNAMED, merged
from remediation.reading.text import read

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CONDITIONS = """Conditions:
  Type             Status    LastHeartbeatTime                 LastTransitionTime                Reason              Message
  ----             ------    -----------------                 ------------------                ------              -------
  DiskPressure     True      Tue, 17 Feb 2026 16:15:10 -0500   Tue, 17 Feb 2026 16:18:13 -0500   KubeletHasDisk      kubelet has disk pressure
"""


def one(text, kind):
    """The only object of a kind that a text is read into."""
    readings = [(rank, 0, thing) for part in read(text, "paste.txt", NOW) for rank, thing in part.readings]
    (thing,) = [thing for thing in merged(readings, ()).get(0, []) if thing["kind"] == kind]
    return thing


def test_the_conditions_of_a_node_need_no_name():
    """Its lease tells it, where that is shown."""
    assert one(CONDITIONS, "Node")["metadata"]["name"] == UNNAMED
    leased = one(f"Taints:  a=b:NoSchedule\nLease:\n  HolderIdentity:  worker-1\n{CONDITIONS}", "Node")

    assert leased["metadata"]["name"] == "worker-1"
    assert leased["status"]["conditions"][0]["reason"] == "KubeletHasDisk"


def test_conditions_are_read_without_the_head_of_their_table():
    """People cut it away, with a mark or none."""
    rows = CONDITIONS.partition("-------\n")[2]
    node = one(f"$ kubectl describe node worker-1\nName:   worker-1\nRoles:  worker\n{rows}", "Node")

    assert node["status"]["conditions"][0]["status"] == "True"


@pytest.mark.parametrize(
    "piece", ["Node-Selectors:  disk=ssd\nTolerations:  a:NoExecute op=Exists\n", "QoS Class:  Burstable\nNode-Selectors:  disk=ssd\n"]
)
def test_the_end_of_a_pods_description_is_of_a_pod(piece):
    """It is what `tail` leaves, and tells where the pod may run."""
    assert one(piece, "Pod")["spec"]["nodeSelector"] == {"disk": "ssd"}


def test_a_containers_state_is_of_the_pod_that_the_command_describes():
    """`grep` leaves nothing else."""
    pod = one(
        "$ k describe pod -n shop web-0 | grep -C 3 OOMKilled\n    Last State:  Terminated\n      Reason:    OOMKilled\n      Exit Code: 137\n",
        "Pod",
    )

    assert (pod["metadata"]["namespace"], pod["metadata"]["name"]) == ("shop", "web-0")
    assert pod["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 137
    assert not pod["spec"]["containers"], "nothing is said of its limits"


def test_last_words_go_on_at_the_margin():
    """Of a message only the first line is indented."""
    text = (
        "Init Containers:\n  setup:\n    Image:  a/b:1\n    Last State:  Terminated\n      Message:  first\n2026/03/01 second: line\n"
        "cannot go on: denied\n      Exit Code:  1\n    Ready:  False\nConditions:\n  Type  Status\n"
    )
    (status,) = one(text, "Pod")["status"]["initContainerStatuses"]

    assert status["lastState"]["terminated"] == {"message": "first 2026/03/01 second: line cannot go on: denied", "exitCode": 1}


def test_older_descriptions_stand_in_tabs():
    """As kubectl printed them until 1.8."""
    pod = one(
        "Name:\t\tweb-0\nNamespace:\tshop\nStatus:\t\tPending\nContainers:\n  web:\n    Image:\t\ta/b:1\n    State:\t\tWaiting\n", "Pod"
    )

    assert pod["spec"]["containers"][0]["image"] == "a/b:1"


@pytest.mark.parametrize(
    "text", ["State: it depends\n", "kind: Pod\nStatus:\n  Containers: 3\n", "A sentence.\n\nContainers are not running.\n"]
)
def test_prose_is_no_piece_of_a_description(text):
    """Or it is one that tells nothing."""
    assert not [
        thing for part in read(text, "notes.txt", NOW) for _, thing in part.readings if thing.get("status", {}).get("containerStatuses")
    ]
