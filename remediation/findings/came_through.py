"""What came through in the end, as events alone tell, of pods that nothing else shows: a success of its own follows the trouble."""

import re
from collections.abc import Mapping

from remediation.observed import Object, Observed, Place, about, event_text, event_time
from remediation.terms import Finding

_OF_THE_POD = ("Created", "Started")  # which waits for a node, a sandbox and all of its volumes
_SUCCESS: Mapping[str, tuple[str, ...]] = {  # reasons of events, by the kind of finding that they end
    "unschedulable": ("Scheduled", *_OF_THE_POD),
    "volume_trouble": ("SuccessfulAttachVolume", *_OF_THE_POD),
    "reference_missing": _OF_THE_POD,
    "sandbox_failed": _OF_THE_POD,
    "image_pull_failed": ("Pulled",),
}
_REFUSED = ("creation_refused", "reference_missing")
_OF_QUOTAS = ("quota", "overasked", "limit_range", "must_specify")  # some pods are made all the same, and others are not
_QUOTED = re.compile(r"\"([^\"\s]+)\"")
_MOUNTED = re.compile(r"MountVolume|mount volumes")


def came_through(finding: Finding, place: Place, observed: Observed) -> str:
    """Which success was seen after the last warning; empty where none was, or where a pod is shown, which says for itself."""
    reasons = _SUCCESS.get(finding.kind, ())
    if not reasons or (finding.kind == "reference_missing" and not _MOUNTED.search(finding.text)):  # of one container others say nothing
        return ""
    events = [event for event in observed.events_under(place) if about(event)[0] == "Pod"]
    if not events or any(observed.get(*about(event)) for event in events):
        return ""
    last = max((event_time(event) for event in events if event.get("type") == "Warning"), default="")
    since = [event for event in events if event.get("reason") in reasons and event_time(event) >= last > "" and _same(event, finding)]
    return f"{max(since, key=event_time)['reason']} came after it" if since else ""


def _same(event: Object, finding: Finding) -> bool:
    """Whether an event of one image or volume is of the one that the finding tells of."""
    named = _QUOTED.findall(event_text(event))
    return event.get("reason") not in ("Pulled", "SuccessfulAttachVolume") or any(name in finding.text for name in named)


def made_since(finding: Finding, place: Place, observed: Observed) -> str:
    """That the same controller made its pod after it had been refused; empty where it did not, or where a quota lets only some in."""
    cause, missing = finding.facts.get("cause"), finding.facts.get("missing", "ServiceAccount")
    if finding.kind not in _REFUSED or cause in _OF_QUOTAS or missing != "ServiceAccount":
        return ""
    events = observed.events_under(place)
    refused = max((event for event in events if event.get("reason") == "FailedCreate"), key=event_time, default=None)
    if refused is None or not event_time(refused):
        return ""
    made = [event for event in events if event.get("reason") == "SuccessfulCreate" and about(event) == about(refused)]
    later = next((event for event in made if event_time(event) > event_time(refused)), None)
    return f'then {about(refused)[0]} {about(refused)[2]} came through: "{event_text(later).strip()[:200]}"' if later else ""


def rescaled_since(finding: Finding, place: Place, observed: Observed) -> str:
    """That an autoscaler scaled after it had failed to, as its events alone tell; empty where it is shown, and says for itself."""
    if finding.kind != "autoscaler_stuck" or observed.get(*place) is not None:
        return ""
    events = [event for event in observed.events_under(place) if about(event) == place]
    failed = max((event_time(event) for event in events if str(event.get("reason")).startswith("Failed")), default="")
    later = next((event for event in events if event.get("reason") == "SuccessfulRescale" and event_time(event) > failed > ""), None)
    return f'it scaled since: "{event_text(later).strip()[:200]}"' if later else ""
