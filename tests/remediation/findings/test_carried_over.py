"""What is read of tools that no rule knows by name: tables, events, hooks, gates, checks, and what is well."""

from tests.remediation.findings.printed import findings_of

PODS = "NAME                    READY   STATUS    RESTARTS   AGE\n"


def test_a_row_of_an_unknown_kind_that_complains_is_found(tmp_path):
    """Its columns say how it is."""
    table = "NAME     READY   STATUS                  AGE\nledger   1       Not enough disk space   9d\n"
    leading, *_ = findings_of(tmp_path, {"x.txt": f"$ kubectl get clusters.pg.example\n{table}"})

    assert (leading.kind, leading.facts["cause"]) == ("resource_not_ready", "disk_full")
    assert leading.subject.endswith("/ledger")


def test_what_should_make_a_missing_secret_is_the_cause(tmp_path):
    """Not the pod that waits for it."""
    events = (
        "LAST SEEN   TYPE      REASON        OBJECT            MESSAGE\n"
        "20s         Warning   SyncFailed    secretcopy/creds  role web could not be found\n"
        '14s         Warning   Failed        pod/web-0         Error: secret "creds" not found\n'
    )
    leading, *_ = findings_of(tmp_path, {"e.txt": events}, "web-0 does not start")

    assert leading.kind == "resource_not_ready"
    assert leading.facts["victim"].endswith("/web-0")


def test_the_log_of_a_failed_hook_tells_why_a_release_fails(tmp_path):
    """The release itself says only that a Job failed."""
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop, namespace: web}\nstatus:\n  conditions:\n"
        "  - {type: Ready, status: 'False', reason: UpgradeFailed, message: 'pre-upgrade hooks failed: job shop-seed failed: "
        "BackoffLimitExceeded'}\n"
    )
    log = 'FATAL:  password authentication failed for user "seed"\n'
    leading, *_ = findings_of(tmp_path, {"hr.yaml": release, "shop-seed.log": log}, "shop is not upgraded")

    assert (leading.kind, leading.subject) == ("wrong_credentials", "Job/web/shop-seed")


def test_a_gate_that_somebody_else_holds_shut_is_named(tmp_path):
    """The containers are ready, so nothing inside the pod is to blame."""
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: cad-0, namespace: draw}\nstatus:\n  conditions:\n"
        "  - {type: draw.example/licensed, status: 'False', reason: NoSeat, message: no seat left}\n"
        "  - {type: ContainersReady, status: 'True'}\n  - {type: Ready, status: 'False'}\n"
    )
    leading, *_ = findings_of(tmp_path, {"pod.yaml": pod})

    assert (leading.kind, leading.facts["gate"], leading.facts["message"]) == ("gate_shut", "draw.example/licensed", "no seat left")


def test_a_check_that_failed_is_read_with_what_stands_below_it(tmp_path):
    """Only beside others that passed: a mark alone may mean anything."""
    failed = "× anchors are valid\n    the anchor is not valid anymore. Expired on 2025-05-30\n"

    assert findings_of(tmp_path, {"check.txt": failed}) == ()
    leading, *_ = findings_of(tmp_path, {"check.txt": f"√ config is valid\n{failed}"})
    assert leading.kind == "certificate_expired"


def test_an_error_that_no_rule_knows_is_the_last_resort(tmp_path):
    """It is said with little weight, and never beside something that is known."""
    log = "10:00:01 INFO up\n10:00:05 ERROR frobnicator upside down\n10:01:05 ERROR frobnicator upside down\n"
    (only,) = findings_of(tmp_path, {"app.log": log})
    known = findings_of(tmp_path, {"app.log": f"{log}10:02:05 ERROR connect to db:5432: connection refused\n"})

    assert only.kind == "error_logged"
    assert [finding.kind for finding in known] == ["dependency_unreachable"]


def test_a_partner_that_tells_of_its_own_failure_explains_its_victim(tmp_path):
    """Known by the port that the victim asks for, where no Service shows the address."""
    pods = f"{PODS}api-6c5d4b7f8c-9x8zq    1/1     Running   0          3d\nbus-nats-0              0/1     Pending   0          9m\n"
    events = (
        "LAST SEEN   TYPE      REASON             OBJECT           MESSAGE\n"
        "2m          Warning   FailedScheduling   pod/bus-nats-0   0/4 nodes are available: 4 Insufficient memory.\n"
    )
    log = "2025-06-02T10:00:00 ERROR publish: dial tcp 10.43.0.9:4222: connection refused\n"
    leading, *_ = findings_of(tmp_path, {"pods.txt": pods, "events.txt": events, "api.log": log}, "api does not publish")

    assert leading.kind == "unschedulable"
    assert leading.subject.endswith("/bus-nats-0")


def test_all_that_is_shown_being_well_is_said(tmp_path):
    """But not where somebody complains of what readiness does not show."""
    table = "NAME   READY   AGE\npg     3/3     120d\n"
    pods = f"{PODS}pg-0                    1/1     Running   0          9d\n"

    (said,) = findings_of(tmp_path, {"sts.txt": table, "pods.txt": pods}, "is pg down?")
    assert (said.kind, said.facts["cause"]) == ("not_broken", "well")
    assert findings_of(tmp_path, {"sts.txt": table, "pods.txt": pods}, "pg answers with errors") == ()


def test_zero_pods_are_no_failure_where_an_autoscaler_may_take_all(tmp_path):
    """Unless the autoscaler itself complains."""
    deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: thumbs, namespace: img}\nspec: {replicas: 0, selector: {matchLabels: {a: b}}}\n"
    scaler = (
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: thumbs, namespace: img}\n"
        "spec: {scaleTargetRef: {name: thumbs}}\nstatus:\n  conditions:\n"
        "  - {type: Ready, status: 'STATE', reason: TriggerError, message: MESSAGE}\n"
    )

    (idle,) = findings_of(tmp_path, {"d.yaml": deployment, "s.yaml": scaler.replace("STATE", "True")})
    (broken,) = findings_of(tmp_path, {"d.yaml": deployment, "s.yaml": scaler.replace("STATE", "False")})

    assert (idle.kind, idle.facts["cause"]) == ("not_broken", "idle")
    assert broken.kind == "resource_not_ready"


def test_a_selector_is_not_wrong_where_nothing_shows_the_labels(tmp_path):
    """Absence is only concluded from what is known whole."""
    files = {
        "svc.txt": "NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)    AGE   SELECTOR\ndb     ClusterIP   10.0.0.4     <none>        5432/TCP   9d    app=db\n",
        "pods.txt": f"{PODS}db-0                    1/1     Running   0          9d\n",
        "d.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: dbadmin, namespace: default}\nspec: {replicas: 1, selector: {matchLabels: {app: dbadmin}}, "
        "template: {metadata: {labels: {app: dbadmin}}, spec: {containers: [{name: a, image: i}]}}}\n",
    }

    assert [finding for finding in findings_of(tmp_path, files) if finding.kind == "service_broken"] == []
