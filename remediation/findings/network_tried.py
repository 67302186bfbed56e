"""Calls that somebody tried by hand, from a pod with `kubectl exec` or from one made for it, and that went unanswered."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from remediation.findings.denials import Call
from remediation.findings.ends import CLUSTER_DNS, End, end_named, ends_at
from remediation.kinds import kind_called
from remediation.observed import Observed
from remediation.reading.cells import pairs
from remediation.terms import Evidence

_TRIED = re.compile(r"\b(?P<verb>exec|run|debug)\s(?P<whence>[^\n]{1,300}?)\s--\s(?P<what>[^\n]{1,300})")
_TOOL = re.compile(
    r"\b(?:curl|wget|nc|ncat|netcat|telnet|ping|nslookup|dig|host|getent|psql|mysql|redis-cli|mongosh?|grpcurl|pg_isready)\b"
)
_RESOLVER = re.compile(r"\b(?:nslookup|dig|host|getent)\b")
_UNANSWERED = re.compile(
    r"time[d]?[ -]?out|no servers could be reached|couldn't connect|[Ff]ailed to connect|100% packet loss|unreachable|not permitted|"
    r"exit code (?:28|7)\b|deadline exceeded",
)
_UNRESOLVED = re.compile(
    r"bad address|[Cc]ould not resolve|no servers could be reached|[Tt]emporary failure in name resolution|can't resolve"
)
_URL = re.compile(
    r"(?:\b\w{2,10}://)?(?:[^\s/@:]{1,60}@)?(?P<host>[a-z0-9][a-z0-9.-]{0,252})(?::(?P<port>\d{1,5}))?(?:/\S*)?$", re.IGNORECASE
)
_PORTS = {"http": 80, "https": 443}
_VALUED = ("-n", "--namespace", "-c", "--container", "--image", "-l", "--labels", "--overrides", "--restart", "-it", "-ti", "--context")
_OUTPUT = 8  # lines below a command


def tried(observed: Observed) -> Iterator[tuple[str, str, Sequence[Call]]]:
    """The words of each unanswered call, their item, and the calls that it means."""
    for item in observed.evidence:
        if item.kind == "alert" or " -- " not in item.text or not _TRIED.search(item.text):
            continue
        yield from _of_item(item, observed)


def _of_item(item: Evidence, observed: Observed) -> Iterator[tuple[str, str, Sequence[Call]]]:
    lines = item.text.splitlines()
    for at, line in enumerate(lines):
        match = _TRIED.search(line)
        if match is None or not _TOOL.search(match["what"]):
            continue
        said = [one for one in _below(lines[at + 1 : at + 1 + _OUTPUT]) if _UNANSWERED.search(one) or _UNRESOLVED.search(one)]
        if said:
            words = f"{line.strip()}: {said[0].strip()}"
            yield words, item.item, list(_calls(match, resolves=_UNRESOLVED.search(said[0]) is not None, observed=observed))


def _below(lines: Sequence[str]) -> Iterator[str]:
    """What a command printed, until the next one."""
    for line in lines:
        if _TRIED.search(line) or re.match(r"\s*(?:[$#%>]|\S{0,80}[$#]) ", line):
            return
        yield line


def _calls(match: re.Match[str], *, resolves: bool, observed: Observed) -> Iterator[Call]:
    caller = _caller(match, observed)
    if resolves or _RESOLVER.search(match["what"]):
        yield Call(caller=caller, callee=CLUSTER_DNS, ports=[53], protocol="UDP")
        return
    for host, port in _places(match["what"]):
        for callee, ports in ends_at(host, port, caller.namespace, observed):
            yield Call(caller=caller, callee=callee, ports=ports)


def _caller(match: re.Match[str], observed: Observed) -> End:
    """The pod that a call was tried from; of one that was made for it what its labels are."""
    options, plain = _split(match["whence"])
    options = {**_split(match.string[: match.start()])[0], **options}  # some stand before the verb
    namespace = options.get("-n") or options.get("--namespace") or "default"
    kind, _, name = (plain[0] if plain else "").rpartition("/")
    if match["verb"] == "run":
        labels = options.get("-l") or options.get("--labels") or f"run={name}"
        return End(name=name, namespace=namespace, labels=pairs(labels))
    known = kind_called(kind) if kind else None
    return end_named(observed.root_of((known.name if known is not None else "Pod", namespace, name)), observed)


def _split(text: str) -> tuple[Mapping[str, str], Sequence[str]]:
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    options: dict[str, str] = {}
    plain: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        name, equals, value = word.partition("=")
        if word.startswith("-"):
            options |= {name: value} if equals else {}
        elif before in _VALUED and before not in ("-it", "-ti"):
            options[before] = word
        else:
            plain.append(word)
    return options, plain


def _places(what: str) -> Iterator[tuple[str, int]]:
    """The host and port that a command calls: a URL, `host port`, `host:port`, `-h host -p port`."""
    words = what.replace('"', " ").replace("'", " ").split()
    flags = {before: word for before, word in pairwise(words) if before in ("-h", "-p", "--host", "--port")}
    if host := flags.get("-h") or flags.get("--host"):
        port = flags.get("-p") or flags.get("--port") or "0"
        yield host, int(port) if port.isdecimal() else 0
        return
    for word, following in zip(words, [*words[1:], ""], strict=True):
        match = _URL.fullmatch(word) if not word.startswith("-") and not _TOOL.fullmatch(word) and not word.isdecimal() else None
        if match is not None and ("://" in word or "." in word or ":" in word or following.isdecimal() or word == words[-1]):
            scheme = word.partition("://")[0] if "://" in word else "http"
            yield match["host"], int(match["port"] or (following if following.isdecimal() else _PORTS.get(scheme, 0)))
            return
