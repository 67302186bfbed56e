"""What a line is about that no rule knows: its file system, name resolution, TLS, a permission, a database, its disk, the network."""

import re
from collections.abc import Mapping, Sequence

_CONCERNS: Sequence[tuple[str, re.Pattern[str]]] = tuple(  # the more telling first
    (concern, re.compile(words, re.IGNORECASE))
    for concern, words in (
        ("tls", r"\bTLS\b|\bSSL\b|certificate|\bx\.?509\b"),
        ("dns", r"\bDNS\b|\bname ?servers?\b|\bnxdomain\b|name resolution"),
        ("permission", r"\bpermissions?\b|privilege|\bdenied\b|\bforbidden\b|unauthori[sz]ed|access control"),
        ("database", r"\bdatabases?\b|\bSQL\b|\bpostgres|\bmysql|\bmariadb|\bmongo|\bredis\b"),
        ("file_system", r"file ?systems?\b|\boverlayfs\b|\bmount(?:s|ed|point)?\b|\binodes?\b|\bNFS\b|\bEIO\b|(?:I/O|input/output) error"),
        ("disk", r"\bdisks?\b|\bsectors?\b|block device|\bstorage\b"),
        ("network", r"\bnetwork\b|\bpackets?\b|\bsockets?\b|\bconnections?\b|\bhandshake\b|\btime(?:d )?-?out\b"),
    )
)
_WORDS: Mapping[str, str] = {
    "tls": "TLS",
    "dns": "name resolution (DNS)",
    "permission": "a permission",
    "database": "its database",
    "file_system": "its file system",
    "disk": "its disk",
    "network": "the network",
}


def concern_of(line: str) -> str:
    """What a line names as its concern, empty where it names none: the program itself."""
    return next((concern for concern, words in _CONCERNS if words.search(line)), "")


def words_of_concern(concern: str) -> str:
    """An error's concern for people."""
    return f"an error about {_WORDS[concern]} in words that no rule knows"
