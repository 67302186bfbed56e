"""Findings of texts as tools print them, read as files are."""

from collections.abc import Mapping
from pathlib import Path

from remediation.findings import find
from remediation.observed import Observed
from remediation.reading.files import read_files
from remediation.reading.targets import target_of
from remediation.terms import Finding


def findings_of(folder: Path, files: Mapping[str, str], question: str = "") -> tuple[Finding, ...]:
    """What is found in these files, the likeliest cause first."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    read = read_files([folder], question)
    return find(read.evidence, target_of(read.symptom, Observed(read.evidence)))
