"""What the scheduler says of pods that no node takes, and the volume controller of claims that stay unbound."""

from tests.real.scenes import Scene, asking, claim, deployment, made, mounting, node, storage_class, volume

_TWO = (node("ip-10-3-1-7"), node("ip-10-3-2-9"))
_NO_NODE = "FailedScheduling"
_RUNS = r"deployment.apps/\S+ +(\d+)/\1 "
_KEEP_APART = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "ledger"}}}
        ]
    }
}
_ONLY_BATCH = [{"key": "workload", "value": "batch", "effect": "NoSchedule"}]
_CORDON = [node("ip-10-3-1-7", unschedulable=True), node("ip-10-3-2-9", unschedulable=True)]
_SPREAD = [{"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "edge"}}}]


def _asking_cpu(amount: str) -> Scene:
    return Scene(
        name="real-cpu-too-much", question="the new pods of optimizer do not start", namespace="planning", nodes=_TWO,
        objects=(deployment("optimizer", "planning", container=asking(cpu=amount, memory="1Gi")),), until=_NO_NODE,
        fix_kind="change_resource_request", mention=("optimizer", "cpu"), subject="Deployment/planning/optimizer",
    )  # fmt: skip


SCENES = (
    _asking_cpu("12"),
    Scene(
        name="real-cpu-too-much-twin-fits", question="the new pods of optimizer do not start", namespace="planning", nodes=_TWO,
        objects=(deployment("optimizer", "planning", container=asking(cpu="2", memory="1Gi")),), until=_RUNS,
    ),
    Scene(
        name="real-node-selector", question="transcoder stays pending", namespace="media",
        nodes=(node("pool-a-1", labels={"disktype": "ssd"}), node("pool-a-2", labels={"disktype": "ssd"})),
        objects=(deployment("transcoder", "media", 2, nodeSelector={"disktype": "nvme"}),), until=_NO_NODE,
        fix_kind="change_node_selector", mention=("transcoder", "disktype"), subject="Deployment/media/transcoder",
    ),
    Scene(
        name="real-node-selector-twin-matches", question="transcoder stays pending", namespace="media",
        nodes=(node("pool-a-1", labels={"disktype": "ssd"}), node("pool-a-2", labels={"disktype": "nvme"})),
        objects=(deployment("transcoder", "media", 2, nodeSelector={"disktype": "nvme"}),), until=_RUNS,
    ),
    Scene(
        name="real-taint", question="why is invoicing not running?", namespace="billing", nodes=(node("batch-1", taints=_ONLY_BATCH), node("batch-2", taints=_ONLY_BATCH)),
        objects=(deployment("invoicing", "billing"),), until=_NO_NODE,
        fix_kind="add_toleration", mention=("invoicing", "workload"), subject="Deployment/billing/invoicing",
    ),
    Scene(
        name="real-taint-twin-tolerated", question="why is invoicing not running?", namespace="billing", nodes=(node("batch-1", taints=_ONLY_BATCH),),
        objects=(deployment("invoicing", "billing", tolerations=[{"key": "workload", "operator": "Equal", "value": "batch", "effect": "NoSchedule"}]),), until=_RUNS,
    ),
    Scene(
        name="real-anti-affinity", question="one replica of ledger is missing", namespace="finance", nodes=_TWO,
        objects=(deployment("ledger", "finance", 3, affinity=_KEEP_APART),), until=_NO_NODE,
        fix_kind="relax_anti_affinity", mention=("ledger", "anti-affinity"), subject="Deployment/finance/ledger",
    ),
    Scene(
        name="real-anti-affinity-twin-enough-nodes", question="one replica of ledger is missing", namespace="finance", nodes=_TWO,
        objects=(deployment("ledger", "finance", 2, affinity=_KEEP_APART),), until=_RUNS,
    ),
    Scene(
        name="real-cordoned", question="pods of mailer hang in Pending since the maintenance", namespace="notify", nodes=tuple(_CORDON),
        objects=(deployment("mailer", "notify", 2),), until=_NO_NODE,
        fix_kind="uncordon_node", mention=("mailer",), subject="Deployment/notify/mailer",
    ),
    Scene(
        name="real-cordoned-twin-one-left", question="pods of mailer hang in Pending since the maintenance", namespace="notify",
        nodes=(_CORDON[0], node("ip-10-3-2-9")), objects=(deployment("mailer", "notify", 2),), until=_RUNS,
        fix_kind="uncordon_node", mention=("ip-10-3-1-7",), subject="Node//ip-10-3-1-7",  # the pods run; the node is still as it was left
    ),
    Scene(
        name="real-spread", question="edge is not complete", namespace="front",
        nodes=(node("z1-a", labels={"topology.kubernetes.io/zone": "z1"}, cpu="1"), node("z2-a", labels={"topology.kubernetes.io/zone": "z2"}, cpu="8")),
        objects=(deployment("edge", "front", 6, container=asking(cpu="600m"), topologySpreadConstraints=_SPREAD),), until=_NO_NODE,
        fix_kind="change_affinity_or_change_resource_request", mention=("edge",), subject="Deployment/front/edge",
    ),
    Scene(
        name="real-spread-twin-room", question="edge is not complete", namespace="front",
        nodes=(node("z1-a", labels={"topology.kubernetes.io/zone": "z1"}), node("z2-a", labels={"topology.kubernetes.io/zone": "z2"})),
        objects=(deployment("edge", "front", 6, container=asking(cpu="600m"), topologySpreadConstraints=_SPREAD),), until=_RUNS,
    ),
    Scene(
        name="real-too-many-pods", question="sessions does not scale out", namespace="accounts", nodes=(node("small-1", pods="3"),),
        objects=(deployment("sessions", "accounts", 5, container=asking(cpu="10m")),), until=_NO_NODE,
        fix_kind="scale_nodes", mention=("sessions", "pods"), subject="Deployment/accounts/sessions",
    ),
    Scene(
        name="real-too-many-pods-twin-room", question="sessions does not scale out", namespace="accounts", nodes=(node("small-1", pods="30"),),
        objects=(deployment("sessions", "accounts", 5, container=asking(cpu="10m")),), until=_RUNS,
    ),
    Scene(
        name="real-gpu", question="trainer never starts", namespace="ml", nodes=_TWO,
        objects=(deployment("trainer", "ml", container=asking(**{"nvidia.com/gpu": "1"})),), until=_NO_NODE,
        fix_kind="change_resource_request_or_scale_nodes", mention=("trainer", "nvidia.com/gpu"), subject="Deployment/ml/trainer",
    ),
    Scene(
        name="real-gpu-twin-cpu", question="trainer never starts", namespace="ml", nodes=_TWO,
        objects=(deployment("trainer", "ml", container=asking(cpu="2")),), until=_RUNS,
    ),
    Scene(
        name="real-host-port", question="a pod of relay does not come up", namespace="mesh", nodes=_TWO,
        objects=(deployment("relay", "mesh", 3, container={"ports": [{"containerPort": 9000, "hostPort": 9000}]}),), until=_NO_NODE,
        fix_kind="fix_port", mention=("relay", "port"), subject="Deployment/mesh/relay",
    ),
    Scene(
        name="real-host-port-twin-two", question="a pod of relay does not come up", namespace="mesh", nodes=_TWO,
        objects=(deployment("relay", "mesh", 2, container={"ports": [{"containerPort": 9000, "hostPort": 9000}]}),), until=_RUNS,
    ),
    Scene(
        name="real-class-missing", question="archive waits for its volume", namespace="records", nodes=_TWO,
        objects=(storage_class("block"), claim("archive-data", "records", storageClassName="blok"), deployment("archive", "records", **mounting("archive-data"))),
        until='storageclass.storage.k8s.io "blok" not found', fix_kind="change_storage_class", mention=("archive-data", "blok"),
        subject="PersistentVolumeClaim/records/archive-data",
    ),
    Scene(
        name="real-class-missing-twin-bound", question="archive waits for its volume", namespace="records", nodes=_TWO,
        objects=(
            storage_class("manual"), volume("pv-archive"), claim("archive-data", "records", storageClassName="manual"),
            deployment("archive", "records", **mounting("archive-data")),
        ), until=_RUNS,
    ),
    Scene(
        name="real-no-class", question="search-index stays Pending", namespace="search", nodes=_TWO,
        objects=(claim("search-index", "search"), deployment("indexer", "search", **mounting("search-index"))),
        until="no storage class is set", fix_kind="change_storage_class", mention=("search-index",), subject="PersistentVolumeClaim/search/search-index",
    ),
    Scene(
        name="real-access-mode-many", question="the shared volume of gallery is not there", namespace="web", nodes=_TWO,
        objects=(
            storage_class("manual"), volume("pv-gallery"), claim("gallery-files", "web", mode="ReadWriteMany", storageClassName="manual"),
            deployment("gallery", "web", **mounting("gallery-files")),
        ), until=_NO_NODE, fix_kind="change_access_mode", mention=("gallery-files", "ReadWriteMany"), subject="PersistentVolumeClaim/web/gallery-files",
    ),
    Scene(
        name="real-access-mode-many-twin-once", question="the shared volume of gallery is not there", namespace="web", nodes=_TWO,
        objects=(
            storage_class("manual"), volume("pv-gallery"), claim("gallery-files", "web", storageClassName="manual"),
            deployment("gallery", "web", **mounting("gallery-files")),
        ), until=_RUNS,
    ),
    Scene(
        name="real-capacity", question="the volume of metrics-store is not there", namespace="observe", nodes=_TWO,
        objects=(
            storage_class("manual"), volume("pv-metrics", size="20Gi"), claim("metrics-data", "observe", size="200Gi", storageClassName="manual"),
            deployment("metrics-store", "observe", **mounting("metrics-data")),
        ), until=_NO_NODE, fix_kind="fix_pvc_or_increase_pvc_size", mention=("metrics-data", "200Gi"), subject="PersistentVolumeClaim/observe/metrics-data",
    ),
    Scene(
        name="real-capacity-twin-fits", question="the volume of metrics-store is not there", namespace="observe", nodes=_TWO,
        objects=(
            storage_class("manual"), volume("pv-metrics", size="200Gi"), claim("metrics-data", "observe", size="200Gi", storageClassName="manual"),
            deployment("metrics-store", "observe", **mounting("metrics-data")),
        ), until=_RUNS,
    ),
    Scene(
        name="real-claim-named-wrongly", question="wiki does not start", namespace="docs", nodes=_TWO,
        objects=(storage_class("manual"), volume("pv-wiki"), claim("wiki-data", "docs", storageClassName="manual"), deployment("wiki", "docs", **mounting("wiki-dat"))),
        until='"wiki-dat" not found', fix_kind="fix_pvc", mention=("wiki", "wiki-dat"), subject="Deployment/docs/wiki",
    ),
    Scene(
        name="real-claim-named-wrongly-twin-right", question="wiki does not start", namespace="docs", nodes=_TWO,
        objects=(storage_class("manual"), volume("pv-wiki"), claim("wiki-data", "docs", storageClassName="manual"), deployment("wiki", "docs", **mounting("wiki-data"))),
        until=_RUNS,
    ),
    Scene(
        name="real-scheduler-absent-twin-default", question="nothing happens with forecast", namespace="planning", nodes=_TWO,
        objects=(deployment("forecast", "planning", schedulerName="default-scheduler"),), until=_RUNS,
    ),
    Scene(
        name="real-scheduler-absent", question="nothing happens with forecast", namespace="planning", nodes=_TWO,
        objects=(deployment("forecast", "planning", schedulerName="volcano"), made("Service", "forecast", "planning", spec={"selector": {"app": "forecast"}, "ports": [{"port": 80}]})),
        until=r"pod/forecast\S+ +0/1 +Pending", fix_kind="fix_scheduler_name", mention=("forecast", "volcano"), subject="Deployment/planning/forecast",
    ),
)  # fmt: skip
