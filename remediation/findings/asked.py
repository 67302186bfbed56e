"""Asking a finder: evidence comes from strangers, and what one finder cannot make sense of must not silence the others."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from remediation.errors import MALFORMED
from remediation.findings.finding import found
from remediation.observed import Observed
from remediation.terms import Finding, Target

Finder = Callable[[Observed, Target], Iterable[Finding]]

log = logging.getLogger(__name__)  # to the errors' stream: explain's answer has the other for itself


@dataclass(frozen=True, kw_only=True)
class NotUnderstood:
    """finder: that gave up, after what it had said by then.  error: why."""

    finder: str
    error: str


def asked(finder: Finder, observed: Observed, target: Target) -> Iterator[Finding]:
    """What a finder says; one that evidence of an unheard-of shape stops says so in a finding of its own, which is never the cause."""
    try:
        yield from finder(observed, target)
    except MALFORMED as error:
        name = getattr(finder, "__name__", str(finder))
        log.exception("%s gave up", name)
        facts = NotUnderstood(finder=name, error=f"{type(error).__name__}: {error}"[:300])
        text = f"the evidence holds something that {name} cannot read ({facts.error}); what it would have found is missing"
        yield found("not_understood", f"Evidence//{name}", facts, text, ())
