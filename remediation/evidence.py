"""Evidence: gathered from all sources at once, each with its time, then numbered, masked and cut to what people and models can read."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from remediation.entries import Incident
from remediation.errors import Late, RemediationError
from remediation.masking import mask, mask_object
from remediation.observed import Observed
from remediation.ports import Source
from remediation.quantities import format_duration
from remediation.rarity import within
from remediation.silence import told_once, why_silent
from remediation.terms import Alert, Evidence, EvidenceKind, Json, ObjectRef, Target, Window

_HEAD_SHARE = 0.4  # of a text that is cut: its beginning says what it is, its end what happened last


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much evidence there may be. seconds: for one source.  characters: of one item's text.  total: of all texts together."""

    seconds: float = 20.0
    items: int = 40
    characters: int = 6_000
    total: int = 60_000


def window_of(incident: Incident, minutes: float, now: datetime) -> Window:
    """From `minutes` before the first alert until now."""
    first = min((alert.started_at for alert in incident.alerts), default=incident.opened_at)
    return Window(since=min(first, now) - timedelta(minutes=minutes), until=now)


async def gather(sources: Sequence[Source], incident: Incident, window: Window, limits: Limits) -> tuple[Evidence, ...]:
    """The alerts, then what every source that suits the target says, all asked at once. One that fails or is late is one item, too."""
    suited = [source for source in sources if source.suits(incident.target)]
    answers = await asyncio.gather(*(_observe(source, incident, window, limits.seconds) for source in suited))
    items = [_alerts(incident.alerts, window.until), *told_once([item for answer in answers for item in answer])]
    return cut(number(_masked(item) for item in items), limits)


async def _observe(source: Source, incident: Incident, window: Window, seconds: float) -> Sequence[Evidence]:
    try:
        async with asyncio.timeout(seconds):
            return await source.observe(incident, window)
    except TimeoutError:
        late = Late.of(source.name, seconds, "What it knows is missing here; look there yourself.")
        return [unread("objects", source.name, source.name, late, window.until, needed=source.needed)]
    except RemediationError as error:
        return [unread("objects", source.name, source.name, error, window.until, needed=source.needed)]


def unread(kind: EvidenceKind, source: str, title: str, error: RemediationError, at: datetime, *, needed: bool = False) -> Evidence:
    """The item that says what could not be read, and what to do. needed: as `Evidence` has it."""
    silence = why_silent(error)
    return Evidence(
        kind=kind, source=source, title=f"{title}: not read", at=at, text=str(error), failed=True, unanswered=silence, needed=needed
    )  # fmt: skip


def number(items: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The same items as E1, E2, …; alerts first, else in their order."""
    ordered = sorted(items, key=lambda item: item.kind != "alert")
    return tuple(replace(item, item=f"E{index}") for index, item in enumerate(ordered, start=1))


def cut(items: Sequence[Evidence], limits: Limits) -> tuple[Evidence, ...]:
    """At most so many items, each text and all texts together at most so long; what is left out is counted, never silent."""
    kept = list(items[: limits.items])
    if over := len(items) - len(kept):
        last = kept[-1]
        kept[-1] = replace(last, text=f"{last.text}\n({over} more items were left out)", left_out=last.left_out + over)
    share = max(200, min(limits.characters, limits.total // max(1, len(kept))))
    spare = limits.total - sum(min(len(item.text), share) for item in kept)
    shortened = []
    for item in kept:
        allowed = min(limits.characters, max(share, min(len(item.text), share + spare)))
        spare -= max(0, min(len(item.text), allowed) - share)
        shortened.append(_shortened(item, allowed))
    return tuple(shortened)


def _shortened(item: Evidence, characters: int) -> Evidence:
    """Whole lines from its beginning and its end; of a log the rare ones."""
    if len(item.text) <= characters:
        return item
    if item.kind == "logs":
        text, left_out = within(item.text, characters)
        return replace(item, text=text, left_out=item.left_out + left_out)
    lines = item.text.split("\n")
    head = _fitting(lines, characters * _HEAD_SHARE)
    tail = _fitting(lines[len(head) :][::-1], characters - sum(len(line) + 1 for line in head))[::-1]
    left_out = len(lines) - len(head) - len(tail)
    if not head and not tail:
        return replace(item, text=f"{item.text[:characters]} …", left_out=item.left_out + 1)
    return replace(item, text="\n".join([*head, f"… {left_out} lines left out …", *tail]), left_out=item.left_out + left_out)


def _fitting(lines: Sequence[str], characters: float) -> list[str]:
    fitting: list[str] = []
    for line in lines:
        characters -= len(line) + 1
        if characters < 0:
            break
        fitting.append(line)
    return fitting


def _masked(item: Evidence) -> Evidence:
    """The net below what sources mask themselves. Objects are theirs alone: they mask while they read."""
    return replace(item, title=mask(item.title), text=mask(item.text))


def masked_objects(objects: Iterable[Mapping[str, Json]]) -> tuple[Mapping[str, Json], ...]:
    """API objects as evidence keeps them: without secrets."""
    return tuple(mask_object(thing) for thing in objects)


def _alerts(alerts: Sequence[Alert], now: datetime) -> Evidence:
    """All alerts of the incident as one item, the newest first."""
    newest = sorted(alerts, key=lambda alert: alert.started_at, reverse=True)
    text = "\n\n".join(_told(alert, now) for alert in newest)
    first = newest[0] if newest else None
    title = first.title if first else "No alert"
    return Evidence(kind="alert", source=first.source if first else "", title=title, at=first.started_at if first else now, text=text)


def _told(alert: Alert, now: datetime) -> str:
    measured = f"{alert.metric or 'value'} = {alert.value:g}" if alert.value is not None else ""
    lines = (
        f"{alert.transition} ({alert.severity}), {format_duration(now - alert.started_at)} ago: {alert.title}",
        measured + (f", threshold {alert.threshold:g}" if alert.threshold is not None else ""),
        ", ".join(f"{name} {value}" for name, value in alert.labels.items()),
        f"query: {alert.query}" if alert.query else "",
        alert.text,
    )
    return "\n".join(line for line in lines if line)


def resolve_target(target: Target, evidence: Iterable[Evidence]) -> Target:
    """The workload that really stands behind a pod, or behind a name that was guessed from one; the target itself when nothing shows it."""
    if target.kind != "workload":
        return target
    observed = Observed(evidence)
    named = observed.get(target.object_kind, target.namespace, target.name)
    root = observed.root(named) if named is not None else _by_pods(target, observed)
    return replace(target, path=f"{root.namespace}/{root.kind}/{root.name}") if root is not None else target


def _by_pods(target: Target, observed: Observed) -> ObjectRef | None:
    """Nothing has this very name: a workload of another kind may, or pods may begin with it."""
    pods = (pod for pod in observed.all("Pod", target.namespace) if _begins(pod["metadata"]["name"], target.name))
    roots = [observed.root(thing) for thing in (*pods, *observed.all("ReplicaSet", target.namespace))]
    if target.object_kind == "Pod":
        return max((root for root in roots if _begins(target.name, root.name)), key=lambda root: len(root.name), default=None)
    return next((root for root in roots if root.name == target.name), None)


def _begins(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(f"{prefix}-")
