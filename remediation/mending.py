"""What mends what was found: its row of the table, by the cause where that makes a difference, and what a person must do, in a sentence."""

import re

from remediation.mends import MENDS, Mend
from remediation.terms import Finding


def mend_of(finding: Finding) -> Mend:
    """What mends a finding; by its cause where that makes a difference."""
    return MENDS.get(f"{finding.kind}/{_cause(finding)}") or MENDS.get(finding.kind) or Mend(
        fix_kind="none_in_gitops_operations", depth=30, advice="A person must look."
    )  # fmt: skip


def fix_kinds() -> tuple[str, ...]:
    """Every word that `fix_kind` may be, in alphabetical order."""
    return tuple(sorted({mend.fix_kind for mend in MENDS.values()}))


_OF_REMEDIES = ("enable_autoscaler", "restart_rollout", "revert_change")  # words of remedies alone: no finding asks for them by itself


def fix_kinds_of_remedies() -> tuple[str, ...]:
    """Every word that a remedy's `fix_kind` may be, in alphabetical order."""
    return tuple(sorted({*fix_kinds(), *_OF_REMEDIES}))


def is_finding_kind(word: str) -> bool:
    """Whether there are findings of this kind."""
    return word in _FOUND


_FOUND = frozenset(key.partition("/")[0] for key in MENDS)


def for_a_person(finding: Finding) -> str:
    """What a person must do, in one sentence with the facts."""
    advice = mend_of(finding).advice
    for key in (key for key, value in finding.facts.items() if value in (None, "")):
        advice = _without(advice, key)
    advice = advice.format_map(finding.facts).strip().rstrip(":").rstrip()
    advice = advice.removesuffix(": .")
    return advice if advice.endswith((".", "?", "!", '"')) else f"{advice}."


def _without(advice: str, key: str) -> str:
    """The advice without the phrase that names a fact which the evidence does not give; a noun that needs no name keeps its place."""
    for phrase, instead in _PHRASES:
        advice = re.sub(phrase.replace("KEY", rf"\{{{key}\}}"), instead, advice)
    return advice.replace(f"{{{key}}}", _SAID_INSTEAD.get(key, "it"))


_SAID_INSTEAD = {
    "message": "", "said": "", "part": "kubelet or container runtime", "path": "the file", "image": "the image", "side": "traffic",
}  # fmt: skip
_NOUN = r"(?!that|which)[A-Za-z]+"
_PHRASES = (  # around a name, the longest first
    (r"[,:;] (?:which (?:is|allows only|has only) )?KEY(?=[.,;:]|$)", ""),
    (r" \(KEY\)|: `KEY`|, `KEY`", ""),
    (rf",? (?:in|on|of|to|than|for|from|instead of|at|by) (?:the )?(?:{_NOUN} )?KEY(?: s\b)?", ""),
    (rf"\b((?:the|a|its|new|injected) (?:{_NOUN} )?{_NOUN}) KEY", r"\1"),
    (r"\b([A-Z]\w+(?:Account|Budget|Claim|Class|Policy|Quota|Set)|Service|container|group|topic) KEY", r"the \1"),
)


def _cause(finding: Finding) -> str:  # noqa: PLR0911 - one line a kind
    """The fact that decides: the cause, for some kinds another one."""
    facts = finding.facts
    match finding.kind:
        case "reference_missing":
            return str(facts.get("missing"))
        case "evicted":
            return "own_limit" if facts.get("own_limit") else str(facts.get("resource"))
        case "error_logged" if not facts.get("cause"):
            return "once" if facts.get("count") == 1 else ""
        case "unschedulable" if facts.get("cause") == "resource" and not facts.get("requested"):
            return "resource_unsaid"
        case "probe_failing" if facts.get("slow_start"):
            return "slow_start"
        case "network_blocked":
            shown = "perhaps" if facts.get("perhaps") or facts.get("deduced") else "dns" if facts.get("dns") else "shown"
            return shown if facts.get("symptom") else ""
        case "creation_refused" if facts.get("cause") == "must_specify":
            return _must_specify(str(facts.get("resource")))
        case "container_crashing":
            own = bool(facts.get("command")) and facts.get("exit_code") in (1, 2, 126, 127) and facts.get("short")
            return "command" if own or facts.get("exit_code") in (126, 127) else ""
        case "job_failed" if facts.get("cause") in ("backoff_limit", "failed"):
            return "command" if facts.get("command") else ""
    return str(facts.get("cause") or "")


_AMOUNT = re.compile(r"(?:limits|requests)\.[\w-]+|\b(?:cpu|memory)\b(?! for)")


def _must_specify(resource: str) -> str:
    """Which of its amounts a quota asks for."""
    named = set(_AMOUNT.findall(resource))
    if named == {"limits.cpu", "limits.memory"}:
        return "must_specify_limits"
    if named == {"limits.cpu"}:
        return "must_specify_cpu_limit"
    return "must_specify_memory_limit" if named == {"limits.memory"} else "must_specify"
