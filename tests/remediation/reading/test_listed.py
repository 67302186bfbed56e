"""Rows as kubectl prints them, and what people leave of them."""

from datetime import UTC, datetime

import pytest

from remediation.reading.command import Command
from remediation.reading.described import objects as described_objects
from remediation.reading.listed import headless
from remediation.reading.listed_events import event_row
from remediation.reading.listed_workloads import pod_status
from remediation.reading.tables import read_table

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SHOP = Command(namespace="shop")


@pytest.mark.parametrize(
    "line",
    [
        "  Warning  FailedMount  2m57s (x3 over 8m1s)  kubelet  MountVolume.SetUp failed: timed out",
        "Warning FailedMount 2m57s (x3 over 8m1s) kubelet MountVolume.SetUp failed: timed out",
    ],
)
def test_an_event_of_a_description_is_read_however_many_blanks_were_kept(line):
    """Chats and trackers squeeze blanks."""
    row = event_row(line)

    assert (row["REASON"], row["AGE"], row["MESSAGE"]) == ("FailedMount", "2m57s (x3 over 8m1s)", "MountVolume.SetUp failed: timed out")


def test_rows_of_events_need_no_header():
    """`grep` leaves it away."""
    (event,) = headless(["5m  Warning  FailedScheduling  pod/web-0  0/1 nodes are available: 1 Insufficient cpu."], SHOP, NOW)

    assert event["involvedObject"] == {"kind": "Pod", "namespace": "shop", "name": "web-0"}
    assert event["message"] == "0/1 nodes are available: 1 Insufficient cpu."


def test_events_without_their_object_are_about_the_pod_that_their_words_name():
    """The end of a description is often all that is pasted."""
    events = list(
        headless(
            [
                "  Normal   Scheduled    14s  default-scheduler  Successfully assigned shop/web-5f to node-1",
                "  Warning  FailedMount  2s   kubelet            MountVolume.SetUp failed: exit status 32",
                "Output: mount.nfs: Connection timed out",
            ],
            Command(),
            NOW,
        )
    )

    assert {event["involvedObject"]["name"] for event in events} == {"web-5f"}
    assert events[1]["message"].endswith("Output: mount.nfs: Connection timed out")


def test_a_pod_that_runs_after_restarts_waits_for_nothing():
    """`Running` is no reason to wait, whatever `RunContainerError` is."""
    status = pod_status("Running", 3, is_ready=True)

    assert status["containerStatuses"][0]["state"] == {"running": {}}


def test_a_squeezed_row_is_read_by_its_words():
    """People paste `top` without its padding."""
    table = read_table(["NAME                            CPU(cores)   MEMORY(bytes)", "web-646dd59b5c-77xgd-and-more   588m   96Mi"])

    assert table.rows == ({"NAME": "web-646dd59b5c-77xgd-and-more", "CPU(cores)": "588m", "MEMORY(bytes)": "96Mi"},)


def test_a_described_secret_has_its_keys_and_no_values():
    """And a bound claim asks for what it has."""
    text = ["Name:         warp-db", "Namespace:    mill", "Type:  Opaque", "", "Data", "====", "password:  8 bytes", "tls.crt:   1 bytes"]
    (secret,) = described_objects(text, None, "", NOW)

    assert (secret["kind"], secret["data"]) == ("Secret", {"password": "", "tls.crt": ""})
