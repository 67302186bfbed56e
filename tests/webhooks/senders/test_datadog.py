"""What is read off a Datadog body, whoever wrote its template."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from remediation.errors import Unreadable
from tests.remediation.made import NOW
from tests.shared import corpus
from webhooks.senders import Delivery
from webhooks.senders.datadog import SENDER, _same_again, alerts

SCOPE = "kube_cluster_name:prod-eu-1,kube_namespace:shop,pod_name:api-6d5f7c9b8-xk2vq"
RECOMMENDED = {
    "$ID": "8082436309665268856", "$ALERT_ID": "18692904", "$EVENT_TYPE": "query_alert_monitor",
    "$EVENT_TITLE": f"[Triggered on {{{SCOPE}}}] [kubernetes] Pod api-6d5f7c9b8-xk2vq is OOMKilled on namespace shop",
    "$ALERT_TITLE": "", "$EVENT_MSG": "%%%\npod api-6d5f7c9b8-xk2vq is in OOMKilled on shop\n\nMetric value: 0.97\n%%%", "$TEXT_ONLY_MSG": "",
    "$ALERT_TRANSITION": "Triggered", "$ALERT_TYPE": "error", "$ALERT_CYCLE_KEY": "5872369837465213548", "$AGGREG_KEY": "9bd4ac313a4d1e8f",
    "$ALERT_METRIC": "kubernetes.memory.usage_pct", "$ALERT_QUERY": "max(last_5m):max:kubernetes.memory.usage_pct{*} by {pod_name} > 0.9",
    "$ALERT_STATUS": f"kubernetes.memory.usage_pct over {SCOPE} was > 0.9 at least once during the last 5m", "$ALERT_SCOPE": SCOPE,
    "$TAGS": "env:prod,service:api,team:shop,monitor", "$HOSTNAME": "node-1", "$ALERT_PRIORITY": "P1", "$DATE": "1746013550000",
    "$LAST_UPDATED": "1746013550000", "$LINK": "https://app.datadoghq.com/event/event?id=8082436309665268856", "$ORG_ID": "1", "$ORG_NAME": "Org",
}  # fmt: skip
PLAIN = {"alert_id": "a-1", "monitor_id": "7", "event_type": "query_alert_monitor", "title": "OOM", "message": "in api", "tags": "env:prod"}


def read(body, at=NOW, form=False):
    (alert,) = alerts(Delivery(body=urlencode(body).encode() if form else json.dumps(body).encode(), at=at, form=form))
    return alert


def rendered(**changes):
    """Our recommended payload as Datadog would fill it. changes: variables without the dollar sign."""
    template = (Path(__file__).parents[3] / "docs" / "datadog-webhook.json").read_text(encoding="utf-8")
    values = {**RECOMMENDED, **{f"${name}": value for name, value in changes.items()}}
    for name in sorted(values, key=len, reverse=True):
        template = template.replace(f'"{name}"', json.dumps(values[name]))
    return json.loads(template)


def test_the_recommended_payload_gives_everything():
    """Each variable that it asks for is used."""
    alert = read(rendered())

    assert alert == replace(
        alert,
        source="datadog", cycle="5872369837465213548", state="firing", transition="Triggered", severity="critical", monitor_id="18692904",
        title="[kubernetes] Pod api-6d5f7c9b8-xk2vq is OOMKilled on namespace shop",
        text="pod api-6d5f7c9b8-xk2vq is in OOMKilled on shop\n\nMetric value: 0.97",
        started_at=datetime(2025, 4, 30, 11, 45, 50, tzinfo=UTC),
        labels={"cluster": "prod-eu-1", "namespace": "shop", "pod": "api-6d5f7c9b8-xk2vq", "env": "prod", "service": "api", "team": "shop",
                "host": "node-1"},
        tags=("env:prod", "service:api", "team:shop", "monitor", "host:node-1"),
        metric="kubernetes.memory.usage_pct", query=RECOMMENDED["$ALERT_QUERY"], value=0.97, threshold=0.9, url=RECOMMENDED["$LINK"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("transition", "state"),
    [
        ("Triggered", "firing"), ("Re-Triggered", "firing"), ("Warn", "firing"), ("Re-Warn", "firing"), ("No Data", "firing"),
        ("Re-No Data", "firing"), ("Renotify", "firing"), ("Recovered", "recovered"),
    ],
)  # fmt: skip
def test_a_transition_says_the_state(transition, state):
    """Whatever the type says."""
    for alert_type in ("error", "success", "info"):
        assert read(rendered(ALERT_TRANSITION=transition, ALERT_TYPE=alert_type)).state == state


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"title": "[Recovered] x", "alert_transition": "Null"}, "recovered"),
        ({"title": "[Recovered on {a:b}] x"}, "recovered"),
        ({"title": "x", "alert_transition": "Null", "alert_type": "success"}, "recovered"),
        ({"title": "x", "alert_transition": "Null", "alert_type": "error"}, "firing"),
        ({"title": "x", "alert_transition": "Null", "alert_type": "info"}, "ignored"),
        ({"title": "x", "alert_transition": "$ALERT_TRANSITION"}, "firing"),
        ({"title": "x", "alert_transition": None}, "firing"),
        ({"title": "x", "event_type": "recovered"}, "recovered"),
        ({"title": "Recovered: disk"}, "recovered"),
        ({"title": "[Resolved] x"}, "recovered"),
        ({"title": "x", "event_type": "alert.recovered"}, "recovered"),
        ({"title": "x", "event_type": "recovery"}, "recovered"),
        ({"title": "x", "event_type": "metric_alert_recovered"}, "recovered"),
        ({"title": "x", "event_type": "alert.resolved"}, "recovered"),
        ({"title": "x", "event_type": "Resolved"}, "recovered"),
        ({"title": "x", "alert_transition": "alert_resolved"}, "recovered"),
        ({"title": "x", "event_type": "resolved", "alert_type": "error"}, "recovered"),
        ({"title": "x", "alert_transition": "Null", "event_type": "alert.recovered", "alert_type": "warning"}, "recovered"),
        ({"title": "x", "event_type": "triggered", "alert_type": "success"}, "firing"),
        ({"title": "x", "event_type": "query_alert_monitor", "alert_type": "success"}, "recovered"),
        ({"title": "x", "event_type": "query_alert_monitor", "alert_type": "error"}, "firing"),
        ({"title": "x", "status": "Resolved", "alert_type": "error"}, "recovered"),
        ({"title": "x", "state": "OK"}, "recovered"),
        ({"title": "x", "event_type": "info", "alert_type": "error"}, "firing"),
        ({"title": "x", "alert_status": "cpu was above 90 and is ok", "alert_type": "error"}, "firing"),
        ({"title": "x", "alert_transition": "Triggered", "event_type": "resolved"}, "firing"),
        ({"title": "x"}, "firing"),
    ],
)
def test_without_a_transition_other_words_say_it(body, state):
    """And what says nothing fires: an alert must not be lost."""
    assert read(body).state == state


def test_a_recovery_is_joined_by_its_cycle():
    """By the cycle key; else the aggregation key; else monitor and scope; by the event's id never."""
    for missing in ({}, {"ALERT_CYCLE_KEY": ""}, {"ALERT_CYCLE_KEY": "", "AGGREG_KEY": "$AGGREG_KEY"}):
        fired = read(rendered(**missing))
        recovered = read(rendered(**missing, ID="2", ALERT_TRANSITION="Recovered", DATE="1746013999000", EVENT_MSG="fine again"))
        elsewhere = read(rendered(**{**missing, "ALERT_SCOPE": "kube_namespace:pay"}, ALERT_ID="1"))
        assert fired.cycle == recovered.cycle
        assert fired.alert_id != recovered.alert_id
        if "AGGREG_KEY" in missing:
            assert fired.cycle == f"18692904|{SCOPE}" != elsewhere.cycle


