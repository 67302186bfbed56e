"""What everyone may rely on of ports.Recall."""

from dataclasses import replace

import pytest

from remediation.entries import Decided, Ended, Investigated
from remediation.terms import Decision, Finding, Outcome, Target
from tests.remediation.made import NOW, TARGET, a_finding, an_alert, an_incident, investigated, later, up_to_the_merge

OOM = replace(
    a_finding(), text="Container api of pod api-6d5f7c9b8-xk2vq was OOMKilled (exit 137) at its limit of 256Mi.",
    facts={"container": "api", "reason": "OOMKilled", "exit_code": 137, "limit": "256Mi"},
)  # fmt: skip
PULL = Finding(
    finding_id="F1", kind="image_cannot_be_pulled", subject="Deployment/shop/api/api", cites=("E1",),
    text="Image registry/shop/api:1.9 cannot be pulled: manifest unknown.", facts={"image": "registry/shop/api:1.9"},
)  # fmt: skip


def an_oom(number=1, pod="api-6d5f7c9b8-xk2vq", limit="256Mi", target=TARGET, **alert):
    """One telling of the story: every name and number is its own."""
    text = f"Container {target.name} of pod {pod} was OOMKilled (exit 137) at its limit of {limit}."
    finding = replace(OOM, text=text, facts={**OOM.facts, "limit": limit})
    fired = an_alert(cycle=f"c{number}", labels={"namespace": target.namespace, "pod": pod, "service": target.name}, **alert)
    fired = replace(
        fired, title=f"Pod {pod} is OOMKilled on namespace {target.namespace}", metric="kubernetes.memory.usage_pct",
        query="max(last_5m):max:kubernetes.memory.usage_pct{*} by {pod_name} > 0.9",
    )  # fmt: skip
    told = an_incident(Investigated(evidence=investigated().evidence, findings=(finding,)), alert=fired)
    return replace(told, incident_id=f"INC-{number}", target=target)


def ended(incident, name="fixed", at=NOW, entries=None, reason="silent"):
    for entry in up_to_the_merge()[1:] if entries is None else entries:
        incident = incident.after(entry, at)
    return incident.after(Ended(outcome=Outcome(name=name, reason=reason, cause_confirmed="yes")), at)


async def test_the_same_story_told_again_is_a_precedent(memory):
    """Its pods have other names and its limit is another one by now."""
    await memory.recall.remember(ended(an_oom(1), at=later(12)))

    (precedent,) = await memory.recall.similar(an_oom(2, pod="api-7f9d4b6c5-abcde", limit="512Mi").case())

    assert precedent.likeness >= 0.8
    assert (precedent.incident_id, precedent.remedy, precedent.outcome) == ("INC-1", "raise_memory_limit", "fixed")
    assert precedent.parameters == {"memory_limit": "512Mi"}
    assert precedent.minutes_to_fix == 12
    assert (precedent.tries, precedent.track_record) == (1, pytest.approx(2 / 3, abs=0.001))


async def test_nothing_is_like_itself(memory):
    """An incident that is looked at again is no precedent of its own."""
    await memory.recall.remember(ended(an_oom(1)))

    assert list(await memory.recall.similar(an_oom(1).case())) == []


async def test_another_finding_is_no_precedent(memory):
    """However alike the words: the mechanism decides."""
    await memory.recall.remember(ended(an_oom(1)))
    other = an_oom(2)
    case = replace(other.case(), findings=(replace(PULL, text=other.findings[0].text),))

    assert list(await memory.recall.similar(case)) == []


async def test_the_same_finding_in_other_words_is_no_precedent(memory):
    """Another monitor saw another symptom."""
    await memory.recall.remember(ended(an_oom(1)))
    other = an_oom(2)
    text = "The kernel chose the batch worker while the node was short of memory; three siblings were evicted before it."
    findings = (replace(other.findings[0], text=text, facts={"reason": "Evicted", "scope": "node"}),)
    alert = replace(other.alerts[0], title="Queue depth grows and consumers lag behind", metric="kafka.consumer_lag", query="sum:kafka.consumer_lag{*}")

    assert list(await memory.recall.similar(replace(other.case(), findings=findings, alerts=(alert,)))) == []


async def test_without_a_finding_nothing_is_alike(memory):
    """Silence is not likeness."""
    await memory.recall.remember(ended(an_oom(1)))

    assert list(await memory.recall.similar(replace(an_oom(2).case(), findings=()))) == []


async def test_remembering_again_replaces(memory):
    """A success that turned out to be none moves the record."""
    await memory.recall.remember(ended(an_oom(1)))
    await memory.recall.remember(ended(an_oom(1), name="not_fixed", reason="fired again"))

    (precedent,) = await memory.recall.similar(an_oom(2).case())
    assert (precedent.outcome, precedent.reason, precedent.track_record) == ("not_fixed", "fired again", pytest.approx(1 / 3, abs=0.001))


async def test_failures_and_refusals_come_first_then_this_target(memory):
    """At most three; what went well elsewhere comes last."""
    elsewhere = Target(kind="workload", place="sandbox", path="shop/Deployment/web")
    refusal = (*up_to_the_merge()[1:3], Decided(decision=Decision(digest="d" * 64, answer="rejected", by="U", reason="too much", at=NOW)))
    await memory.recall.remember(ended(an_oom(1, target=elsewhere), at=later(9)))
    await memory.recall.remember(ended(an_oom(2), at=later(1)))
    await memory.recall.remember(ended(an_oom(3, target=elsewhere), name="rolled_back"))
    await memory.recall.remember(ended(an_oom(4), name="handed_over", entries=refusal))

    found = await memory.recall.similar(an_oom(5).case())

    assert [one.incident_id for one in found] == ["INC-4", "INC-3", "INC-2"]
    assert found[0].reason == "too much"
    assert (found[0].tries, found[0].track_record) == (3, pytest.approx(3 / 5))


async def test_old_tries_weigh_less(memory):
    """Half after 90 days."""
    await memory.recall.remember(ended(an_oom(1)))
    memory.clock.at = later(90 * 24 * 60)

    (precedent,) = await memory.recall.similar(an_oom(2).case())
    assert precedent.track_record == pytest.approx(1.5 / 2.5)


async def test_recall_works_where_sqlite_has_no_full_text_search(memory):
    """Then the rows of the same finding are read."""
    await memory.database.writer.write(lambda c: c.exec_driver_sql("DROP TABLE memory_search"))
    await memory.recall.remember(ended(an_oom(1)))

    assert [one.incident_id for one in await memory.recall.similar(an_oom(2).case())] == ["INC-1"]


async def test_words_that_look_like_a_search_are_only_words(memory):
    """Alert titles are hostile."""
    await memory.recall.remember(ended(an_oom(1)))
    nasty = replace(an_oom(2).alerts[0], title='"OR NEAR( * AND" -x symptoms: ^ "')

    await memory.recall.similar(replace(an_oom(2).case(), alerts=(nasty,)))
