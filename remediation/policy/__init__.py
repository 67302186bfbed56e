"""Policy decides what a rehearsed act needs: pure rules, all asked, each with its reason."""

from remediation.policy.bounding import bound
from remediation.policy.judging import judge
from remediation.policy.setting import Policy, Setting, load_policy, policy_digest

__all__ = ["Policy", "Setting", "bound", "judge", "load_policy", "policy_digest"]
