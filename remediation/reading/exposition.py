"""Metrics as a program exposes them for Prometheus to scrape: a sample a line."""

import re
from collections.abc import Sequence
from datetime import datetime

from remediation.reading.cell_values import amount_of
from remediation.reading.export import Export

_SAMPLE = re.compile(
    r"(?P<metric>[a-zA-Z_:][\w:]{0,200})(?:\{(?P<labels>.*)\})?[ \t]+(?P<value>[-+]?[\d.eE+-]+|NaN|[-+]?Inf)(?:[ \t]+(?P<at>\d{10,13}))?\s*"
)
_LABEL = re.compile(r"(?<!\w)([a-zA-Z_]\w*)=\"((?:[^\"\\]|\\.)*)\"")
_SHARE = 0.9  # of the lines are samples
_HEAD = 20


def export_of(lines: Sequence[str], now: datetime) -> Export | None:
    """The samples of a page of metrics; None for any other text. now: when it was read, where samples have no time."""
    told = [line for line in lines if line.strip() and not line.startswith("#")]
    head = told[:_HEAD]
    known = any(line.startswith(("# TYPE ", "# HELP ")) for line in lines[:_HEAD]) or any("{" in line for line in head)
    if not known or sum(_SAMPLE.fullmatch(line) is not None for line in head) < max(1, len(head) * _SHARE):
        return None
    export = Export()
    for line in told:
        match = _SAMPLE.fullmatch(line)
        value = amount_of(match["value"]) if match is not None else None
        if match is not None and value is not None:
            at = int(match["at"]) / 1000 if match["at"] else now.timestamp()
            export.add_point(match["metric"], dict(_LABEL.findall(match["labels"] or "")), at, value)
        elif match is None:
            export.told.append(line)
    return None if export.empty else export
