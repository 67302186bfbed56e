"""What a tool's own check of a system marks as failed (`×`, `[FAIL]`): each mark with what is written below it, as one line of a log."""

import re
from collections.abc import Iterator

from remediation.observed import Observed
from remediation.reading.logs import Line

_FAILED = re.compile(r"^\s*(?:[×✗✘❌‼►]+|\[(?:x|X|FAIL(?:ED)?|ERROR)\]|FAIL(?:ED)?:|✖)\s+(?P<what>\S.*)$")
_PASSED = re.compile(r"^\s*(?:[√✓✔✅]|\[(?:ok|OK|PASS(?:ED)?|✓)\]|PASS:|OK:)")
_BELOW = 4  # lines


def checks_failed(observed: Observed) -> Iterator[Line]:
    """The failed checks of every text that also has passed ones: a mark alone may mean anything."""
    for item in observed.evidence:
        if item.kind in ("alert", "metrics") or item.failed:
            continue
        lines = item.text.splitlines()
        if not any(map(_PASSED.match, lines)):
            continue
        for at, line in enumerate(lines):
            if (match := _FAILED.match(line)) is not None:
                below = []
                for other in lines[at + 1 : at + 1 + _BELOW]:
                    if not other[:1].isspace() or _PASSED.match(other) or _FAILED.match(other):
                        break
                    below.append(other.strip())
                yield Line(text="; ".join([match["what"].strip(), *below]), item=item.item, level="error")