def test_a_recovery_that_only_the_type_of_event_tells_is_another_alert():
    """Without a date the two differ in nothing else, and a repeated delivery is dropped."""
    fired = {"monitor_id": "7", "title": "OOM", "alert_type": "error", "event_type": "triggered"}
    recovered = {**fired, "event_type": "resolved"}
    assert read(fired).alert_id != read(recovered).alert_id
    assert read(fired).cycle == read(recovered).cycle


@pytest.mark.parametrize("scope", ["b:2, a:1", ["a:1", "b:2"], "B:2,A:1"])
def test_a_scope_is_the_same_in_any_order(scope):
    """Datadog does not promise one."""
    assert read({"title": "x", "monitor_id": 7, "scopes": scope}).cycle == "7|a:1,b:2"


def test_the_plain_form_joins_by_monitor_and_what_it_is_about():
    """`alert_id` is the event's there, and another one when it recovers."""
    fired = read(PLAIN)
    recovered = read({**PLAIN, "alert_id": "a-2", "title": "[Recovered] OOM"})

    assert (fired.monitor_id, fired.cycle) == ("7", "7|prod")
    assert (recovered.cycle, recovered.state) == (fired.cycle, "recovered")


def test_a_repeated_delivery_is_the_same_alert():
    """Also when it comes later; the order of keys and its own bookkeeping do not count."""
    first, again = rendered(), dict(reversed(rendered(LAST_UPDATED="1746013559999", LINK="https://eu/event").items()))

    assert read(first).alert_id == read(again, at=NOW + timedelta(hours=5)).alert_id


