"""The places that a line of a log names: hosts with their ports, of URLs and targets in every form that programs print."""

import re
from collections.abc import Iterator

_SOURCES = (".java", ".kt", ".scala", ".py", ".go", ".js", ".ts", ".rb", ".rs", ".cs", ".php", ".c", ".cc", ".cpp", ".ex")  # no hosts
_ADDRESS = re.compile(
    r"(?<![\w.:/-])(?:(?:jdbc:)?\w{1,30}:///?)?(?:[^\s/@]{0,128}@)?(?P<host>[A-Za-z][\w.-]{0,252}|\d{1,3}(?:\.\d{1,3}){3}):(?P<port>\d{2,5})\b(?![:.]\d)"
)
_RESOLVED = re.compile(  # a name with what it stands for, or in two parts
    r"(?<![\w.-])(?P<host>[A-Za-z][\w.-]{0,252}+)/\d{1,3}(?:\.\d{1,3}){3}:(?P<port>\d{2,5})\b|"
    r"host='(?P<host2>[\w.-]+)', port=(?P<port2>\d{2,5})"
)
_URL = re.compile(r"\b(?:https?|grpcs?|dns)://(?:/)?(?:[^\s/@]{0,80}@)?(?P<host>[A-Za-z][\w.-]{0,252}+)(?![:@])")  # without a port
_IN_CLUSTER = re.compile(r"(?<![\w.-])(?P<host>[a-z][a-z0-9-]{0,62}+\.[a-z0-9-]{1,63}+)\.svc\b")


def place_in(text: str) -> Iterator[tuple[str, int]]:
    """Every `host:port` that a line names; also `host/10.0.0.1:port` and `host='…', port=…`."""
    for match in _RESOLVED.finditer(text):
        yield match["host"] or match["host2"], int(match["port"] or match["port2"])
    for match in _ADDRESS.finditer(text):
        if not match["host"].endswith(_SOURCES):
            yield match["host"], int(match["port"])


def host_in(text: str) -> str:
    """The host of the first URL that a line names without a port, empty where it names none."""
    match = _URL.search(text)
    return match["host"].rstrip(".") if match else ""


def hosts_in(text: str) -> Iterator[str]:
    """Every host that a line names: with a port, in a URL, or as `name.namespace.svc`; some of them twice."""
    yield from (host for host, _ in place_in(text))
    yield from (match["host"] for match in _IN_CLUSTER.finditer(text))
    if host := host_in(text):
        yield host
