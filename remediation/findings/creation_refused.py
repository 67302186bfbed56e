"""Pods that are never made: a quota, a LimitRange, a missing service account, an admission webhook or a security standard refuses them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from remediation.findings.finding import found
from remediation.findings.overasked import overasked
from remediation.findings.refusal import CreationRefused, words_of
from remediation.findings.refusal_declared import declared
from remediation.graph import CONTROLLERS, workloads
from remediation.kinds import kind_called
from remediation.observed import Object, Observed, about, event_text, place_of
from remediation.terms import Finding, ObjectRef, Target

_CAUSES: Sequence[tuple[str, str]] = (
    ("must_specify", r"failed quota: (?P<quota>[\w.-]+): must specify (?P<resource>[\w.,;/ :-]+)"),
    ("quota", (r"[Ee]xceeded quota: (?P<quota>[\w.-]+), requested: (?P<requested>[^ ]+(?:,[^ ]+)*), "
                r"used: (?P<used>[^ ]+(?:,[^ ]+)*), limited: "
              r"(?P<limited>\S+)")),
    ("limit_range", (r"(?P<side>maximum|minimum) (?P<resource>cpu|memory|storage) usage per (?P<scope>\w+) is (?P<limited>\w+), but "
                    r"(?:limit|request) is (?P<requested>\w+)|(?P<resource2>cpu|memory) max limit to request ratio|(?P<side3>maximum|"
                    r"minimum) (?P<resource3>cpu|memory) usage per (?P<scope3>\w+) is (?P<limited3>\w+)\. No (?:limit|request) is "
                    r"specified")),
    ("invalid_request", r"must be less than or equal to (?P<resource>cpu|memory|[\w./-]+) limit"),
    ("service_account", (r"error looking up service account (?P<namespace>[\w-]+)/(?P<account>[\w.-]+)|serviceaccount "
                        r"\"(?P<account2>[^\"]+)\" not found")),
    ("invalid", (r"(?P<kind>[A-Z]\w{1,63}|[a-z]{1,63}\.[a-z0-9.]{1,253}) \\?\"(?P<name>[\w.-]{1,253})\\?\" is invalid: "
                r"(?P<field>[\w.\[\]/-]{1,500}): (?P<why>[^\n]+)")),
    ("pod_security", (r"violates PodSecurity \"?(?P<standard>[\w:-]+)|unable to validate against any (?:pod security policy|security "
                     r"context constraint)")),
    ("webhook_certificate", (r"(?:failed calling webhook \"(?P<webhook>[^\"]+)\"|conversion webhook for (?P<webhook2>[^\n]{1,200}?) failed)"
                            r"[^\n]{0,500}(?:certificate has expired|certificate is expired|not yet valid)")),
    ("webhook_unreachable", r"failed calling webhook \"(?P<webhook>[^\"]+)\"|conversion webhook for (?P<webhook2>[^\n]{1,200}?) failed"),
    ("webhook_denied", r"admission webhook \"(?P<webhook>[^\"]+)\" denied the request"),
    ("too_large", r"[Rr]equest entity too large|etcdserver: request is too large|trying to send message larger than max"),
    ("namespace_terminating", r"unable to create new content in namespace (?P<name>[\w-]+) because it is being terminated"),
    ("priority_class", r"no PriorityClass with name (?P<name>[\w-]+) was found"),
    ("server_certificate", (r"is forbidden: (?:Get|Post) \\?\"https://[^\n]{1,600}"
                           r"(?:certificate has expired|certificate is expired|not yet valid)")),
    ("server", r"is forbidden: (?:Get|Post) \\?\"https://[^\n]+|error creating:? Internal error occurred"),  # it asks itself, in vain
)  # fmt: skip
_DEMANDS: Sequence[tuple[str, str]] = (  # of a webhook that denies
    ("denied_security", (r"run-?as-?(?:non-?)?root|privileged|privilege ?escalation|capabilit|seccomp|host(?:path|network|pid|ipc)|"
                        r"read-?only-?root|securityContext")),
    ("denied_resources", (r"resources? (?:requests?|limits?)|(?:requests?|limits?) (?:are|is|must be) (?:required|set)|require-(?:requests|"
                         r"limits|pod-requests)|container-must-have-limits")),
    ("denied_image", r"disallow-latest|latest tag|allowed ?repos|invalid image|image registry|restrict-image|unsigned|signature"),
)  # fmt: skip
_MAKERS = (*CONTROLLERS, "Namespace", "")  # of pods; of a namespace where nothing else is named
_REASONS = ("FailedCreate", "QuotaExceeded", "FailedCreatePod", "ReplicaFailure")


_SIGNS = (
    "exceeded quota",
    "failed quota",
    "failed calling webhook",
    "conversion webhook for",
    "denied the request",
    "error looking up service account",
    "violates PodSecurity",
    "being terminated",
    "PriorityClass with name",
    "security context constraint",
    "usage per Container is",
    "usage per Pod is",
    "must be less than or equal to",
    '" is invalid: ',
    "entity too large",
    "request is too large",
)
_SERVER = re.compile(
    r"(?:\b[A-Z]\w+(?:\.[a-z0-9.]{1,253})? \\?\"[\w.-]{1,253}\\?\" is invalid|"
    r"Error from server|[Ee]rror(?: when)? creating|(?<![a-z.])[a-z.]{1,253} \\?\"[\w.-]{1,253}\\?\" is forbidden|"
    r"Internal error occurred|admission webhook)[^\n]*"
)
_OBJECT = re.compile(r"\b(?P<kind3>[A-Z]\w+)(?:\.[a-z0-9.]{1,253})? \\?\"(?P<name3>[\w.-]+)\\?\" is invalid|"
                     r"(?<![\w.])(?P<kind>[a-z]+)(?:\.[a-z0-9.]{1,253})? \\?\"(?P<name>[\w.-]+)\\?\" is forbidden|"
                     r"\b(?P<kind2>[A-Z][a-z]+(?:[A-Z][a-z]+)*)/(?P<namespace>[a-z0-9-]+)/(?P<name2>[\w.-]+)")  # fmt: skip


def creation_refused(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each workload whose pods the server refuses, or would refuse by the namespace's quotas and limits."""
    told: set[str] = set()
    for message, things, root in _said(observed):
        match = _meant(message)
        if match is not None and str(root) not in told:
            told.add(str(root))
            yield _finding(root, match[0], match[1].groupdict(), message, things, observed)
    for line, item, root in _printed(observed, target):
        match = _meant(line)
        if match is not None and str(root) not in told:
            told.add(str(root))
            finding = _finding(root, match[0], match[1].groupdict(), line, (), observed)
            yield replace(
                finding,
                cites=tuple(dict.fromkeys([item, *finding.cites])),
                text=f"{item}: {finding.text.partition(': ')[2] or finding.text}",
            )
    for thing in workloads(observed):
        root = observed.root(thing)
        if str(root) not in told and thing["kind"] != "Pod":
            yield from declared(thing, root, observed)


