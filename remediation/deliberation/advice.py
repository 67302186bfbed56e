"""What a person must do where no remedy fits, by what was found."""

from remediation.mending import for_a_person
from remediation.terms import Finding


def advice_for(finding: Finding) -> str:
    """The finding, and in one sentence what to do about it."""
    return f"{finding.text}. No remedy of the catalogue fits: a person must look. {for_a_person(finding)}"
