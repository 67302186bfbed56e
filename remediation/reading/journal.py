"""systemd's journal in JSON, an entry a line: read as the lines that `journalctl` prints of it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from remediation.reading.cell_values import seconds_of
from remediation.reading.export import Export, Writer
from remediation.terms import Json

_ERRORS = frozenset({"0", "1", "2", "3"})
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def add_journal(export: Export, entry: Mapping[str, Json]) -> bool:
    """One entry; whether it is one."""
    if "MESSAGE" not in entry or not ("__REALTIME_TIMESTAMP" in entry or "_SYSTEMD_UNIT" in entry):
        return False
    message = _text(entry["MESSAGE"])
    at = seconds_of(str(entry.get("__REALTIME_TIMESTAMP") or entry.get("_SOURCE_REALTIME_TIMESTAMP") or "")) or 0.0
    who = str(entry.get("SYSLOG_IDENTIFIER") or entry.get("_COMM") or str(entry.get("_SYSTEMD_UNIT") or "").removesuffix(".service"))
    host, grave = str(entry.get("_HOSTNAME") or "-"), str(entry.get("PRIORITY", "")) in _ERRORS
    written = message if not grave or message[1:5].isdecimal() or who == "kernel" else f"ERROR {message}"
    export.add_line(Writer(), f"{_printed(at)} {host} {who or '-'}: {written}", at)
    return True


def _text(message: Json) -> str:
    """The message; bytes as a list of numbers where they are no UTF-8."""
    if isinstance(message, list):
        return bytes(one & 0xFF for one in message if isinstance(one, int)).decode("utf-8", "replace")
    return str(message if message is not None else "")


def _printed(at: float) -> str:
    """As journalctl prints a time, in English whatever the locale."""
    moment = datetime.fromtimestamp(at, tz=UTC)
    return f"{_MONTHS[moment.month - 1]} {moment:%d %H:%M:%S}"
