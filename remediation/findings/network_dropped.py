"""Packets that a policy denied, as Cilium's Hubble prints them."""

import re
from collections.abc import Iterator

from remediation.findings.finding import found
from remediation.findings.network_facts import NetworkBlocked
from remediation.observed import Observed
from remediation.terms import Finding

_DROPPED = re.compile(
    r"(?<![a-z0-9-])(?P<from>[a-z0-9-]{1,63})/(?P<by>[\w.-]{1,253}?)(?::\d{1,5})? (?:\([^)\n]{0,80}\) )?(?:<>|->) "
    r"(?P<namespace>[a-z0-9-]{1,63})/(?P<pod>[\w.-]{1,253}?)(?::(?P<port>\d{1,5}))? [^\n]{0,200}?[Pp]olicy denied[^\n]{0,200}?DROPPED[^\n]*"
)


def dropped(observed: Observed) -> Iterator[Finding]:
    """One finding for each pair of workloads."""
    told: set[tuple[str, str]] = set()
    for item in observed.evidence:
        for match in _DROPPED.finditer(item.text) if "DROPPED" in item.text else ():
            root = observed.root_of(("Pod", match["namespace"], match["pod"]))
            caller = observed.root_of(("Pod", match["from"], match["by"]))
            if (str(root), str(caller)) in told:
                continue
            told.add((str(root), str(caller)))
            facts = NetworkBlocked(
                policy="", side="ingress", everything=False, dns=False, refused=caller.name, symptom=match[0].strip()[:300],
                caller=caller.name, callee=root.name, port=match["port"] or "",
            )  # fmt: skip
            text = f'a network policy denies what {caller.name} sends to {root.name}: "{facts.symptom}"'
            yield found("network_blocked", str(root), facts, text, (item.item,))