@pytest.mark.parametrize(
    "change", [{"DATE": "1746017150000"}, {"ALERT_TRANSITION": "Renotify"}, {"ID": "9"}, {"EVENT_MSG": "worse"}, {"ALERT_CYCLE_KEY": "2"}]
)
def test_what_is_news_is_another_alert(change):
    """A renotification at another date, above all."""
    assert read(rendered()).alert_id != read(rendered(**change)).alert_id


def test_a_body_without_a_date_is_the_same_for_an_hour():
    """Then it is not a repeated delivery any more, but the trouble of another day."""
    start = NOW.replace(minute=0)

    assert read(PLAIN, at=start).alert_id == read(PLAIN, at=start + timedelta(minutes=59)).alert_id
    assert read(PLAIN, at=start).alert_id != read(PLAIN, at=start + timedelta(hours=1)).alert_id
    assert read(PLAIN, at=start).started_at == start


@pytest.mark.parametrize(
    ("tags", "expected"),
    [("a:b, c:d,,e", ("a:b", "c:d", "e")), (["a:b", " c:d ", None, 5], ("a:b", "c:d", "5")), (None, ()), ("", ()), ("$TAGS", ()), ([], ())],
)
def test_tags_are_text_a_list_or_absent(tags, expected):
    """And a variable that was never filled is absent."""
    assert read({"title": "x", "tags": tags}).tags == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ('["env:prod","kube_namespace:shop"]', ("env:prod", "kube_namespace:shop")), ('[ "a:b" , null, 5]', ("a:b", "5")), ("[]", ()),
        ("[env:prod, kube_namespace:shop]", ("env:prod", "kube_namespace:shop")), ('["a:b"', ('"a:b"',)), ('["a,b"]', ("a,b",)),
    ],
)  # fmt: skip
def test_tags_may_be_the_text_of_a_json_list(tags, expected):
    """A form has no lists, and some templates quote them; what only looks like one is read as text with commas."""
    assert read({"title": "x", "tags": tags}).tags == expected
    assert read({"title": "x", "tags": tags}, form=True).tags == expected


@pytest.mark.parametrize("form", ["tags=env:prod&tags=kube_namespace:shop", "tags[]=env:prod&tags[]=kube_namespace:shop"])
def test_a_form_may_give_a_tag_at_a_time(form):
    """As forms write lists; no tag pushes another out."""
    (alert,) = alerts(Delivery(body=f"title=x&title=y&{form}".encode(), at=NOW, form=True))

    assert alert.labels == {"env": "prod", "namespace": "shop"}
    assert alert.title == "y"


@pytest.mark.parametrize("name", ["event_msg", "body", "message", "text", "text_only_msg", "description"])
def test_the_words_may_stand_under_any_of_their_names(name):
    """`$TEXT_ONLY_MSG` is often called `text`."""
    assert read({"title": "x", name: "%%%\nin api\n%%%"}).text == "in api"


@pytest.mark.parametrize(
    ("priority", "severity"),
    [("P1", "critical"), ("p2", "high"), (3, "medium"), ("4", "low"), ("P5", "low"), (2.0, "high"), ("", "unknown"), (None, "unknown"), ("x", "unknown")],
)
def test_priority_is_text_a_number_or_nothing(priority, severity):
    """Whatever the monitor has."""
    assert read({"title": "x", "priority": priority}).severity == severity


