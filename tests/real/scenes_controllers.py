"""What the controllers say: Services without endpoints, autoscalers without metrics, Jobs that end, CronJobs that do not run, rollouts that stop."""

from tests.real.scenes import Object, Scene, asking, deployment, job, made, node, scaler, service, template

_ONE = (node("worker-11"),)
_RUNS = r"deployment.apps/\S+ +(\d+)/\1 "


def _cron(name: str, namespace: str, **spec: object) -> Object:
    body = {"schedule": "*/1 * * * *", "jobTemplate": {"spec": {"template": template(name, restartPolicy="Never")}}, **spec}
    return made("CronJob", name, namespace, "batch/v1", spec=body)


SCENES = (
    Scene(
        name="real-selector", question="users cannot reach basket", namespace="shopfront", nodes=_ONE,
        objects=(deployment("basket", "shopfront", 2, container={"ports": [{"containerPort": 8080}]}), service("basket", "shopfront", app="baskt")), until=_RUNS,
        fix_kind="fix_selector", mention=("basket", "selector"), subject="Service/shopfront/basket",
    ),
    Scene(
        name="real-selector-twin-matches", question="users cannot reach basket", namespace="shopfront", nodes=_ONE,
        objects=(deployment("basket", "shopfront", 2, container={"ports": [{"containerPort": 8080}]}), service("basket", "shopfront")), until=_RUNS,
    ),
    Scene(
        name="real-target-port", question="connection refused at login", namespace="identity", nodes=_ONE,
        objects=(deployment("login", "identity", container={"ports": [{"name": "web", "containerPort": 3000}]}), service("login", "identity", target="http")), until=_RUNS,
        fix_kind="fix_port", mention=("login", "http"), subject="Service/identity/login",
    ),
    Scene(
        name="real-target-port-twin-named", question="connection refused at login", namespace="identity", nodes=_ONE,
        objects=(deployment("login", "identity", container={"ports": [{"name": "http", "containerPort": 3000}]}), service("login", "identity", target="http")), until=_RUNS,
    ),
    Scene(
        name="real-scaled-to-zero", question="profiles answers 503", namespace="accounts", nodes=_ONE,
        objects=(deployment("profiles", "accounts", 2), service("profiles", "accounts")), until=_RUNS,
        later=(deployment("profiles", "accounts", 0),), until_later="from 2 to 0",
        fix_kind="scale_replicas", mention=("profiles",), subject="Deployment/accounts/profiles",
    ),
    Scene(
        name="real-scaled-to-zero-twin-scaled-in", question="profiles answers 503", namespace="accounts", nodes=_ONE,
        objects=(deployment("profiles", "accounts", 3), service("profiles", "accounts")), until=_RUNS,
        later=(deployment("profiles", "accounts", 1),), until_later="from 3 to 1",
    ),
    Scene(
        name="real-metrics-api", question="worker does not scale although it is busy", namespace="jobs", nodes=_ONE,
        objects=(deployment("worker", "jobs", container=asking(cpu="500m")), scaler("worker", "jobs", "worker")), until="FailedGetResourceMetric",
        fix_kind="none_in_gitops_operations", mention=("worker", "metrics"), subject="HorizontalPodAutoscaler/jobs/worker",
    ),
    Scene(
        name="real-scaler-target", question="stream-api does not scale", namespace="live", nodes=_ONE,
        objects=(deployment("stream-api", "live", container=asking(cpu="500m")), scaler("stream-api", "live", "streamapi")), until="FailedGetScale",
        fix_kind="fix_hpa_target", mention=("stream-api", "streamapi"), subject="HorizontalPodAutoscaler/live/stream-api",
    ),
    Scene(
        name="real-job-deadline", question="the nightly export failed", namespace="warehouse", nodes=_ONE,
        objects=(job("export", "warehouse", activeDeadlineSeconds=3, backoffLimit=2),), until="DeadlineExceeded",
        fix_kind="raise_job_deadline", mention=("export", "deadline"), subject="Job/warehouse/export",
    ),
    Scene(
        name="real-job-deadline-twin-works", question="the nightly export failed", namespace="warehouse", nodes=_ONE,
        objects=(job("export", "warehouse", activeDeadlineSeconds=3600, backoffLimit=2),), until=r"pod/export\S+ +1/1 +Running",
    ),
    Scene(
        name="real-cron-suspended", question="no backup since yesterday", namespace="dba", nodes=_ONE,
        objects=(_cron("backup", "dba", suspend=True), _cron("vacuum", "dba", schedule="0 3 * * *")), until="cronjob.batch/backup",
        fix_kind="resume_cronjob", mention=("backup", "suspended"), subject="CronJob/dba/backup",
    ),
    Scene(
        name="real-cron-suspended-twin-waits", question="no backup since yesterday", namespace="dba", nodes=_ONE,
        objects=(_cron("backup", "dba", schedule="0 3 * * *"), _cron("vacuum", "dba", schedule="0 4 * * *")), until="cronjob.batch/backup",
    ),
    Scene(
        name="real-rollout-deadline", question="the rollout of gateway does not finish", namespace="edge", nodes=_ONE,
        objects=(deployment("gateway", "edge", 2, deadline=6, container=asking(cpu="200m")),), until=_RUNS,
        later=(deployment("gateway", "edge", 2, deadline=6, container=asking(cpu="24")),), until_later="ProgressDeadlineExceeded|exceeded its progress deadline",
        fix_kind="change_resource_request", mention=("gateway", "cpu"), subject="Deployment/edge/gateway",
    ),
    Scene(
        name="real-rollout-deadline-twin-done", question="the rollout of gateway does not finish", namespace="edge", nodes=_ONE,
        objects=(deployment("gateway", "edge", 2, deadline=6, container=asking(cpu="200m")),), until=_RUNS,
        later=(deployment("gateway", "edge", 2, deadline=6, container=asking(cpu="300m")),), until_later=r"(?s)(replicaset.apps/gateway-\w+ +[02] +[02].*){2}",
    ),
)  # fmt: skip
