"""An error in a script that stands in the container's own command, such as `python -c`: interpreters give it no file's name."""

import re

from remediation.findings.log_changes import log_around
from remediation.observed import Observed
from remediation.reading.logs import Line

_BROKEN = re.compile(r"\b(?:Syntax|Indentation|Tab)Error\b")
_NAMELESS = re.compile(r"File \"<string>\", line \d|\[eval\]:\d|\bat -e line \d|-e:\d+: syntax error")


def is_own_script(line: Line, observed: Observed) -> bool:
    """Whether a line tells of a script that cannot be read, and its log that it stands in the command."""
    return _BROKEN.search(line.text) is not None and any(_NAMELESS.search(other.text) for other in log_around(line, observed))
