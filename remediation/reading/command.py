"""The command that printed a text, where the text says so: its verb, kind, name, namespace and container; of other tools their logs."""

import re
import shlex
from dataclasses import dataclass

from remediation.kinds import Kind, kind_called

_CALL = re.compile(r"(?:^|(?<=[\s`>$#%❯➜»▶λ.]))(?P<line>(?:kubectl|oc|k)\s+\S.*?)(?:`.*)?$")
_LOGS = re.compile(  # of a container runtime, and of tools that follow the logs of pods
    r"(?:^|(?<=[\s`>$#%❯➜»▶λ]))(?P<line>(?:(?:(?:docker|podman|nerdctl)(?:[ -]compose)?|crictl)\s+logs|stern|kubetail)\s+\S.*?)(?:`.*)?$"
)
_OF_KUBELET = re.compile(r"k8s_(?P<container>[\w.-]{1,253}?)_(?P<name>[\w.-]{1,253}?)_(?P<namespace>[\w-]{1,63}?)_[\w-]{8,40}_\d{1,6}")
_ID = re.compile(r"[0-9a-f]{6,64}")
_LABELS = re.compile(r"(?:app|k8s-app|app\.kubernetes\.io/(?:name|instance)|component|name)=(?P<name>[\w.-]{1,253})")
_CALLED_BY = r"(?:sudo\s+(?:-\S+\s+)*|time\s+|watch\s+(?:-\S+\s+(?:\d+\s+)?)*|[A-Z_]+=\S+\s+|k3s\s+|microk8s[. ]|minikube\s+)?"
_BEFORE = re.compile(  # nothing, a heading, or a shell's prompt: `[root@host ~]# `, `user@host:~$ `, `➜  ~ `, `➜  dir git:(main) ✗ `
    rf"\s*`?(?:#+\s*)?(?:command:\s*|Command\s+`|[>+]\s*)?{_CALLED_BY}|"
    rf".{{0,80}}(?:[$#%>❯»▶λ➜](?:\s+~)?|➜\s+[\w~./-]{{1,60}}(?:\s+git:\([^)]{{0,60}}\))?(?:\s+[✗✔⚡])?)\s*{_CALLED_BY}"
)
_END = re.compile(r"(?<!\s)\s*;(?:\s|$)|\s(?:\|\|?|&&|>>?)\s")  # of a call, where a shell's line goes on
_DUMPED = re.compile(
    r"==== (?P<side>START|END) logs for container (?P<container>[\w.-]{1,253}) of pod "
    r"(?P<namespace>[\w-]{1,63})/(?P<name>[\w.-]{1,253}) ===="
)
_VALUED = {"-n", "--namespace", "-c", "--container", "-l", "--selector", "-o", "--output", "--tail", "--since", "--sort-by", "--context",
           "--for", "--field-selector", "--kubeconfig", "-f", "--filename", "--limit-bytes", "--since-time"}  # fmt: skip
_VERBS = frozenset({"get", "describe", "logs", "log", "top", "events", "rollout", "explain", "auth", "version"})


@dataclass(frozen=True, kw_only=True)
class Command:
    """One call of kubectl. kind: None where it names none that we read.  called: the kind as written.  name: empty for a list.

    selects: whether it asks only for those of its kind that fit a selector.  selected: what that calls the application, else empty.
    """

    verb: str = ""
    kind: Kind | None = None
    called: str = ""
    name: str = ""
    namespace: str = ""
    container: str = ""
    previous: bool = False
    selects: bool = False
    selected: str = ""


