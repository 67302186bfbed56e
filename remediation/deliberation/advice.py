"""What a person must do where no remedy fits, by what was found."""

from collections.abc import Mapping

from remediation.terms import Finding

_ELSE = "No remedy of the catalogue fits: a person must look."
_BY_CAUSE: Mapping[tuple[str, str], str] = {
    ("image_pull_failed", "unauthorized"): "Give the pull secret of container {container} access to that registry, or mend its image.",
    ("image_pull_failed", "dns"): "Mend the nodes' name resolution, or the registry's host in the image of container {container}.",
    ("image_pull_failed", "unreachable"): "Restore the registry, or the way from the nodes to it; nothing in Git is wrong.",
    ("image_pull_failed", "certificate"): "Renew the registry's certificate, or make the nodes trust it; nothing in Git is wrong.",
    ("image_pull_failed", "rate_limited"): "Wait, or pull with an account or through a mirror; nothing in Git is wrong.",
    ("cpu_throttled", ""): "Raise the CPU limit of container {container}, which is {cpu_limit}, or lower its load.",
}


def advice_for(finding: Finding) -> str:
    """The finding, and in one sentence what to do about it."""
    cause = str(finding.facts.get("cause", ""))
    advice = _BY_CAUSE.get((finding.kind, cause), _ELSE)
    return f"{finding.text}. {advice.format_map(finding.facts)}"
