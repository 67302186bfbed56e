"""What a finding understood it also says: a host, a port, a path, a name that stands in its facts stands in its words."""

from pathlib import Path

from remediation.cases import cases_in
from remediation.findings import find
from remediation.observed import observed_in
from remediation.reading.files import read_files
from remediation.reading.targets import target_of

OWN = Path(__file__).resolve().parents[1] / "cases"
EVERY = 9  # of the cases is read again here
TOLD = ("host", "port", "path", "variable", "account", "database", "user", "module", "quota", "webhook", "service", "callee", "policy")


def test_the_cause_says_its_facts():
    """Those who read the answer see no facts but these words."""
    silent = []
    for case in cases_in(OWN)[::EVERY]:
        read = read_files([path for path in case.iterdir() if path.name != "expected.yaml"])
        for finding in find(read.evidence, target_of(read.symptom, observed_in(read.evidence)))[:1]:
            facts = {key: str(finding.facts[key]) for key in TOLD if finding.facts.get(key)}
            silent += [(case.name, key, value) for key, value in facts.items() if value not in f"{finding.text} {finding.subject}"]

    assert silent == []
