"""What in a container's manifest may keep it from starting or from being ready: guesses, while nothing tells how it runs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from remediation.findings.finding import found
from remediation.observed import Object, Observed, place_of
from remediation.quantities import parse
from remediation.terms import Finding, Json
from remediation.workloads import containers

_LEAST_MEMORY = Decimal(6 * 2**20)  # bytes, below which container runtimes refuse a limit
_NEVER = re.compile(r"^\s*(?:exit\s+[1-9]\d*|/?(?:usr/)?(?:bin/)?false)\s*;?\s*$")
_COMMON = ("echo", "sleep", "curl", "wget", "cat", "grep", "python", "python3", "node", "java", "bash", "mkdir", "chmod", "chown", "touch",
           "export", "exec", "while", "until", "test", "true", "find", "tail", "head", "kill", "date", "printf", "nginx", "psql", "mysql",
           "redis-server", "npm", "kubectl", "exit", "rm", "cp", "mv", "ls", "cd", "set", "if", "for", "trap", "wait", "sh")  # fmt: skip
_SHELLS = frozenset({"sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash", "/usr/bin/bash"})
_SLIP = 0.8  # how alike a misspelt word is to the one that is meant
_FIRST_WORD = re.compile(r"(?:^|&&|\|\||;|\n)\s*(?P<word>[A-Za-z][\w-]{1,30})(?=\s)(?!\s*(?:=|\(\)))")


@dataclass(frozen=True, kw_only=True)
class CommandSuspect:
    """command: the word of a container's script that looks misspelt.  near: what it may mean."""

    container: str
    command: str
    near: str
    said: str
    reported: bool = False


@dataclass(frozen=True, kw_only=True)
class ProbeSuspect:
    """A probe whose own command cannot succeed. probe: liveness, readiness or startup."""

    container: str
    probe: str
    message: str
    reported: bool = False


@dataclass(frozen=True, kw_only=True)
class MemorySuspect:
    """A memory limit that container runtimes refuse as too small."""

    container: str
    memory_limit: str
    message: str = ""
    cause: str = "minimum_memory"
    reported: bool = False


def tiny_memory(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A memory limit that no runtime starts a container with."""
    for name, container in _named(thing):
        written = ((container.get("resources") or {}).get("limits") or {}).get("memory")
        if written is not None and 0 < parse(written) < _LEAST_MEMORY:
            facts = MemorySuspect(container=name, memory_limit=str(written))
            text = f"container {name} of {place_of(thing)[2]} has a memory limit of {written}, below the 6Mi that runtimes ask for"
            yield found("container_not_created", f"{observed.root(thing)}/{name}", facts, text, observed.cites(thing))


def hopeless_probe(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A probe whose command fails whatever the container does."""
    for name, container in _named(thing):
        for probe in ("liveness", "readiness", "startup"):
            words = [str(w) for w in ((container.get(f"{probe}Probe") or {}).get("exec") or {}).get("command") or ()]
            script = words[-1] if len(words) > 2 and words[0] in _SHELLS else " ".join(words)  # noqa: PLR2004 - sh -c SCRIPT
            if _NEVER.search(script):
                facts = ProbeSuspect(container=name, probe=probe, message=f"its command `{script.strip()}` cannot succeed")
                text = f"the {probe} probe of container {name} of {place_of(thing)[2]} runs `{script.strip()}`, which always fails"
                yield found("probe_failing", f"{observed.root(thing)}/{name}", facts, text, observed.cites(thing))


def misspelt(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A word that begins a command of a container's script and is nearly, but not quite, a common one."""
    for name, container in _named(thing):
        words = [str(w) for side in ("command", "args") for w in container.get(side) or ()]
        script = words[-1] if words[:1] and words[0] in _SHELLS and len(words) > 1 else ""
        for match in _FIRST_WORD.finditer(script):
            word = match["word"]
            near = get_close_matches(word, _COMMON, 1, _SLIP) if word not in _COMMON else []
            if near and abs(len(near[0]) - len(word)) <= 1:
                facts = CommandSuspect(container=name, command=word, near=near[0], said=script[:300])
                text = f"the script of container {name} of {place_of(thing)[2]} calls `{word}`, which looks like a slip for `{near[0]}`"
                yield found("command_not_found", f"{observed.root(thing)}/{name}", facts, text, observed.cites(thing))


def _named(thing: Object) -> Iterator[tuple[str, Mapping[str, Json]]]:
    return ((str(container.get("name")), container) for _, container in containers(thing))
