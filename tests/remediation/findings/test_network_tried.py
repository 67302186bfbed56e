"""What somebody tried by hand from a pod, and did not reach, is the complaint of that pod."""

from datetime import UTC, datetime

import pytest

from remediation.findings.network_tried import tried
from remediation.observed import Observed
from remediation.terms import Evidence


def calls(text):
    """Caller, callee and ports of each call that a session tells of."""
    item = Evidence(kind="objects", source="t", title="session.txt", at=datetime(2026, 2, 3, tzinfo=UTC), text=text, item="E1")
    found = [call for _, _, several in tried(Observed([item])) for call in several]
    return [(call.caller.name, call.callee.name or call.callee.addresses[0], list(call.ports)) for call in found]


@pytest.mark.parametrize(
    ("command", "said", "call"),
    [
        ("kubectl exec -it web-0 -n shop -- curl -m 5 http://ledger:8080/health", "curl: (28) Connection timed out after 5001 ms", ("web-0", "ledger", [8080])),
        ("oc -n shop exec web-0 -c app -- nc -zv ledger 5432", "nc: connect to ledger port 5432 (tcp) timed out", ("web-0", "ledger", [5432])),
        ("k exec web-0 -- wget -qO- https://203.0.113.9", "wget: download timed out", ("web-0", "203.0.113.9", [443])),
        ("kubectl exec deploy/web -- psql -h ledger -p 5433 -U u", "psql: error: timeout expired", ("web", "ledger", [5433])),
        ("kubectl exec web-0 -- nslookup ledger", ";; connection timed out; no servers could be reached", ("web-0", "kube-dns", [53])),
        ("kubectl exec web-0 -- wget -O- ledger:80", "wget: bad address 'ledger:80'", ("web-0", "kube-dns", [53])),
        ("kubectl run probe --rm -it --image=busybox --labels=app=web -- wget ledger", "wget: download timed out", ("probe", "ledger", [80])),
    ],
)  # fmt: skip
def test_an_unanswered_call_is_read(command, said, call):
    """By the tools that people use."""
    assert calls(f"$ {command}\n{said}\ncommand terminated with exit code 1\n") == [call]


@pytest.mark.parametrize("said", ["HTTP/1.1 200 OK", "", "$ kubectl get pods\nthe last one timed out"])
def test_what_was_answered_is_no_complaint(said):
    """Nor what another command printed."""
    assert calls(f"$ kubectl exec web-0 -- curl http://ledger\n{said}\n") == []
