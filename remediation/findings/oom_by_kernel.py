"""A kill for memory that only a node's kernel tells of: of a process that went beyond its container's own limit."""

import re
from collections.abc import Iterator

from remediation.findings.finding import found
from remediation.findings.oom_killed import OomKilled
from remediation.needed import may_match
from remediation.observed import Observed
from remediation.reading.merging import UNNAMED
from remediation.terms import Finding, Target

_OF_A_LIMIT = re.compile(r"Memory cgroup out of memory|oom-kill:constraint=CONSTRAINT_MEMCG")
_KILLED = re.compile(r"Kill(?:ed)? process \d+ \((?P<name>[^)\n]{1,64})\)(?P<rest>[^\n]{0,200})")


def oom_by_kernel(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding at most, of what the symptom names, where no pod says itself that it was killed so."""
    for item in observed.evidence:
        if item.kind == "alert" or not may_match(_OF_A_LIMIT, item.text) or not _OF_A_LIMIT.search(item.text):
            continue
        match = max(_KILLED.finditer(item.text), key=lambda found_: "anon-rss" in found_["rest"], default=None)
        if match is None or any("OOMKilled" in other.text for other in observed.evidence):
            continue
        subject = f"{target.object_kind}/{target.namespace}/{target.name}" if target.name else f"Pod//{UNNAMED}"
        facts = OomKilled(container="", init=False, cause="limit", node="", memory_limit="", memory_request="", exit_code=137, restarts=0,
                          pods=1, last_at="", peak_bytes=None)  # fmt: skip
        said = match[0].strip()
        text = f'process {match["name"]} was killed by its node\'s kernel, for it reached the memory limit of its container: "{said}"'
        yield found("oom_killed", subject, facts, text, (item.item,))
        return
