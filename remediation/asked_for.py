"""What somebody who asks names himself: a status, a path, an exception; what is found in such words answers him."""

import re
from collections.abc import Sequence
from functools import lru_cache

from remediation.observed import Observed

_NAMED = re.compile(
    r"(?<![\w./:-])[45]\d\d(?=s?\b(?![.:%-]|[ ]?(?:m?s|[KMG]i?B?|pods?|nodes?|times)\b))|"
    r"(?<![\w:/.])/[a-z][\w-]{1,80}(?:/[\w.-]{1,80}){1,10}|\b[A-Z][A-Za-z]{2,60}(?:Error|Exception)\b"
)
_MOST = 8
_STATUS, _NAMED_BY_FEW = 12.0, 20.0
_LONGEST = 2000  # characters of what was asked: what is longer quotes more than it asks


@lru_cache(maxsize=2)
def asked_for(observed: Observed) -> Sequence[str]:
    """The statuses of HTTP, paths and exceptions that the question or alert names."""
    told = [item.text[:_LONGEST] for item in observed.evidence if item.kind == "alert"]
    return tuple(dict.fromkeys(word for text in told for word in _NAMED.findall(text)))[:_MOST]


def answers(said: str, observed: Observed) -> float:
    """How much a line weighs for saying one of these words; a path or an exception, which few lines say, more than a status."""
    said_words = [word for word in asked_for(observed) if word in said and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said)]
    return max((_STATUS if word.isdigit() else _NAMED_BY_FEW for word in said_words), default=0.0)
