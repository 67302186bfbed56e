"""Which incident an alert belongs to: join the open one of its target, open one, or leave it. Works on what is stored, asks no system."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Literal

from remediation.entries import AlertJoined, Incident, Opened
from remediation.errors import Conflict
from remediation.kinds import is_name, is_namespace
from remediation.ports import Inbox
from remediation.terms import Alert, Standing, Target

# The letters that Kubernetes draws random name parts from: no vowels and nothing that looks like one.
_RANDOM = "[bcdfghjklmnpqrstvwxz2456789]"
POD_OF_DEPLOYMENT = re.compile(rf"(?P<name>.+)-{_RANDOM}{{6,10}}-{_RANDOM}{{5}}")
_OWNERS = (
    (re.compile(rf"(?P<name>.+)-\d{{8}}-{_RANDOM}{{5}}"), "CronJob"),  # the minute that it was due, since 1970
    (POD_OF_DEPLOYMENT, "Deployment"),
    (re.compile(r"(?P<name>.+)-\d{1,4}"), "StatefulSet"),
    (re.compile(rf"(?P<name>.+)-{_RANDOM}{{5}}"), "DaemonSet"),
)
_KINDS = {
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
    "cronjob": "CronJob",
    "job": "Job",
}
_AGAIN = "renotify"  # the word of who tells of the same fire again
_BEAT = 100  # alerts placed at one go
_ID_LETTERS = (8, 12, 16, 24)  # of an incident's id: more when the shorter one is another incident's

Answer = Literal["join", "open", "ignore"]


def target_of(alert: Alert, default_place: str) -> Target:
    """What the alert is about, as far as its labels tell. A pod stands for the workload whose name it carries; evidence may correct that.

    Without a workload it is the host, the service, or the monitor itself, which no Kubernetes source suits.
    """
    labels = alert.labels
    place, namespace = labels.get("cluster", default_place), labels.get("namespace", "")
    if is_namespace(namespace):
        kind, name = _workload(labels)
        if name:
            return Target(kind="workload", place=place, path=f"{namespace}/{kind}/{name}")
    for kind in ("host", "service"):
        if labels.get(kind):
            return Target(kind=kind, place=place, path=labels[kind])
    return Target(kind="service", place=place, path=alert.monitor_id or alert.title)


def _workload(labels: Mapping[str, str]) -> tuple[str, str]:
    """Kind and name; the name is empty where none is given that an object can have."""
    for label, kind in _KINDS.items():
        if is_name(labels.get(label, "")):
            return kind, labels[label]
    pod = labels.get("pod", "")
    if not is_name(pod):
        return "Pod", ""
    for pattern, kind in _OWNERS:
        if match := pattern.fullmatch(pod):
            return kind, match["name"]
    return "Pod", pod


def incident_id_of(alert: Alert, letters: int = _ID_LETTERS[0]) -> str:
    """The id of the incident that this alert opens: the same however often it is placed. `INC-` and letters that read well aloud."""
    digest = hashlib.sha256(alert.alert_id.encode()).digest()
    return "INC-" + base64.b32encode(digest)[:letters].decode()


def belongs(alert: Alert, newest: Incident | None) -> Answer:
    """What becomes of an alert, given its target's newest incident (open or ended)."""
    if alert.state == "ignored":
        return "ignore"
    if newest is not None and newest.outcome is None:
        return "join"
    if alert.state == "recovered":
        return "join" if newest is not None and _burns(newest, alert.cycle) else "ignore"
    if newest is not None and (_is_over(newest, alert) or _is_closed(newest, alert)):
        return "ignore"
    # Handed to people and never recovered: the same cycle firing on is no news, and must not open an incident an hour.
    if newest is not None and newest.status == "escalated" and _burns(newest, alert.cycle):
        return "join"
    return "open"


def _burns(incident: Incident, cycle: str) -> bool:
    last = _last(incident, cycle)
    return last is not None and last.state == "firing"


def _is_over(incident: Incident, alert: Alert) -> bool:
    """Whether this firing alert is an old one, delivered late: its cycle recovered since, as far as the incident knows."""
    last = _last(incident, alert.cycle) if alert.cycle else None
    return last is not None and last.state == "recovered" and last.started_at >= alert.started_at


def _is_closed(incident: Incident, alert: Alert) -> bool:
    """Whether a person closed the incident of this fire, which is only told again."""
    return incident.closed is not None and alert.transition.casefold() == _AGAIN and _burns(incident, alert.cycle)


def _last(incident: Incident, cycle: str) -> Alert | None:
    """The last word of this cycle by its own date, whatever the order in which they came; of one moment, the one that came last."""
    told = [alert for alert in incident.alerts if alert.cycle == cycle and alert.state != "ignored"]
    return max(reversed(told), key=lambda alert: alert.started_at, default=None)


def _why_left(alert: Alert, newest: Incident | None) -> str:
    """Why it woke nobody, as the record keeps it. A recovery that is left joins its trigger, should that arrive later."""
    firing = "closed by a person" if newest is not None and newest.closed is not None else "recovered since"
    reasons = {"recovered": "recovered before anything was known", "firing": firing}
    return reasons.get(alert.state, alert.transition)


class Correlator:
    """Places stored alerts. Every placing is one transaction, so a death between two leaves the second waiting."""

    def __init__(self, inbox: Inbox, default_place: str, standing_of: Callable[[Target, Mapping[str, str]], Standing]) -> None:
        self._inbox = inbox
        self._default_place = default_place
        self._standing_of = standing_of

    async def place_some(self) -> tuple[list[str], bool]:
        """Place a beat of what waits, oldest first: the ids of the incidents that heard something, and whether more may wait."""
        alerts = await self._inbox.waiting(_BEAT)
        touched = [incident_id for alert in alerts if (incident_id := await self._place(alert))]
        return touched, len(alerts) == _BEAT

    async def _place(self, alert: Alert) -> str:
        """The id of the incident that heard of it, empty when it belongs to none."""
        for letters in _ID_LETTERS:
            with suppress(Conflict):  # its incident ended just now, or the id is another incident's: decide again
                return await self._decide(alert, letters)
        raise Conflict(f"No incident takes the alert {alert.alert_id}.", "Run `suture check`: is the record as it was written?")

    async def _decide(self, alert: Alert, letters: int) -> str:
        target = target_of(alert, self._default_place)
        incident = await self._incident_for(alert, target)
        match belongs(alert, incident):
            case "join" if incident is not None:
                await self._inbox.place(alert, incident.incident_id, AlertJoined(alert=alert))
                return incident.incident_id
            case "open":
                opened = Opened(target=target, standing=self._standing_of(target, alert.labels), alert=alert)
                incident_id = incident_id_of(alert, letters)
                await self._inbox.place(alert, incident_id, opened)
                return incident_id
        await self._inbox.ignore(alert.alert_id, _why_left(alert, incident))
        return ""

    async def _incident_for(self, alert: Alert, target: Target) -> Incident | None:
        """The incident that the alert's cycle burns in, else its target's newest.

        A recovery need not name its target again. A firing alert that names another workload than its cycle's incident speaks for itself:
        an aggregation key may be coarser than a workload.
        """
        newest = await self._inbox.newest_incident_of(target)
        if newest is not None and _burns(newest, alert.cycle):
            return newest
        if alert.state == "recovered" or target.kind != "workload":
            known = await self._inbox.incident_of_cycle(alert.source, alert.cycle)
            if belongs(alert, known) == "join":
                return known
        return newest
