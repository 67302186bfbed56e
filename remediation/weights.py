"""How much a cause weighs, by what it is and how it was shown, and how sure such a weight makes us."""

from remediation.calibration import confidence_at
from remediation.mending import mend_of
from remediation.terms import Finding

_WEIGHTS = (  # by depth, from it on
    (86, 0.9),  # the cluster itself names what is wrong, and where
    (76, 0.8),  # one line or object says it, to be taken at its word
    (62, 0.7),  # the object is certain, of several reasons for it the usual one is taken
    (50, 0.55),  # often only follows from something that is not shown
    (38, 0.45),  # says that something fails, hardly why
    (0, 0.3),  # a symptom, or silence
)
_DECLARED = 0.15  # less where manifests alone show it: a default or another manifest may make it right, and nothing complains
_UNSURE = 0.25  # less where it seems to be over, its container ended of something else, or it is a guess: another cause is as likely
_LEAST = 0.1  # what was found is never worth nothing


def confidence_of(finding: Finding) -> float:
    """How often a cause of this weight was right, 0–1, in cases that nobody read while the rules were written."""
    return confidence_at(weight_of(finding))


def weight_of(finding: Finding) -> float:
    """How sure the rules are of a cause like this, 0–1: by depth, less where manifests alone show it, it seems to be over or is a guess."""
    facts = finding.facts
    depth = mend_of(finding).depth
    weight = next(weight for least, weight in _WEIGHTS if depth >= least)
    weight -= _DECLARED * (facts.get("reported") is False) + _UNSURE * any(facts.get(word) for word in ("over", "aside", "guessed"))
    return round(max(_LEAST, weight), 2)