def _meant(message: str) -> tuple[str, re.Match[str]] | None:
    return next(((cause, m) for cause, words in _CAUSES if (m := re.search(words, message))), None)


def _printed(observed: Observed, target: Target) -> Iterator[tuple[str, str, ObjectRef]]:
    """What commands, controllers and alerts print of a refusal, without an event: line, item and the workload that it names."""
    items = [item for item in observed.evidence if "Sync Status:" not in item.text and any(sign in item.text for sign in _SIGNS)]
    told = map(event_text, observed.all("Event")) if items else ()  # what Argo CD prints is sync_failed's
    shown = "\n".join(text for text in told if any(sign in text for sign in _SIGNS))
    for item in items:
        for line in item.text.splitlines():
            match = _SERVER.search(line) if any(sign in line for sign in _SIGNS) else None
            if match is not None and match[0].replace('\\"', '"').rstrip('",')[-80:] not in shown:
                yield match[0], item.item, _named(match[0], target, observed)


def _named(line: str, target: Target, observed: Observed) -> ObjectRef:
    """The workload that a refusal names; the symptom's where it names none."""
    match = _OBJECT.search(line)
    where = _namespace_meant(line, target, observed) or "default"
    if match is not None:
        known = kind_called(match["kind"] or match["kind2"] or match["kind3"])
        name = (match["name"] or match["name2"] or match["name3"]).rstrip("-")
        if known is not None and known.namespaced:
            shown = [place_of(thing)[1] for thing in observed.all(known.name) if place_of(thing)[2] == name]
            return observed.root_of((known.name, match["namespace"] or (shown[0] if len(shown) == 1 else where), name))
    return ObjectRef(group="", kind=target.object_kind or "Namespace", namespace=where if target.name else "", name=target.name or where)


