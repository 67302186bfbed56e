"""A workload that is started with the command of another one of the same image: each of its siblings runs what it is called itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.findings.listening import port_said
from remediation.findings.writers import texts_of
from remediation.graph import workloads
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Json, Target
from remediation.workloads import containers

_SIBLINGS = 2  # that run what they are called, at least


@dataclass(frozen=True, kw_only=True)
class CommandForeign:
    """command: how it is started.  owner: the workload that is called so.  image: of both.  listens: the port that its log tells of.

    reported: whether that is none of the ports which it declares.
    """

    container: str
    command: str
    owner: str
    image: str
    listens: str
    reported: bool


def command_foreign(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each such workload; its name must not have the command as a part, as `web-canary` has."""
    alike = _alike(observed)
    for thing in workloads(observed):
        _, namespace, name = place_of(thing)
        for _, container in containers(thing):
            word = _program(container)
            siblings = alike.get((namespace, str(container.get("image"))), {}) if word and word not in name.split("-") else {}
            called = [sibling for sibling, command in siblings.items() if sibling == command]
            if word in called and name not in called and len(called) > _SIBLINGS:
                yield _finding(thing, container, word, observed, target)


def _program(container: Object) -> str:
    """The program that a container is started with, without its path; empty where the image's own is."""
    command: Sequence[Json] = container.get("command") or ()
    return str(command[0]).rpartition("/")[2] if len(command) == 1 else ""


def _alike(observed: Observed) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """What the workloads of each namespace and image are started with, by their names."""
    found_: dict[tuple[str, str], dict[str, str]] = {}
    for thing in workloads(observed):
        _, namespace, name = place_of(thing)
        for _, container in containers(thing):
            found_.setdefault((namespace, str(container.get("image"))), {})[name] = _program(container)
    return found_


def _finding(thing: Object, container: Object, word: str, observed: Observed, target: Target) -> Finding:
    root, name = observed.root(thing), str(container.get("name") or "")
    declared = [str(port.get("containerPort")) for port in container.get("ports") or ()]
    listens = port_said(texts_of(root, observed, target))
    odd = bool(listens and declared and listens not in declared)
    facts = CommandForeign(container=name, command=word, owner=word, image=str(container.get("image")), listens=listens, reported=odd)
    port = f"; its log says port {listens}, it declares {', '.join(declared)}" if odd else ""
    text = (
        f"{root.name} is started with the command {word}, which is that of {word}; every other workload of {facts.image} runs its own name"
    )
    other = observed.get(root.kind, root.namespace, word)
    return found("command_foreign", str(root), facts, f"{text}{port}", observed.cites(thing, *([other] if other else ())))
