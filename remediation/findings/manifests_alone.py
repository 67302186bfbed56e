"""The last resort where nothing but manifests is shown: what in them would keep the workload that is complained of from running.

None of this is seen to have happened: these are guesses, marked so, with little confidence and never a plan.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from remediation.findings.finding import found
from remediation.findings.manifests_containers import (
    image_placeholder,
    image_unlikely,
    memory_too_small,
    root_forbidden,
    same_ports,
    variable_unset,
)
from remediation.findings.manifests_network import shut_out
from remediation.findings.manifests_placing import apart, labelled, large, on_one_host, tainted
from remediation.findings.manifests_refused import refused_by_server
from remediation.findings.manifests_scripts import awaits_nobody, ends_at_once, hopeless_probe, misspelt
from remediation.findings.manifests_storage import claim_tiny, unknown_claim, unknown_class
from remediation.findings.reference_missing import ReferenceMissing, references_of
from remediation.findings.rights_declared import bound_elsewhere, rights_lacking
from remediation.graph import labels_of, selects, workloads
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Target

_REACHES = re.compile(r"connect|reach|time[sd]?.?out|refus|traffic|talk|call", re.IGNORECASE)
_COMPLAINS = re.compile(
    r"why|wrong|fail|start|pend|stuck|crash|down\b|broke|not\b|n't|never|cannot|error|issue|problem|den(?:y|ie)|unreach|unavail|loop|miss|stay|only|"
    r"half|investigat|diagnos|troubl|outage|firing|\bno\b|NotReady|\bevents?\b",
    re.IGNORECASE,
)
_UNPLACED = re.compile(r"schedul|pending|no node|insufficient|placed", re.IGNORECASE)
_FEW = 5  # workloads of which nobody is named, among which to look
_Rule = Callable[[Object, Observed], Iterator[Finding]]


def manifests_alone(observed: Observed, target: Target) -> Iterator[Finding]:
    """What would keep each workload that is complained of from running, the first that is found of each."""
    complaint = "\n".join(item.text for item in observed.evidence if item.kind == "alert")
    if not _COMPLAINS.search(complaint) or any(
        True for kind in ("Pod", "Event") for thing in observed.all(kind) if kind == "Event" or thing.get("status")
    ):
        return
    named = _named(complaint, target, observed)
    things = named or _near(target, observed)
    rules = (*(_PLACING if _UNPLACED.search(complaint) else ()), *_SUREST)
    reached = _reached(complaint, named, observed)

    def policy(thing: Object, observed: Observed) -> Iterator[Finding]:
        callers = [one for one in (named or workloads(observed)) if one is not thing and one not in reached]
        return shut_out(thing, callers or [one for one in workloads(observed) if one is not thing], observed)

    for thing in things:
        first = (policy,) if thing in reached else ()
        more = (*_WEAKER, *(() if reached else (policy,))) if named or len(things) == 1 else ()
        guess = next((one for rule in (*first, *rules, *more) for one in rule(thing, observed)), None)
        if guess is not None:
            yield replace(guess, facts={**guess.facts, "guessed": True, "reported": False})


def _named(complaint: str, target: Target, observed: Observed) -> Sequence[Object]:
    """The workloads without a status that are complained of: by their name or that of a Service before them."""
    bare = [thing for thing in workloads(observed) if not thing.get("status")]
    named = [thing for thing in bare if place_of(thing)[2] == target.name or _says(complaint, place_of(thing)[2])]
    fronts = [service for service in observed.all("Service") if _says(complaint, place_of(service)[2])]
    return named + [thing for thing in bare if thing not in named and any(_serves(service, thing) for service in fronts)]


def _reached(complaint: str, named: Sequence[Object], observed: Observed) -> Sequence[Object]:
    """Of the workloads that are named, those that somebody does not reach: who is named behind the word for it."""
    match = _REACHES.search(complaint)
    return _named(complaint[match.end() :], Target(kind="workload", place="", path=""), observed) or named if match else ()


def _near(target: Target, observed: Observed) -> Sequence[Object]:
    """The few workloads without a status of the namespace that is complained of, or of all."""
    bare = [thing for thing in workloads(observed) if not thing.get("status")]
    near = [thing for thing in bare if place_of(thing)[1] in ("", target.namespace)] or bare
    return near if len(near) <= _FEW else ()


def _says(complaint: str, name: str) -> bool:
    return bool(name) and re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", complaint) is not None


def _serves(service: Object, thing: Object) -> bool:
    selector = (service.get("spec") or {}).get("selector") or {}
    return place_of(service)[1] == place_of(thing)[1] and bool(selector) and selects(selector, labels_of(thing))


def _unknown_reference(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A ConfigMap, Secret or service account that is not among the manifests, where others of its namespace are."""
    root = observed.root(thing)
    for kind, name, _ in references_of(thing):
        others = [place_of(other)[2] for other in observed.all(kind, root.namespace)]
        if name not in others and (others or observed.get("Namespace", "", root.namespace) is not None):
            facts = ReferenceMissing(missing=kind, name=name, key="", near="", container="", reported=False)
            there = f"; there is {', '.join(others[:3])}" if others else ""
            text = f"{root.name} asks for {kind} {name}, which is not among what is shown of namespace {root.namespace}{there}"
            yield found("reference_missing", str(root), facts, text, observed.cites(thing))


_PLACING: Sequence[_Rule] = (tainted, on_one_host, apart, labelled, large)
_SUREST: Sequence[_Rule] = (  # the surest first
    refused_by_server, rights_lacking, bound_elsewhere, memory_too_small, root_forbidden, hopeless_probe, misspelt, tainted, same_ports,
    image_unlikely, variable_unset,
)  # fmt: skip
_WEAKER: Sequence[_Rule] = (
    ends_at_once, unknown_claim, _unknown_reference, awaits_nobody, unknown_class, *_PLACING, image_placeholder, claim_tiny,
)  # fmt: skip
