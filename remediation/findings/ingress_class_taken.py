"""An IngressClass that an ingress controller finds to be another controller's, for which it ends."""

import re
from collections.abc import Iterator

from remediation.findings.finding import found
from remediation.findings.ingress_broken import IngressBroken
from remediation.needed import may_match
from remediation.observed import Observed
from remediation.terms import Finding, Target

_NOT_ITS_OWN = re.compile(r"IngressClass with name (?P<name>[\w.-]{1,253}) is not valid for (?P<controller>[\w./-]{1,253})[^\n]*")


def ingress_class_taken(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each class."""
    told: set[str] = set()
    for item in observed.evidence:
        for match in _NOT_ITS_OWN.finditer(item.text) if item.kind == "logs" and may_match(_NOT_ITS_OWN, item.text) else ():
            if match["name"] in told:
                continue
            told.add(match["name"])
            shown = observed.get("IngressClass", "", match["name"])
            owner = str(((shown or {}).get("spec") or {}).get("controller") or "")
            facts = IngressBroken(cause="class_taken", ingress_class=match["name"], classes="", service="", port="", ports="",
                                  message=match[0].strip()[:400])  # fmt: skip
            of = f"is of controller {owner}, not" if owner else "is not"
            text = f'IngressClass {match["name"]} {of} of {match["controller"]}, which ends for it: "{match[0].strip()[:300]}"'
            cites = (item.item, *(observed.cites(shown) if shown is not None else ()))
            yield found("ingress_broken", f"IngressClass//{match['name']}", facts, text, cites)
