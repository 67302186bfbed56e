"""What has the same name in another namespace is another thing."""

from remediation.reading.command import command_in
from remediation.terms import Target
from tests.remediation.findings.made import container, deployment, findings, fine, oomed, pod, replica_set
from tests.remediation.findings.printed import findings_of

LIMITED = container(limits={"memory": "64Mi"})
HERE = Target(kind="workload", place="sandbox", path="live/Deployment/api")


def twins(here, there):
    """Deployment api in `live` and in `trial`, each with one pod."""
    things = []
    for namespace, status in (("live", here), ("trial", there)):
        things += [deployment(namespace=namespace, containers=[LIMITED]),
                   replica_set("api-1", 1, "r.example/api:1.1", ready=int(status["ready"]), replicas=1, namespace=namespace),
                   pod("api-1-x", status, containers=[LIMITED], ready=status["ready"], namespace=namespace)]  # fmt: skip
    return things


def test_a_fault_of_a_namesake_is_no_cause():
    """It is named as another's, and nothing is left to plan for."""
    first, *others = findings(*twins(fine(), oomed()), target=HERE)

    assert (first.kind, first.subject) == ("namesake", "Deployment/live/api")
    assert "in another namespace there is Deployment api of trial" in first.text
    assert "oom_killed" not in [finding.kind for finding in others]


def test_the_own_fault_is_the_cause_though_a_namesake_has_one_too():
    """The twin: each is judged by itself."""
    first, *others = findings(*twins(oomed(), oomed()), target=HERE)

    assert (first.kind, first.subject) == ("oom_killed", "Deployment/live/api/api")
    assert [finding.kind for finding in others].count("namesake") == 1


def test_what_is_depended_on_may_have_the_same_name():
    """An edge that calls the api of another namespace stands on it."""
    caller = {**LIMITED, "env": [{"name": "API_URL", "value": "http://api.trial.svc:80"}]}
    service = {
        "kind": "Service",
        "metadata": {"name": "api", "namespace": "trial"},
        "spec": {"selector": {"app": "api"}, "ports": [{"port": 80}]},
    }
    there = deployment(namespace="trial", containers=[LIMITED])
    there["spec"]["template"]["metadata"] = {"labels": {"app": "api"}}
    things = [deployment(namespace="live", containers=[caller]), service, there,
              replica_set("api-1", 1, "r.example/api:1.1", replicas=1, namespace="trial"),
              pod("api-1-x", oomed(), containers=[LIMITED], namespace="trial")]  # fmt: skip

    assert findings(*things, target=HERE)[0].subject == "Deployment/trial/api/api"


def test_a_question_about_a_namespace_is_not_answered_from_another(tmp_path):
    """Also where the evidence shows nothing of the one that is asked about but a line."""
    pods = "NAMESPACE   NAME                    READY   STATUS      RESTARTS   AGE\n"
    pods += "live        dock-7d9f8b6c5d-xk4tz   1/1     Running     0          9d\n"
    pods += "trial       dock-6b5d9f7c4f-q2wvb   0/1     OOMKilled   9          9d\n"

    found = findings_of(tmp_path, {"pods.txt": f"$ kubectl get pods -A\n{pods}"}, "Is deployment dock in namespace live healthy?")

    assert all(not finding.subject.startswith("Deployment/trial/") for finding in found)


def test_a_call_ends_where_the_shells_line_goes_on():
    """Else its last word would be `ops;`."""
    assert command_in("$ kubectl get deploy -n ops; date -u").namespace == "ops"
    assert command_in("$ kubectl get deploy -n ops && date").namespace == "ops"
    assert command_in("$ kubectl get deploy -n ops > out.txt").namespace == "ops"