@pytest.mark.parametrize("date", ["1746013550000", 1746013550000, 1746013550, "1746013550", "2025-04-30T11:45:50Z"])
def test_a_date_is_epoch_milliseconds_or_what_people_write(date):
    """As text or as a number."""
    assert read({"title": "x", "date": date}).started_at == datetime(2025, 4, 30, 11, 45, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "value", "threshold"),
    [
        ("Metric value: 95.27", 95.27, None),
        ("kubernetes.memory.usage_pct over pod:x was **> 0.9** at least once", None, 0.9),
        ("CPU was 97 > 90", 97, 90),
        ("memory is 95.3% (threshold: 90%)", 95.3, 90),
        ("Current value is 1.5e3, threshold is 1000", 1500, 1000),
        ("The value has not been seen, the threshold neither", None, None),
        ("CPU was 1,234.5 > 1,000", 1234.5, 1000),
        ("queue was 1.2k > 1k", 1200, 1000),
        ("nothing to see", None, None),
    ],
)
def test_numbers_are_read_off_the_words(text, value, threshold):
    """Only what is said."""
    alert = read({"title": "x", "message": text})

    assert (alert.value, alert.threshold) == (value, threshold)


def test_numbers_of_their_own_win():
    """And the query's last number is the threshold where no words name one."""
    assert read({"title": "x", "query": "avg:system.cpu.user{*} > 90"}).threshold == 90
    alert = read({"title": "x", "message": "was 5 > 4", "value": "7", "threshold": 6, "query": "avg:a.b{*} > 1"})
    assert (alert.value, alert.threshold, alert.metric) == (7, 6, "a.b")


@pytest.mark.parametrize(
    ("body", "labels"),
    [
        ({"title": "Pod api-7d9-x is OOMKilled on namespace shop"}, {"pod": "api-7d9-x", "namespace": "shop"}),
        ({"title": "x", "message": "deployment shop/api-v2 in namespace `shop`"}, {"deployment": "api-v2", "namespace": "shop"}),
        ({"title": "x", "message": 'Deployment "api" of namespace: pay'}, {"deployment": "api", "namespace": "pay"}),
        ({"title": "x", "message": "the pod is restarting, the deployment should be rolled back, its namespace is fine"}, {}),
        ({"title": "x", "query": "max:k.m{kube_namespace:shop,kube_deployment:api,!env:dev,pod_name:*} by {pod_name} > 1"},
         {"namespace": "shop", "deployment": "api"}),
        ({"title": "x", "query": "max:k.m{kube_namespace:shop AND kube_deployment:api} > 1"}, {"namespace": "shop", "deployment": "api"}),
        ({"title": "x", "query": "max:k.m{kube_namespace:shop OR kube_namespace:pay} > 1"}, {}),
        ({"title": "x", "query": "max:k.m{NOT kube_namespace:shop} > 1"}, {}),
        ({"title": "x", "query": "max:k.m{kube_namespace IN (shop,pay)} > 1"}, {}),
        ({"title": "[TEST] [Triggered on {host:a}] down"}, {"host": "a"}),
        ({"title": "x", "tags": "kube_namespace:..,kube_deployment:web,pod_name:../../../api/v1/secrets"}, {"deployment": "web"}),
        ({"title": "x", "tags": "kube_namespace:$KUBE_NAMESPACE,pod_name:{{pod_name.name}},env:$ENV,kube_job:a?watch=true&x="}, {}),
        ({"title": "x", "message": "Runbook: check deployment `redis-cache` first. See pod web-7d8f9c6b54-x2k4z."},
         {"pod": "web-7d8f9c6b54-x2k4z"}),
        ({"title": "x", "message": "deployment `redis-cache` or deployment `api`, in namespace shop"}, {"namespace": "shop"}),
        ({"title": "x", "message": "pod web-7d8f9c6b54-x2k4z waits for pod db-7d8f9c6b54-x2k4z"}, {}),
        ({"title": "deployment roll-out stuck", "message": "pod crash-looping"}, {}),
        ({"title": "x", "message": "deployment `redis-cache`", "tags": "pod_name:web-0"}, {"pod": "web-0"}),
        ({"title": "[Triggered on {host:web-1}] down", "tags": "host:other"}, {"host": "web-1"}),
        ({"title": "x", "hostname": "web-1", "tags": ["environment:staging", "pod_name:n/a"]}, {"env": "staging", "host": "web-1"}),
    ],
)  # fmt: skip
def test_what_it_is_about_is_read_off_tags_then_words(body, labels):
    """A name is a name only where it cannot be a verb."""
    assert read(body).labels == labels


