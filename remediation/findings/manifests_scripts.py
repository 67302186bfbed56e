"""What in the commands of a container's manifest may keep it from running or from being ready: guesses, while nothing tells how it runs."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from remediation.findings.suspected import Suspected, named_containers, suspect
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Json
from remediation.workloads import pod_spec

_NEVER = re.compile(r"^\s*(?:exit\s+[1-9]\d*|/?(?:usr/)?(?:bin/)?false)\s*;?\s*$")
_COMMON = ("echo", "sleep", "curl", "wget", "cat", "grep", "python", "python3", "node", "java", "bash", "mkdir", "chmod", "chown", "touch",
           "export", "exec", "while", "until", "test", "true", "find", "tail", "head", "kill", "date", "printf", "nginx", "psql", "mysql",
           "redis-server", "npm", "kubectl", "exit", "rm", "cp", "mv", "ls", "cd", "set", "if", "for", "trap", "wait", "sh")  # fmt: skip
_SHELLS = frozenset({"sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash", "/usr/bin/bash"})
_SLIP = 0.8  # how alike a misspelt word is to the one that is meant
_FIRST_WORD = re.compile(r"(?:^|&&|\|\||;|\n)[^\S\n]*(?P<word>[A-Za-z][\w-]{1,30})(?=\s)(?!\s{0,9}(?:=|\(\)))")
_FAILS = re.compile(r"(?:^|[;&\n])[^\S\n]*exit\s{1,9}(?P<code>[1-9]\d{0,2})\s{0,9};?\s*$")
_ENDS = re.compile(r"(?:^|[;&\n])[^\S\n]*(?:echo|printf|date|true|ls|cat|exit 0)\b[^;&|\n]{0,500}$")
_GOES_ON = re.compile(r"\b(?:while|until|sleep (?:infinity|\d{4,})|tail -[fF]|wait|exec)\b")
_LASTING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout"})  # whose containers should not end
_BARE_SHELLS = re.compile(
    r"^(?:[\w.-]+/)*(?:busybox|alpine|ubuntu|debian|centos|bash)(?::[\w.-]+)?$"
)  # images that end at once by themselves
_AWAITS = re.compile(
    r"\b(?:nslookup|pg_isready -h|redis-cli -h|mysqladmin [^\n;|&]{0,60}?-h ?|nc (?:-\w+ ){1,3})\s*(?P<host>[a-z][a-z0-9-]{1,62})\b"
)


def misspelt(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A word that begins a command of a container's script and is nearly, but not quite, a common one."""
    for name, container in named_containers(thing):
        script = _script(container)
        for match in _FIRST_WORD.finditer(script):
            word = match["word"]
            near = get_close_matches(word, _COMMON, 1, _SLIP) if word not in _COMMON else []
            if near and abs(len(near[0]) - len(word)) <= 1:
                text = f"the script of container {name} of {place_of(thing)[2]} calls `{word}`, which looks like a slip for `{near[0]}`"
                yield suspect("command_not_found", thing, observed, text, Suspected(container=name, command=word, said=script[:300]))


def ends_at_once(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A script that ends with an error, or that of a lasting workload which ends at all; or no command for an image that has none."""
    for name, container in named_containers(thing) if thing.get("kind") in _LASTING or _fails(thing) else ():
        script, lasting = _script(container), thing.get("kind") in _LASTING
        bare = lasting and not script and not container.get("command") and not container.get("args") and not container.get("tty")
        if failing := _FAILS.search(script):
            why = f"ends with exit code {failing['code']}"
        elif lasting and _ENDS.search(script) and not _GOES_ON.search(script) and container not in _initial(thing):
            why = "ends as soon as it is done, and is started again and again"
        elif bare and _BARE_SHELLS.match(str(container.get("image"))) and container not in _initial(thing):
            why = f"has no command, and its image {container.get('image')} runs nothing by itself, so it ends at once"
        else:
            continue
        text = f"container {name} of {place_of(thing)[2]} {why} (CrashLoopBackOff)"
        yield suspect("argument_invalid", thing, observed, text, Suspected(container=name, said=why, command=script[:300]))


def hopeless_probe(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A probe whose command fails whatever the container does."""
    for name, container in named_containers(thing):
        for probe in ("liveness", "readiness", "startup"):
            words = [str(w) for w in ((container.get(f"{probe}Probe") or {}).get("exec") or {}).get("command") or ()]
            script = words[-1] if len(words) > 2 and words[0] in _SHELLS else " ".join(words)  # noqa: PLR2004 - sh -c SCRIPT
            if _NEVER.search(script):
                text = f"the {probe} probe of container {name} of {place_of(thing)[2]} runs `{script.strip()}`, which always fails"
                facts = Suspected(container=name, probe=probe, message=f"its command `{script.strip()}` cannot succeed")
                yield suspect("probe_failing", thing, observed, text, facts)


def awaits_nobody(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A script that waits for a Service by its name, of which nothing is shown."""
    namespace = place_of(thing)[1]
    for name, container in named_containers(thing):
        for match in _AWAITS.finditer(_script(container)):
            host = match["host"]
            if host != "kubernetes" and observed.get("Service", namespace, host) is None:
                text = f"container {name} of {place_of(thing)[2]} waits for {host}, and no Service of that name is shown in {namespace}"
                facts = Suspected(cause="no_such_service", container=name, host=host, said=match[0])
                yield suspect("dns_failure", thing, observed, text, facts)


def _script(container: Mapping[str, Json]) -> str:
    """What a shell of a container is given to run; empty for another command."""
    words = [str(word) for side in ("command", "args") for word in container.get(side) or ()]
    return words[-1] if len(words) > 1 and words[0] in _SHELLS else ""


def _fails(thing: Object) -> bool:
    return any(_FAILS.search(_script(container)) for _, container in named_containers(thing))


def _initial(thing: Object) -> list[Mapping[str, Json]]:
    """The init containers, which are meant to end."""
    return list(pod_spec(thing).get("initContainers") or ())
