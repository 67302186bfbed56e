"""What speaks against a plan, by code: the four checks, each as a list of objections. A check is met when nothing speaks against it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.admission import outside_limit_ranges, over_quota, requests_over_limits, with_most_pods
from remediation.deliberation.citations import items_in, wrong_citations
from remediation.deliberation.growing import seen_in_use, stands
from remediation.deliberation.scene import leading, live_object, tried_here
from remediation.drawing.parameters import values_drawn
from remediation.errors import Refused
from remediation.gitops import fieldpath
from remediation.observed import observed_in
from remediation.quantities import about_memory, parse
from remediation.remedies import Catalogue, intended_edits, intended_objects
from remediation.remedy import Remedy
from remediation.terms import Act, Case, Finding, Json, Plan
from remediation.workloads import scales


@dataclass(frozen=True, kw_only=True)
class Objections:
    """What speaks against each check, a sentence each; `unsure`: what could not be judged."""

    whitelist_valid: tuple[str, ...] = ()
    diagnostic_justified: tuple[str, ...] = ()
    no_collateral_risk: tuple[str, ...] = ()
    action_coherent: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()

    @property
    def checks(self) -> dict[str, bool]:
        """The four checks by name: whether each is met."""
        return {
            "whitelist_valid": not self.whitelist_valid,
            "diagnostic_justified": not self.diagnostic_justified,
            "no_collateral_risk": not self.no_collateral_risk,
            "action_coherent": not self.action_coherent,
        }

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of them, the checks in their order."""
        return (*self.whitelist_valid, *self.diagnostic_justified, *self.no_collateral_risk, *self.action_coherent)


def object_to(case: Case, plan: Plan, act: Act, catalogue: Catalogue, own: Sequence[Finding]) -> Objections:
    """What speaks against this plan and its act. own: the findings as the critic read them off the evidence itself."""
    if plan.remedy not in catalogue:
        return Objections(whitelist_valid=(f"there is no remedy {plan.remedy[:80]!r}",))
    remedy = catalogue[plan.remedy]
    live = live_object(case, plan.target)
    unsure = () if live else (f"the live {act.object} is not among the evidence",)
    return Objections(
        whitelist_valid=tuple(_not_permitted(remedy, plan, act, own)),
        diagnostic_justified=tuple(_not_justified(remedy, case, plan, act, own)),
        no_collateral_risk=tuple(_collateral(remedy, case, plan, act, live)) if live else (),
        action_coherent=tuple(_incoherent(remedy, case, plan, act, own)),
        unsure=unsure,
    )


def _not_permitted(remedy: Remedy, plan: Plan, act: Act, own: Sequence[Finding]) -> Iterator[str]:
    """Against whitelist_valid: the catalogue knows the remedy, permits it for what was found, and takes its parameters."""
    if act.remedy != plan.remedy:
        yield f"the act is a {act.remedy}, the plan a {plan.remedy}"
    if act.object.kind not in remedy.targets:
        yield f"{remedy.name} is not for a {act.object.kind}"
    yield from remedy.problems(remedy.complete(plan.parameters))
    if not remedy.grounds(own, act.object):
        yield f"{remedy.name} is for {' or '.join(remedy.requires)}, which the evidence does not show so"


def _not_justified(remedy: Remedy, case: Case, plan: Plan, act: Act, own: Sequence[Finding]) -> Iterator[str]:
    """Against diagnostic_justified: what is cited stands, it shows what the remedy requires, and nothing else explains more."""
    yield from wrong_citations(plan.cites, plan.justification, case.evidence)
    grounds, observed = remedy.grounds(own, act.object), observed_in(case.evidence)
    if grounds and leading(grounds, case.target, observed) is None:
        yield f"{act.object} is not on the way from {case.target.path}"
    shown = {item for finding in grounds for item in finding.cites}
    if shown and not shown & {*plan.cites, *items_in(plan.justification)}:
        yield f"what it cites does not show the cause; {', '.join(sorted(shown))} would"
    cause = leading(own, case.target, observed)
    if cause is not None and not remedy.answers(cause):
        yield f"the evidence says something else: {cause.text}"


