"""What the evidence says for certain: pure functions, one concern a file, listed here. Their kinds and facts stand in docs/findings.md."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from remediation.consequences import says_little
from remediation.findings.address_inward import address_inward
from remediation.findings.address_pending import address_pending
from remediation.findings.address_wrong import address_wrong
from remediation.findings.all_well import all_well
from remediation.findings.application_failed import application_failed
from remediation.findings.asked import Finder, asked
from remediation.findings.asked_absent import asked_absent
from remediation.findings.autoscaler_stuck import autoscaler_stuck
from remediation.findings.call_timings import call_timings
from remediation.findings.claim_unbound import claim_unbound
from remediation.findings.class_missing import class_missing
from remediation.findings.command_foreign import command_foreign
from remediation.findings.component_down import component_down
from remediation.findings.component_logs import component_logs
from remediation.findings.consumers_behind import consumers_behind
from remediation.findings.container_crashing import container_crashing
from remediation.findings.container_not_created import container_not_created
from remediation.findings.conversion_failed import conversion_failed
from remediation.findings.cpu_throttled import cpu_throttled
from remediation.findings.creation_refused import creation_refused
from remediation.findings.disruption_blocked import disruption_blocked
from remediation.findings.dns_answers import dns_answers
from remediation.findings.dns_policy_wrong import dns_policy_wrong
from remediation.findings.endpoints_apart import endpoints_apart
from remediation.findings.evicted import evicted
from remediation.findings.fault_injected import fault_injected
from remediation.findings.fault_told import fault_told
from remediation.findings.flag_on import flag_on
from remediation.findings.gate_shut import gate_shut
from remediation.findings.image_pull_failed import image_pull_failed
from remediation.findings.ingress_broken import ingress_broken
from remediation.findings.ingress_class_taken import ingress_class_taken
from remediation.findings.job_failed import job_failed
from remediation.findings.job_kept_open import job_kept_open
from remediation.findings.lifecycle_hook import lifecycle_hook_failed
from remediation.findings.manifests_alone import manifests_alone
from remediation.findings.meant import meant
from remediation.findings.memory_near_limit import memory_near_limit
from remediation.findings.namesake import apart
from remediation.findings.network_blocked import network_blocked
from remediation.findings.network_slow import network_slow
from remediation.findings.node_kernel import node_kernel
from remediation.findings.node_overloaded import node_overloaded
from remediation.findings.node_trouble import node_trouble
from remediation.findings.not_broken import not_broken
from remediation.findings.odd_rows import odd_rows
from remediation.findings.oom_by_kernel import oom_by_kernel
from remediation.findings.oom_killed import oom_killed
from remediation.findings.past import past_warnings, settled
from remediation.findings.probe_failing import probe_failing
from remediation.findings.progressive_rollout import progressive_rollout
from remediation.findings.reference_missing import reference_missing
from remediation.findings.resource_not_ready import resource_not_ready
from remediation.findings.resource_surged import resource_surged
from remediation.findings.revision_changed import revision_changed
from remediation.findings.rollout_stuck import rollout_stuck, scaled_to_zero
from remediation.findings.route_broken import route_broken
from remediation.findings.runtime_listed import runtime_listed
from remediation.findings.sandbox_failed import sandbox_failed
from remediation.findings.scaled_against import scaled_against
from remediation.findings.service_broken import service_broken
from remediation.findings.service_strays import service_strays
from remediation.findings.setting_empty import setting_empty
from remediation.findings.spoken import ERROR_LOGGED
from remediation.findings.starts_missed import starts_missed
from remediation.findings.status_reported import status_reported
from remediation.findings.sync_failed import sync_failed
from remediation.findings.unschedulable import unschedulable
from remediation.findings.variables_skipped import variables_skipped
from remediation.findings.volume_full import volume_full
from remediation.findings.volume_trouble import volume_trouble
from remediation.findings.words_found import type_missing, words_found
from remediation.observed import observed_in
from remediation.ranking import ranked
from remediation.terms import Evidence, Finding, Target

FINDERS: Sequence[Finder] = (  # the most telling first, which decides between findings of the same depth
    image_pull_failed,
    oom_killed,
    oom_by_kernel,
    reference_missing,
    creation_refused,
    container_not_created,
    lifecycle_hook_failed,
    variables_skipped,
    class_missing,
    conversion_failed,
    unschedulable,
    claim_unbound,
    volume_trouble,
    volume_full,
    sandbox_failed,
    fault_injected,
    fault_told,
    flag_on,
    network_blocked,
    dns_answers,
    dns_policy_wrong,
    service_broken,
    service_strays,
    endpoints_apart,
    address_pending,
    ingress_broken,
    ingress_class_taken,
    route_broken,
    scaled_to_zero,
    application_failed,
    probe_failing,
    gate_shut,
    address_wrong,
    address_inward,
    command_foreign,
    setting_empty,
    component_down,
    runtime_listed,
    component_logs,
    node_trouble,
    node_kernel,
    node_overloaded,
    evicted,
    autoscaler_stuck,
    scaled_against,
    sync_failed,
    cpu_throttled,
    memory_near_limit,
    resource_not_ready,
    status_reported,
    resource_surged,
    network_slow,
    call_timings,
    consumers_behind,
    container_crashing,
    job_failed,
    job_kept_open,
    starts_missed,
    rollout_stuck,
    revision_changed,
    progressive_rollout,
    disruption_blocked,
    asked_absent,
    type_missing,
    words_found,
    not_broken,
    meant,
    past_warnings,
)

_LAST_RESORTS: Sequence[Finder] = (manifests_alone, odd_rows, all_well)  # each only where those before found nothing

_KEPT = 16  # findings of so much evidence
_read: dict[bytes, tuple[Finding, ...]] = {}


def find(evidence: Sequence[Evidence], target: Target) -> tuple[Finding, ...]:
    """All findings as F1, F2, …, the likeliest cause first. The same evidence is read once: actor and critic both ask."""
    asked_of = hashlib.sha256(msgspec.json.encode((evidence, target))).digest()
    known = _read.get(asked_of)
    if known is None:
        known = _found(evidence, target)
        if len(_read) >= _KEPT:
            _read.clear()
        _read[asked_of] = known
    return known


def _found(evidence: Sequence[Evidence], target: Target) -> tuple[Finding, ...]:
    observed = observed_in(evidence)
    findings = list(settled((finding for finder in FINDERS for finding in asked(finder, observed, target)), observed))
    findings = apart(findings, target, observed)
    if not findings:
        findings = next((said for finder in _LAST_RESORTS if (said := list(asked(finder, observed, target)))), [])
    order = ranked(findings, observed, target)  # what an error names that nobody understands still leads to others
    if any(not says_little(finding) and not finding.facts.get("over") for finding in order):
        order = [finding for finding in order if finding.kind != ERROR_LOGGED]  # a last resort, where nothing else is known
    return tuple(replace(finding, finding_id=f"F{index}") for index, finding in enumerate(order, start=1))
