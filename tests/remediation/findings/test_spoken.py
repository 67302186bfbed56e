"""Which line of a log tells: not every one that looks bad."""

from dataclasses import replace

from remediation.findings import find
from remediation.reading.logs import title
from remediation.terms import Evidence
from tests.remediation.findings.made import NOW, TARGET, fine, items, pod

CRASHED = {"name": "api", "ready": False, "restartCount": 9, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
           "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}}  # fmt: skip
GOOD = [f"INFO request {n} done" for n in range(40)]


def told(lines, status=CRASHED, previous=True):
    """The findings on a pod that wrote these lines."""
    log = Evidence(kind="logs", source="t", title=title("api", "api-1-x", "shop", previous=previous), at=NOW, text="\n".join(lines))
    ready = bool(status["ready"])
    return find([*items(pod("api-1-x", status, ready=ready)), replace(log, item="E2")], TARGET)


def test_the_line_that_it_ended_with_is_the_cause():
    """Not one that it went on after."""
    findings = told(
        ["ERROR certificate has expired for the old pins", "INFO skipped", "INFO ready", "INFO subscribed", "FATAL BROKER_URL is not set"]
    )

    assert (findings[0].kind, findings[0].facts["variable"]) == ("missing_environment", "BROKER_URL")
    assert [f.facts["aside"] for f in findings if f.kind == "certificate_expired"] == [True]


def test_what_works_again_is_not_the_cause():
    """Of the same host, by its own word."""
    findings = told(
        [
            "ERROR dial tcp: connect to cache:6379: connection refused",
            "INFO connected to cache",
            "FATAL open /etc/a.yaml: no such file or directory",
        ]
    )

    assert findings[0].kind == "file_missing"
    assert "recovered" in {finding.kind for finding in findings}


def test_what_exports_telemetry_may_fail():
    """Where anything else is told of."""
    findings = told(
        ["WARN otlp export failed: connection refused to otel-collector:4317", "ERROR could not connect to queue:5672: ECONNREFUSED"]
    )

    assert findings[0].facts["host"] == "queue"


def test_what_is_said_while_it_is_stopped_is_a_consequence():
    """The kubelet stopped it; that its connections close then explains nothing."""
    findings = told(["INFO loading", "INFO received SIGTERM", "ERROR connection to db:5432 failed: connection refused"])

    assert [finding.facts["aside"] for finding in findings if finding.kind == "dependency_unreachable"] == [True]


def test_errors_before_many_good_lines_of_what_runs_are_over():
    """Nothing is to be mended."""
    (finding,) = told(["ERROR API_KEY is not set", *GOOD], status=fine(), previous=False)

    assert (finding.kind, finding.facts["was"]) == ("recovered", "missing_environment")


def test_a_line_without_telling_words_is_quoted_as_the_last_one():
    """So that a person sees what the program said."""
    (finding,) = told(["INFO starting", "ERROR the frobnicator is upside down"])

    assert finding.kind == "container_crashing"
    assert finding.facts["last_words"] == "ERROR the frobnicator is upside down"


def test_a_log_of_several_pods_is_told_apart():
    """As kubectl prints it with --prefix."""
    findings = told(["[pod/api-1-x/api] FATAL TOKEN_URL is not set", "[pod/other-1-y/other] INFO fine"])

    assert findings[0].subject.endswith("/api")


def test_what_every_healthy_program_says_is_no_failure():
    """Settings that are named, answers to strangers, warnings of what will go one day."""
    noise = [
        'level=info msg="starting" timeout=30s max_connections=100',
        '10.0.0.1 - - "POST /login HTTP/1.1" 401 20 "-" "curl/8"',
        "npm WARN deprecated left-pad@1.0.0: use another",
        "2026-03-01 00:00:00 UTC [1] LOG:  could not receive data from client: Connection reset by peer",
    ]

    assert told(noise, status=fine(), previous=False) == ()
