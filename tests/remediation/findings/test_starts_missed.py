"""Schedules by arithmetic: when they are due, how long they may be silent, and what a CronJob missed."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.findings.cron_times import COUNTED, times_of
from remediation.findings.starts_missed import starts_missed
from remediation.observed import Observed
from remediation.reading.text import read
from remediation.terms import Evidence, Target

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday
TARGET = Target(kind="workload", place="", path="etl/CronJob/nightly")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ago(span):
    return f"{NOW - span:%Y-%m-%dT%H:%M:%SZ}"


def cron(schedule="30 2 * * *", last=None, made=timedelta(days=90), active=(), **spec):
    status = {"active": list(active)} | ({"lastScheduleTime": ago(last)} if last else {})
    metadata = {"name": "nightly", "namespace": "etl", "creationTimestamp": ago(made)}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": {"schedule": schedule, **spec}, "status": status}


def found(*objects, text=""):
    parts = [thing for part in read(text, "cj.txt", NOW) for _, thing in part.readings] if text else []
    item = Evidence(kind="objects", source="t", title="t", at=NOW, text="t", item="E1", objects=(*objects, *parts))
    return list(starts_missed(Observed([item]), TARGET))


@pytest.mark.parametrize(("schedule", "gap"), [
    ("30 2 * * *", DAY),
    ("*/5 * * * *", timedelta(minutes=5)),
    ("0 9-17 * * mon-fri", timedelta(days=2, hours=16)),
    ("0 0 1 * *", timedelta(days=31)),
    ("0 0 29 2 *", timedelta(days=1461)),
    ("@weekly", timedelta(days=7)),
    ("@every 90m", timedelta(minutes=90)),
    ("CRON_TZ=Europe/Vienna 0 0 * * sun,7", timedelta(days=7)),
    ("0 0 1 * mon", timedelta(days=7)),
])  # fmt: skip
def test_how_long_a_schedule_may_be_silent(schedule, gap):
    """By days and hours, whichever is longer; of day and weekday either counts."""
    times = times_of(schedule)
    assert times is not None
    assert times.longest_gap(NOW) == gap


@pytest.mark.parametrize(
    "schedule", ["", "* * * *", "61 * * * *", "* * * * * *", "*/0 * * * *", "5-1 * * * *", "@often", "@every never", "0 0 * * bad"]
)
def test_what_is_no_schedule_is_none(schedule):
    """The API server refuses it, too."""
    assert times_of(schedule) is None


@given(st.text(alphabet="0123456789*/,-@ eveyr mondjan?", max_size=30))
def test_any_text_is_read_or_refused(text):
    """Anybody may have written it."""
    times = times_of(text)
    assert times is None or times.longest_gap(NOW) is None or times.longest_gap(NOW) > timedelta()


def test_missed_starts_are_counted_since_the_last_one():
    """Two nights, and nothing says why."""
    (finding,) = found(cron(last=timedelta(days=2, hours=9, minutes=30)))

    assert (finding.kind, finding.subject, finding.facts["cause"]) == ("job_failed", "CronJob/etl/nightly", "missed")
    assert "it missed 2 starts since its last start 2d9h ago; nothing says why" in finding.text


def test_a_run_that_does_not_end_holds_those_that_may_not_overlap():
    """Which Job, and since when."""
    job = {
        "apiVersion": "batch/v1", "kind": "Job", "status": {"active": 1, "startTime": ago(timedelta(days=2, hours=9, minutes=30))},
        "metadata": {"name": "nightly-295", "namespace": "etl", "ownerReferences": [{"kind": "CronJob", "name": "nightly", "controller": True}]},
    }  # fmt: skip
    held = cron(last=timedelta(days=2, hours=9, minutes=30), concurrencyPolicy="Forbid", active=[{"kind": "Job", "name": "nightly-295"}])
    (finding,) = found(held, job)

    assert finding.facts["cause"] == "still_running"
    assert "Job nightly-295 is still running since 2026-11-16 02:30:00Z, and its concurrency policy is Forbid" in finding.text


def test_a_deadline_shorter_than_the_controllers_look_is_named():
    """It may never be met."""
    (finding,) = found(cron("*/10 * * * *", last=5 * HOUR, startingDeadlineSeconds=5))

    assert "startingDeadlineSeconds 5 is shorter than the 10 s" in finding.text
    assert "missed 30 starts" in finding.text


def test_one_that_never_ran_is_counted_from_when_it_was_made():
    """Its first start is missing, too."""
    (finding,) = found(cron(made=3 * DAY))

    assert "missed 3 starts since it was made 3d ago" in finding.text


@pytest.mark.parametrize("fine", [
    {"last": timedelta(hours=9, minutes=30)},
    {"last": timedelta(hours=25)},  # the time zone is not known, nor how long the controller took
    {"schedule": "0 9 * * 1-5", "last": timedelta(days=2)},
    {"last": 3 * DAY, "suspend": True},
    {"schedule": "nonsense", "last": 3 * DAY},
    {"made": timedelta(hours=2)},
])  # fmt: skip
def test_what_is_not_due_is_suspended_or_cannot_be_read_is_no_finding(fine):
    """Others tell of those."""
    assert found(cron(**fine)) == []


def test_what_an_event_says_already_is_not_said_again():
    """The controller's own words are better."""
    said = {"kind": "Event", "reason": "JobAlreadyActive", "message": "Not starting job because prior execution is running", "type": "Normal",
            "metadata": {"name": "e", "namespace": "etl"}, "involvedObject": {"kind": "CronJob", "namespace": "etl", "name": "nightly"}}  # fmt: skip
    assert found(cron(last=3 * DAY), said) == []


TABLE = """\
NAMESPACE   NAME      SCHEDULE      TIMEZONE   SUSPEND   ACTIVE   LAST SCHEDULE   AGE
etl         nightly   0 * * * *     <none>     False     {active}        {last}              90d
"""
DESCRIBED = """\
Name:                          nightly
Namespace:                     etl
Schedule:                      0 * * * *
Concurrency Policy:            Forbid
Suspend:                       False
Starting Deadline Seconds:     <unset>
Last Schedule Time:            Tue, 17 Nov 2026 22:00:00 +0000
Active Jobs:                   nightly-2957
Events:                        <none>
"""


@pytest.mark.parametrize(("active", "last", "count"), [(0, "7h", 1), (1, "26h", 1), (0, "40m", 0), (0, "<none>", 1)])
def test_a_table_says_it_by_ages(active, last, count):
    """What kubectl prints is enough."""
    assert len(found(text=TABLE.format(active=active, last=last))) == count


def test_a_description_says_who_is_at_work():
    """As kubectl writes times there."""
    (finding,) = found(text=DESCRIBED)

    assert finding.facts["cause"] == "still_running"
    assert "Job nightly-2957 is still running" in finding.text


@pytest.mark.parametrize("schedule", ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "* * * * *", "0 0 29 2 *"])
def test_a_schedule_is_reckoned_in_bounded_steps(schedule):
    """Be it of a day that never comes, of every minute, or of a start that lies in the year 1."""
    times = times_of(schedule)
    began = time.process_time()
    starts = sum(1 for _ in times.between(datetime(1, 1, 1, tzinfo=UTC), NOW))

    assert starts <= COUNTED
    assert (times.longest_gap(NOW) is None) == (starts == 0)
    assert time.process_time() - began < 1