def test_secrets_are_masked_before_anything_is_stored():
    """In every field that a stranger fills."""
    secret = "glpat-" + "A1b2C3d4E5f6G7h8I9j0"
    body = {
        "title": f"login failed for {secret}", "message": f"password={secret}", "tags": [f"token:{secret}"], "query": f"avg:a.b{{x:{secret}}} > 1",
        "scopes": f"pod_name:{secret}", "hostname": secret, "alert_cycle_key": f"c-{secret}", "url": f"https://x/?token={secret}",
        "alert_transition": f"x {secret}", "monitor_id": f"m-{secret}", "metric": f"m.{secret}", "alert_status": f"{secret} was > 1",
    }  # fmt: skip

    assert secret not in repr(read(body))


def test_what_is_too_long_is_cut_and_says_so():
    """A megabyte of words is no message."""
    alert = read({"title": "t" * 9_000, "message": "m" * 100_000, "alert_cycle_key": "c" * 9_000, "tags": ["x" * 5_000] * 900})

    assert len(alert.title) == 500
    assert alert.text.endswith("(84000 characters left out)")
    assert (len(alert.cycle), len(alert.tags), len(alert.tags[0])) == (64, 200, 200)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "$LINK", "ftp://x", ""])
def test_only_a_web_address_is_a_link(url):
    """It is shown to people."""
    assert read({"title": "x", "url": url}).url == ""


def test_a_form_reads_as_json_does():
    """Encoded by Datadog, one value under each name."""
    body = {name: value for name, value in rendered().items() if isinstance(value, str)}

    assert read(body, form=True) == read(body)


def test_the_corpus_form_equals_the_corpus_json():
    """The same alert, travelling in two ways."""
    folder = corpus("alerts", "datadog")
    (as_form,) = alerts(Delivery(body=(folder / "rendered_crashloop_triggered.form.txt").read_bytes(), at=NOW, form=True))
    (as_json,) = alerts(Delivery(body=(folder / "rendered_crashloop_triggered.json").read_bytes(), at=NOW))

    assert as_form == as_json
    assert as_json.labels | {"namespace": "payments", "pod": "payment-api-6d5f7c9b8-xk2vq", "service": "payment-api"} == as_json.labels
    assert (as_json.metric, as_json.threshold) == ("kubernetes_state.container.status_report.count.waiting", 1)
    assert "%%%" not in as_json.text


def test_the_corpus_recovery_joins_its_alert():
    """The event ids are the same there, the cycle is what counts."""
    folder = corpus("alerts", "datadog")
    names = ("triggered", "recovered", "renotify")
    fired, recovered, renotified = (read(json.loads((folder / f"rendered_crashloop_{name}.json").read_text())) for name in names)

    assert fired.cycle == recovered.cycle == renotified.cycle
    assert (fired.state, recovered.state, renotified.state) == ("firing", "recovered", "firing")
    assert len({fired.alert_id, recovered.alert_id, renotified.alert_id}) == 3


def test_the_sender_serves_its_documented_paths():
    """The alias is older than the path."""
    assert (SENDER.paths, SENDER.token) == (("/webhooks/datadog", "/datadog-webhook"), "DATADOG_WEBHOOK_TOKEN")


@pytest.mark.parametrize(("said", "value"), [("97.3%", 97.3), ("1,234.5", 1234.5), ("1.2k", 1200), ("1,2", None), ("k", None), ("%", None)])
def test_a_number_is_read_as_people_write_it(said, value):
    """With its per cent, its thousands or its unit."""
    assert read({"title": "x", "value": said}).value == value


@pytest.mark.parametrize(
    ("body", "severity"),
    [({"severity": "SEV1"}, "critical"), ({"severity": "warning"}, "medium"), ({"priority": "normal", "severity": "critical"}, "critical")],
)
def test_the_first_known_word_says_the_severity(body, severity):
    """A priority that says nothing hides none."""
    assert read({"title": "x", **body}).severity == severity


def test_a_delivery_holds_at_most_a_thousand_alerts():
    """More would hold everybody else up."""
    body = json.dumps([{"title": "x"}] * 1_001).encode()
    with pytest.raises(Unreadable, match="1001 alerts") as caught:
        alerts(Delivery(body=body, at=NOW))
    assert caught.value.field == "body"


def test_what_is_long_is_not_remembered():
    """A monitor says the same again, and is read once; a thousand bodies of a megabyte would be held for good."""

    def remembered(**fields):
        _same_again.cache_clear()
        read({"title": "[Triggered] api", **fields})
        return _same_again.cache_info().currsize

    assert remembered(body="short") == 1
    assert remembered(body="x" * 9_000) == 0
    assert remembered(tags=["env:prod"] * 2_000) == 0
