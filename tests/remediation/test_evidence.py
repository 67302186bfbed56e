"""Gathering from sources that answer, fail and hang; numbers, caps, masks; and the workload behind a name."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.errors import Forbidden
from remediation.evidence import Limits, cut, gather, number, resolve_target, window_of
from remediation.terms import Evidence, Target
from tests.remediation.findings.made import deployment, items, pod, replica_set
from tests.remediation.made import NOW, an_alert, an_incident, later


class Speaks:
    """A source with a given answer."""

    needed = True

    def __init__(self, name="speaks", *answer, suits=True, raises=None, hangs=False):
        self.name, self._answer, self._suits, self._raises, self._hangs = name, answer, suits, raises, hangs

    def suits(self, target):
        """As it was told."""
        return self._suits

    async def observe(self, incident, window):
        """As it was told."""
        if self._hangs:
            await asyncio.Event().wait()
        if self._raises:
            raise self._raises
        return self._answer


def an_item(text="x", kind="logs", **fields):
    return Evidence(kind=kind, source="s", title=fields.pop("title", "t"), at=NOW, text=text, **fields)


WINDOW = window_of(an_incident(), 60, later(5))


async def test_what_all_sources_say_is_numbered_after_the_alert():
    """In the order of the sources; one that does not suit is not asked."""
    sources = [Speaks("a", an_item("1"), an_item("2")), Speaks("b", an_item("3")), Speaks("c", an_item("4"), suits=False)]
    evidence = await gather(sources, an_incident(), WINDOW, Limits())
    assert [(item.item, item.kind) for item in evidence] == [("E1", "alert"), ("E2", "logs"), ("E3", "logs"), ("E4", "logs")]
    assert [item.text for item in evidence[1:]] == ["1", "2", "3"]
    assert "OOM in api" in evidence[0].text


async def test_a_source_that_fails_or_is_late_is_an_item():
    """With what to do; the others are not lost."""
    failing = Speaks("datadog", raises=Forbidden("Datadog refused: Forbidden", "Check DD_API_KEY."))
    evidence = await gather([failing, Speaks("slow", hangs=True), Speaks("a", an_item())], an_incident(), WINDOW, Limits(seconds=0.05))
    assert [(item.source, item.failed) for item in evidence] == [("datadog", False), ("datadog", True), ("slow", True), ("s", False)]
    assert "Check DD_API_KEY." in evidence[1].text
    assert evidence[2].title == "slow did not answer (timed out after 0.05 s)"


async def test_a_bug_in_a_source_is_not_hidden():
    """Only failures of the world are evidence."""
    with pytest.raises(ZeroDivisionError):
        await gather([Speaks(raises=ZeroDivisionError())], an_incident(), WINDOW, Limits())


async def test_what_a_source_forgot_to_mask_is_masked():
    """The net below."""
    evidence = await gather([Speaks("a", an_item("password=hunter2", title="token=abcd1"))], an_incident(), WINDOW, Limits())
    assert "hunter2" not in repr(evidence)
    assert "abcd1" not in repr(evidence)


async def test_the_newest_alert_leads_and_all_are_told():
    """With value and threshold where they are known."""
    incident = an_incident(alert=an_alert(value=97.0, threshold=90.0, metric="memory"))
    incident = replace(incident, alerts=(*incident.alerts, an_alert(cycle="c2", at=later(3))))
    evidence = await gather([], incident, WINDOW, Limits())
    assert evidence[0].at == later(3)
    assert "memory = 97, threshold 90" in evidence[0].text


def test_the_window_begins_before_the_first_alert():
    """And ends now."""
    assert WINDOW.since == NOW - timedelta(minutes=60)
    assert WINDOW.until == later(5)


def test_too_many_items_are_counted_on_the_last_one():
    """Never silent."""
    kept = cut(number(an_item(str(i)) for i in range(10)), Limits(items=3))
    assert len(kept) == 3
    assert kept[-1].left_out == 7
    assert "7 more items were left out" in kept[-1].text


def test_a_long_text_keeps_its_beginning_and_its_end():
    """Whole lines, and the number of those left out."""
    (item,) = cut([an_item("\n".join(f"line {i}" for i in range(1000)), kind="events")], Limits(characters=500, total=500))
    assert item.text.startswith("line 0\n")
    assert item.text.endswith("line 999")
    assert f"… {item.left_out} lines left out …" in item.text
    assert len(item.text) < 560


@given(st.lists(st.text(alphabet="ab\n", max_size=2000), max_size=30))
def test_all_texts_together_stay_within_the_total(texts):
    """Give or take the line that says what is missing."""
    kept = cut(number(an_item(text) for text in texts), Limits(characters=600, total=3000, items=20))
    assert sum(len(item.text) for item in kept) <= max(3000, 200 * len(kept)) + 60 * len(kept)
    assert all(len(item.text) <= 660 for item in kept)


def workload(path):
    return Target(kind="workload", place="", path=path)


@pytest.mark.parametrize(
    ("path", "things", "resolved"),
    [
        ("shop/Pod/api-1-x", [pod("api-1-x"), replica_set("api-1", 1, "i")], "shop/Deployment/api"),
        ("shop/Pod/api-5d59d67564-x7x7x", [pod("api-5d59d67564-x7x7x", owner="api-5d59d67564")], "shop/Deployment/api"),
        (
            "shop/Pod/api-gone-1",
            [replica_set("api-gone", 1, "i", owner="api-gone"), replica_set("api-1", 1, "i")],
            "shop/Deployment/api-gone",
        ),
        ("shop/Pod/db-0", [pod("db-0", owner="db", owner_kind="StatefulSet")], "shop/StatefulSet/db"),
        ("shop/Pod/tick-29000000-abcde", [pod("tick-29000000-abcde", owner="tick-29000000", owner_kind="Job")], "shop/CronJob/tick"),
        ("shop/Pod/lonely", [pod("lonely", owner="")], "shop/Pod/lonely"),
        ("shop/Deployment/api", [deployment()], "shop/Deployment/api"),
        ("shop/Deployment/agent", [pod("agent-x7x7x", owner="agent", owner_kind="DaemonSet")], "shop/DaemonSet/agent"),
        ("shop/Deployment/api", [pod("api-1-x", namespace="other")], "shop/Deployment/api"),
        ("shop/Deployment/nothing", [], "shop/Deployment/nothing"),
    ],
)
def test_a_target_resolves_to_the_workload_that_stands_behind_it(path, things, resolved):
    """By owners, by the name that a pod carries, and never by another namespace."""
    assert resolve_target(workload(path), items(*things)).path == resolved


def test_what_is_no_workload_stays_what_it_is():
    """A host has no owner."""
    host = Target(kind="host", place="", path="web-3")
    assert resolve_target(host, items(deployment())) is host