def _namespace_meant(line: str, target: Target, observed: Observed) -> str:
    """Where the quota is that a refusal names, else the symptom's, else that of any quota: commands print no namespace."""
    quotas = [place_of(quota)[1:] for quota in observed.all("ResourceQuota")]
    named = [namespace for namespace, name in quotas if f"quota: {name}," in line]
    own = target.namespace if target.namespace in named or not named else ""
    return own or next(iter(named), "") or next((namespace for namespace, _ in quotas), "")


def _said(observed: Observed) -> Iterator[tuple[str, tuple[Object, ...], ObjectRef]]:
    for event in observed.all("Event"):
        message = event_text(event)
        if event.get("reason") in _REASONS or "is forbidden" in message or "failed calling webhook" in message:
            kind, namespace, name = about(event)
            thing, root = observed.get(kind, namespace, name), observed.root_of((kind, namespace, name))
            if kind != "ResourceQuota":
                yield message, (event, *([thing] if thing else ())), root
    for kind in ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"):
        for thing in observed.all(kind):
            for condition in (thing.get("status") or {}).get("conditions") or ():
                if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
                    yield str(condition.get("message") or ""), (thing,), observed.root(thing)


def _finding(  # noqa: PLR0917 - what a finding is made of
    root: ObjectRef, cause: str, groups: Mapping[str, str | None], message: str, things: tuple[Object, ...], observed: Observed
) -> Finding:
    cause = _demand(message) if cause == "webhook_denied" else cause
    given = {re.sub(r"\d$", "", key): value for key, value in groups.items() if value}
    too_much = overasked(root, given["requested"], given["limited"].rstrip("—- "), observed) if cause == "quota" else ""
    cause = "overasked" if too_much else cause
    resource = given.get("resource") or given.get("requested", "").partition("=")[0]
    facts = CreationRefused(
        cause=cause,
        quota=given.get("quota", ""),
        resource=resource.strip(" :"),
        requested=given.get("requested", ""),
        used=given.get("used", ""),
        limited=given.get("limited", "").rstrip("—- "),
        side=given.get("side", ""),
        account=given.get("account", ""),
        webhook=given.get("webhook", ""),
        message=message[:500],
        reported=True,
    )
    quota = [q for q in observed.all("ResourceQuota", root.namespace) if place_of(q)[2] == facts.quota]
    ready = sum(any(c.get("ready") for c in (p.get("status") or {}).get("containerStatuses") or ()) for p in observed.pods_of(root))
    fine = f"; its {ready} existing pods are Ready" if ready else ""
    who = f"new pods of {root.name} are" if root.kind in _MAKERS else f"{root.kind} {root.name} is"
    why = f", and {too_much}" if too_much else ""
    text = f'{who} refused: {words_of(facts)}{why}{fine}; "{message.strip()}"'
    return found("creation_refused", str(root), facts, text, observed.cites(*things, *quota))


def _demand(message: str) -> str:
    """What a webhook that denies a pod wants of it."""
    return next((cause for cause, words in _DEMANDS if re.search(words, message, re.IGNORECASE)), "webhook_denied")