def _collateral(remedy: Remedy, case: Case, plan: Plan, act: Act, live: Mapping[str, Json]) -> Iterator[str]:
    """Against no_collateral_risk: the act does what the plan says and nothing beside it, and the namespace has room for the result."""
    try:
        meant = {edit.path: edit for edit in intended_edits(plan, remedy, live)}
    except Refused as refusal:
        yield refusal.what
        return
    for edit in act.edits:
        if meant.get(edit.path) != edit:
            yield f"it would also change {edit.path} from {edit.expect} to {edit.value}"
    if act.creates != intended_objects(plan, remedy, live):
        yield "it would not make the objects that the plan means"
    for path in meant.keys() - {edit.path for edit in act.edits}:
        yield f"it would not change {path}, which the plan means"
    if (act.object.kind, act.object.namespace, act.object.name) != (live["kind"], plan.target.namespace, plan.target.name):
        yield f"it would change {act.object}, and the plan is for {plan.target.path}"
    yield from _admission(case, act, live)


def _admission(case: Case, act: Act, live: Mapping[str, Json]) -> Iterator[str]:
    """What the namespace's quotas, LimitRanges and autoscalers say of the result."""
    head: Json = live
    for edit in act.edits:
        head = fieldpath.put(head, fieldpath.parse(edit.path), fieldpath.MISSING if edit.op == "remove" else edit.value)
    near = [t for item in case.evidence for t in item.objects if (t.get("metadata") or {}).get("namespace") == act.object.namespace]
    ranges = [thing for thing in near if thing.get("kind") == "LimitRange"]
    yield from requests_over_limits(head)
    yield from outside_limit_ranges(head, ranges)
    head = with_most_pods(head, act.creates)
    yield from over_quota(live, head, [thing for thing in near if thing.get("kind") == "ResourceQuota"], ranges).refusals
    scaled = [t["metadata"]["name"] for t in near if t.get("kind") == "HorizontalPodAutoscaler" and scales(t, act.object)]
    if scaled and any(edit.path == "spec.replicas" for edit in act.edits):
        yield f"HorizontalPodAutoscaler {scaled[0]} owns the replicas"


def _incoherent(remedy: Remedy, case: Case, plan: Plan, act: Act, own: Sequence[Finding]) -> Iterator[str]:
    """Against action_coherent: the right container, enough by the evidence, and not what failed or was refused before."""
    grounds = remedy.grounds(own, act.object)
    for name, parameter in remedy.parameters.properties.items():
        facts = [finding.facts[parameter.x_fact] for finding in grounds if parameter.x_fact and finding.facts.get(parameter.x_fact)]
        if facts and name in plan.parameters and plan.parameters[name] not in facts:
            yield f"{name} is {plan.parameters[name]}, the evidence says {' or '.join(map(str, dict.fromkeys(facts)))}"
    yield from _not_drawn(remedy, case, plan, act, grounds)
    yield from _not_enough(remedy, plan, live_object(case, plan.target), grounds)
    container = str(plan.parameters.get("container", ""))
    for past in tried_here(case.precedents, remedy.name, act.object, container):
        if past.failed and remedy.no_more(plan.parameters, past.precedent.parameters):
            yield f"the same did not cure {past.precedent.incident_id}: {past.precedent.reason or past.precedent.outcome}"
        elif not past.failed and remedy.same(plan.parameters, past.precedent.parameters):
            yield f"people said no to the same in {past.precedent.incident_id}: {past.precedent.reason}"


def _not_drawn(remedy: Remedy, case: Case, plan: Plan, act: Act, grounds: Sequence[Finding]) -> Iterator[str]:
    """Values that code draws from the evidence itself, and draws otherwise."""
    shown = values_drawn(remedy, grounds, observed_in(case.evidence), act.object)
    for name, values in shown.items():
        if plan.parameters.get(name) not in (None, *values):
            yield f"{name} is {plan.parameters[name]}, the evidence shows {' or '.join(map(str, values)) or 'none'}"


def _not_enough(remedy: Remedy, plan: Plan, live: Mapping[str, Json], grounds: Sequence[Finding]) -> Iterator[str]:
    """Amounts that do not lie above what stands there and what was seen in use."""
    container = str(plan.parameters.get("container", ""))
    for bound in remedy.bounds:
        if bound.when_lower != "refuse" or remedy.problems(plan.parameters):
            continue
        if bound.parameter not in plan.parameters:
            continue
        value, stood = parse(plan.parameters[bound.parameter]), stands(live, container, bound.field)
        if stood is not None and value <= parse(stood):
            yield f"{bound.parameter} {plan.parameters[bound.parameter]} is not above what stands there"
        used = max((seen_in_use(bound, finding) for finding in grounds), default=value * 0)
        if value <= used:
            yield f"{bound.parameter} {plan.parameters[bound.parameter]} is not above the {about_memory(float(used))} that was seen in use"