def command_in(line: str) -> Command | None:
    """The call of kubectl that this line shows, None where it shows none."""
    words = _words(line, _CALL)
    if words is None:
        return _logs_in(line)
    words = words[1:]
    options, plain = _split(words)
    verb = plain[0] if plain else ""
    if verb not in _VERBS:
        return None
    kind, name = _kind_and_name(verb, plain[1:] or ([options["--for"]] if "--for" in options else []))
    return Command(
        verb="logs" if verb == "log" else verb,
        kind=kind,
        called=plain[1].partition("/")[0] if len(plain) > 1 and "," not in plain[1] else "",
        name=name,
        namespace=options.get("-n", options.get("--namespace", "")),
        container=options.get("-c", options.get("--container", "")) or _second(verb, plain),
        previous="--previous" in words or "-p" in words,
        selects=any(option in options for option in ("-l", "--selector", "--field-selector")),
        selected=_selected(options),
    )


def _words(line: str, call: re.Pattern[str]) -> list[str] | None:
    """The words of the call that a line shows behind a prompt, or alone; None where it shows none."""
    match = call.search(line)
    if match is None or not _BEFORE.fullmatch(line[: match.start("line")]):
        return None
    called = _END.split(match["line"], maxsplit=1)[0]
    try:
        return shlex.split(called)
    except ValueError:
        return called.split()


def _logs_in(line: str) -> Command | None:
    """The call of another tool that prints logs: of a runtime, which knows containers, or of one that follows pods."""
    words = _words(line, _LOGS) or [""]
    options, plain = _split(words)
    if words[0] in ("stern", "kubetail"):
        if len(plain) > 2 or (line.startswith(words[0]) and not options):  # noqa: PLR2004 - a sentence
            return None
        return Command(verb="logs", namespace=options.get("-n", options.get("--namespace", "")), selected=_selected(options))
    named = plain[-1] if "logs" in plain[1:-1] and len(plain) - plain.index("logs") == 2 else ""  # noqa: PLR2004 - the verb and its object
    if not named:
        return None
    of_pod = _OF_KUBELET.fullmatch(named)
    if of_pod is None:
        return Command(verb="logs", name="" if _ID.fullmatch(named) else named)
    return Command(verb="logs", name=of_pod["name"], namespace=of_pod["namespace"], container=of_pod["container"])


def _selected(options: dict[str, str]) -> str:
    match = _LABELS.search(options.get("-l", options.get("--selector", "")))
    return match["name"] if match else ""


def dumped_in(line: str) -> Command | None:
    """The call that a line of `kubectl cluster-info dump` stands for, where a container's log begins or ends in it."""
    match = _DUMPED.match(line)
    if match is None:
        return None
    if match["side"] == "END":
        return Command()
    return Command(verb="logs", kind=kind_called("pod"), name=match["name"], namespace=match["namespace"], container=match["container"])


def _second(verb: str, plain: list[str]) -> str:
    """The container that `kubectl logs POD CONTAINER` names behind its pod."""
    return plain[2] if verb in ("logs", "log") and len(plain) == 3 and "/" not in plain[1] else ""  # noqa: PLR2004 - verb, pod, container


def _split(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Options with their values, and the words that are none."""
    options: dict[str, str] = {}
    plain: list[str] = []
    waiting = ""
    for word in words:
        if waiting:
            options[waiting], waiting = word, ""
        elif word.startswith("-"):
            name, equals, value = word.partition("=")
            if equals:
                options[name] = value
            elif name in _VALUED and not (name == "-f" and "logs" in plain):
                waiting = name
            elif name[:2] in ("-n", "-c") and len(name) > len("-n"):  # `-nshop`
                options[name[:2]] = name[2:]
        else:
            plain.append(word)
    return options, plain


def _kind_and_name(verb: str, words: list[str]) -> tuple[Kind | None, str]:
    if not words:
        return None, ""
    if "/" in words[0]:
        kind, _, name = words[0].partition("/")
        return kind_called(kind), name
    if verb in ("logs", "log"):
        return kind_called("pod"), words[0]
    if verb == "top":
        words = [words[0], *words[1:]]
    if "," in words[0]:
        return None, ""
    return kind_called(words[0]), words[1] if len(words) > 1 else ""
