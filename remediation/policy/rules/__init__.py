"""Every rule, in the order in which a person reads the answers."""

from remediation.policy.hearing import Rule
from remediation.policy.rules.allowed_remedies import allowed_remedies
from remediation.policy.rules.autoscaler import autoscaler
from remediation.policy.rules.bounds import bounds
from remediation.policy.rules.change_window import change_window
from remediation.policy.rules.critic import critic
from remediation.policy.rules.drawn_from_evidence import drawn_from_evidence
from remediation.policy.rules.dry_run import dry_run
from remediation.policy.rules.gate import gate
from remediation.policy.rules.limit_range import limit_range
from remediation.policy.rules.nothing_else_moves import nothing_else_moves
from remediation.policy.rules.quota import quota
from remediation.policy.rules.recurrence import recurrence
from remediation.policy.rules.repeated_fix import repeated_fix
from remediation.policy.rules.request_within_limit import request_within_limit
from remediation.policy.rules.required_finding import required_finding
from remediation.policy.rules.unknowns import unknowns

RULES: tuple[Rule, ...] = (
    gate, allowed_remedies, required_finding, drawn_from_evidence, critic, bounds, request_within_limit, quota, limit_range, autoscaler,
    nothing_else_moves, dry_run, repeated_fix, recurrence, unknowns, change_window,
)  # fmt: skip
