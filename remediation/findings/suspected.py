"""What manifests alone make likely: the facts that every guess shares."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Object, Observed
from remediation.terms import Finding, Json
from remediation.workloads import containers


@dataclass(frozen=True, kw_only=True)
class Suspected:
    """A guess, in the facts of the finding that it would be. What does not apply is empty.

    cause: of the finding's kind.  message, said: what in the manifest makes it likely.  probe: liveness, readiness or startup.
    """

    cause: str = ""
    container: str = ""
    message: str = ""
    said: str = ""
    command: str = ""
    probe: str = ""
    image: str = ""
    variable: str = ""
    host: str = ""
    memory_limit: str = ""
    resource: str = ""
    guessed: bool = True
    reported: bool = False


def suspect(kind: str, thing: Object, observed: Observed, text: str, facts: Suspected) -> Finding:
    """A guess on a workload, on its container where the facts name one."""
    root = observed.root(thing)
    subject = f"{root}/{facts.container}" if facts.container else str(root)
    return found(kind, subject, facts, text, observed.cites(thing))


def named_containers(thing: Object) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """The name and the specification of each container, the main ones first."""
    return ((str(container.get("name")), container) for _, container in containers(thing))
