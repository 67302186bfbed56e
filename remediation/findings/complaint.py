"""What an object of any kind says against itself: a condition that should not be so, or a phase that tells of trouble."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.findings.said import meaning
from remediation.observed import Object
from remediation.reading.cells import BAD_WORD
from remediation.terms import Json

_SHOULD_BE = re.compile(
    r"^(?!Not|Un|In(?=[vc]))\w*(?:Ready|Available|Healthy|Synced|Issued|Succeeded|Initialized|Launched|Registered|Reconciled|Established|"
    r"Connected|Valid|Accepted|Programmed|ResolvedRefs|Bound|Provisioned|Validated|Applied|Installed|Reachable|Authenticated|Verified)$"
)
_SHOULD_NOT = re.compile(r"(?:Degraded|Fail(?:ed|ing|ure)|Stalled|Error(?:ed)?|NotReady|Invalid|Unhealthy|Unavailable|Conflict(?:ed)?)$")
_ON_PURPOSE = re.compile(r"Paused|Suspended|Disabled|ScaledToZero|Inactive|NoTraffic|NotActive|Hibernat|Idle")
_STATES = re.compile(r"(?:\w*(?:phase|state|status|health)|lastError|errorMessage|error)$", re.IGNORECASE)  # whatever their word before it
_WORDS = ("message", "phaseReason", "statusMessage", "description", "details", "detail", "errorMessage", "lastErrorMessage")
_ERRORS = ("error", "lastError", "failure", "lastFailure")  # objects that hold a message
_BAD_STATE = re.compile(
    r"fail|(?<!no )(?<!0 )error|degraded|unavailable|unhealthy|not.?ready|\binvalid|refused|denied|reject|stalled|stuck|expired|not enough|"
    r"insufficient|^(?:red|critical|down|lost)$|timed ?out|offline|missing|mismatch|"
    r"unrecoverable|corrupt|broken|cannot|unable|could not",
    re.IGNORECASE,
)
_WAITING_STATE = re.compile(r"^(?:pending|progressing|provisioning|creating|waiting\b.*|initiali[sz]ing|setting up.*)$", re.IGNORECASE)
_WAITS = re.compile(r"Progressing|Pending|DoesNotExist|Issuing|InProgress|Reconciling|Creating|Waiting")
_NEEDED = re.compile(r"not found|does not exist|no such|could not find|could not be found|cannot find|missing", re.IGNORECASE)
_OUTSIDE = re.compile(r"NoSuch[A-Z]|api error|[Ss]tatus ?[Cc]ode|\bCode: \d{3}|https?://|rpc error: code|[Ee]rror making API request")
_CLASSES = frozenset(
    {"wrong_credentials", "certificate_expired", "certificate_untrusted", "disk_full", "dependency_unreachable", "dns_failure",
     "cloud_denied", "rbac_forbidden", "rate_limited", "data_damaged", "definition_missing"}
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """shown: what is not as it should be, `Ready=False`.  reason, message: in its own words, empty for none."""

    shown: str
    reason: str = ""
    message: str = ""

    @property
    def cause(self) -> str:
        """What its words tell of: reference_missing, waits, a failure as applications have it, unsaid without words, or refused."""
        words = f"{self.reason} {self.message}".strip()
        said = meaning(self.message)
        if said is not None and said.kind in _CLASSES:
            return said.kind
        waits = _WAITS.search(self.reason.removesuffix("Pending"))
        if _NEEDED.search(self.message) and not waits and not _OUTSIDE.search(self.message):
            return "reference_missing"
        return "waits" if _WAITS.search(self.reason) else "refused" if words else "unsaid"


def complaint_of(thing: Object) -> Complaint | None:
    """What it says most about; None where all is well, or as somebody meant it."""
    status = thing.get("status")
    if not isinstance(status, Mapping):
        return None
    if thing.get("kind") == "Namespace":
        return _terminating(status, going=status.get("phase") == "Terminating" or "deletionTimestamp" in (thing.get("metadata") or {}))
    every = [*_of_conditions(status), *_of_state(status)]
    kept = [one for one in every if not _ON_PURPOSE.search(f"{one.shown} {one.reason}")]
    return max(kept, key=lambda one: (len(one.message), len(one.reason)), default=None)


def is_well(thing: Object) -> bool:
    """Whether its controller says that it is as it should be, and nothing to the contrary."""
    status = thing.get("status")
    conditions = _conditions(status) if isinstance(status, Mapping) else []
    synced, healthy = (_word(status, part) for part in ("sync", "health"))  # an application of Argo CD
    if synced == "Synced" and healthy == "Healthy":
        return complaint_of(thing) is None
    good = any(_SHOULD_BE.search(str(c.get("type"))) and c.get("status") == "True" for c in conditions)
    return good and complaint_of(thing) is None


def _word(status: Json, part: str) -> str:
    inner = status.get(part) if isinstance(status, Mapping) else None
    return str(inner.get("status") or "") if isinstance(inner, Mapping) else ""


def _conditions(status: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    found = status.get("conditions")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


_KEEPS = ("Remaining", "Failure", "Discovery", "Finalizer")  # in conditions of a namespace: the later tells more of what keeps it


def _terminating(status: Mapping[str, Json], *, going: bool) -> Complaint | None:
    """What keeps a namespace from going."""
    stays = [c for c in _conditions(status) if c.get("status") == "True"] if going else []
    kept = max(stays, key=lambda c: max((at for at, word in enumerate(_KEEPS) if word in str(c.get("type"))), default=-1), default=None)
    return None if kept is None else _made(kept)


def _of_conditions(status: Mapping[str, Json]) -> Iterator[Complaint]:
    for condition in _conditions(status):
        kind, value = str(condition.get("type") or ""), str(condition.get("status"))
        worded = bool(condition.get("message") or condition.get("reason"))
        unknown = value == "Unknown" and kind == "Ready" and worded
        gave_up = condition.get("reason") in ("Failed", "Errored") and condition.get("message")  # as Issuing=False of a certificate
        if gave_up or (_SHOULD_BE.search(kind) and (value == "False" or unknown)) or (_SHOULD_NOT.search(kind) and value == "True"):
            yield _made(condition)
    last: Mapping[str, Json] = next(reversed(_conditions(status)), {})
    bad = last.get("status") == "False" or _BAD_STATE.search(str(last.get("phase") or ""))
    if not last.get("type") and bad and last.get("message"):  # a history of phases, as an operator's package has it
        yield _made(last)


def _made(condition: Mapping[str, Json]) -> Complaint:
    kind = condition.get("type") or ("phase" if condition.get("phase") else "condition")
    shown = f"{kind}={condition.get('status') or condition.get('phase')}"
    errors = condition.get("errors") if isinstance(condition.get("errors"), list) else []
    inner = [str(one.get("message")) for one in errors or () if isinstance(one, Mapping) and one.get("message")]  # of Contour's
    message = "; ".join(inner) or str(condition.get("message") or "").strip()
    return Complaint(shown=shown, reason=str(condition.get("reason") or ""), message=message)


def _of_state(status: Mapping[str, Json]) -> Iterator[Complaint]:
    """What a phase, or a column of a table, says."""
    told = next((str(status[key]) for key in _WORDS if isinstance(status.get(key), str)), "")
    reason = str(status["reason"]) if isinstance(status.get("reason"), str) else ""
    for key, value in status.items():
        if isinstance(value, Mapping) and key in _ERRORS and isinstance(value.get("message"), str):
            yield Complaint(shown=key, message=value["message"])
        if not isinstance(value, str) or not (_STATES.match(key) or BAD_WORD.match(value)):
            continue
        words = " ".join(filter(None, (told, value if " " in value else "", reason if " " in reason else ""))).strip()
        if _BAD_STATE.search(value):
            yield Complaint(shown=f"{key}={value}", reason="" if " " in reason else reason, message=words)
        elif _WAITING_STATE.match(value) and words:
            yield Complaint(shown=f"{key}={value}", reason="Pending", message=words)
