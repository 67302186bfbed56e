"""The twin of every finding: a namespace in which nothing is broken gives none, in objects and in print."""

import pytest

from remediation.explaining import explain
from remediation.remedies import catalogue

OBJECTS = """
apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, namespace: shop}
  spec:
    replicas: 1
    selector: {matchLabels: {app: web}}
    template:
      metadata: {labels: {app: web}}
      spec:
        containers:
        - name: web
          image: acme/web:1
          ports: [{containerPort: 8080, name: http}]
          env: [{name: DB_HOST, value: db}, {name: DB_PORT, value: "5432"}, {name: TOKEN, valueFrom: {configMapKeyRef: {name: web-config, key: token}}}]
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 200m, memory: 128Mi}}
          livenessProbe: {httpGet: {path: /healthz, port: http}}
  status: {replicas: 1, readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: web-config, namespace: shop}
  data: {token: x}
- apiVersion: v1
  kind: Service
  metadata: {name: web, namespace: shop}
  spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
- apiVersion: v1
  kind: Service
  metadata: {name: db, namespace: shop}
  spec: {selector: {app: db}, ports: [{port: 5432}]}
- apiVersion: apps/v1
  kind: StatefulSet
  metadata: {name: db, namespace: shop}
  spec:
    replicas: 1
    selector: {matchLabels: {app: db}}
    template:
      metadata: {labels: {app: db}}
      spec: {containers: [{name: db, image: "postgres:16", ports: [{containerPort: 5432}]}]}
  status: {replicas: 1, readyReplicas: 1}
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata: {name: web, namespace: shop}
  spec: {ingressClassName: nginx, rules: [{host: a.example, http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]}
- apiVersion: networking.k8s.io/v1
  kind: IngressClass
  metadata: {name: nginx}
- apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata: {name: web, namespace: shop}
  spec: {scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}, minReplicas: 1, maxReplicas: 4,
         metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]}
  status: {currentReplicas: 1, desiredReplicas: 1}
"""
PRINTED = """
# kubectl get pods -n shop -o wide
NAME                   READY   STATUS    RESTARTS   AGE   IP          NODE     NOMINATED NODE   READINESS GATES
web-6d5b7c9f4d-8xk2p   1/1     Running   0          3h    10.1.1.2    node-1   <none>           <none>
db-0                   1/1     Running   0          3h    10.1.1.3    node-1   <none>           <none>

# kubectl get nodes
NAME     STATUS   ROLES    AGE    VERSION
node-1   Ready    <none>   120d   v1.30.1

# kubectl logs web-6d5b7c9f4d-8xk2p -n shop
2026-03-01T10:00:00Z INFO listening on :8080
2026-03-01T10:00:01Z INFO GET / 200 in 3ms
"""


@pytest.mark.parametrize("text", [OBJECTS, PRINTED])
async def test_what_is_well_gives_no_finding(tmp_path, text):
    """No cause is invented, and the answer says that it is inconclusive."""
    (tmp_path / "evidence.txt").write_text(text)

    explained = await explain([tmp_path], "Why is web slow?", catalogue())

    assert explained.findings == ()
    document = explained.document()
    assert (document["cause"], document["confidence"], document["plans"]) == (None, 0.0, [])
    assert document["for_a_person"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (("replicas: 1\n    selector: {matchLabels: {app: db}}", "replicas: 0\n    selector: {matchLabels: {app: db}}"), "scaled_to_zero"),
        (("{selector: {app: web}", "{selector: {app: wbe}"), "service_broken"),
        (("targetPort: http}", "targetPort: 9090}"), "service_broken"),
        (("ingressClassName: nginx", "ingressClassName: ngnix"), "ingress_broken"),
        (("service: {name: web, port", "service: {name: webb, port"), "ingress_broken"),
        (("value: db}", "value: dbb}"), "address_wrong"),
        (("key: token", "key: tokn"), "reference_missing"),
        (("requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 200m, memory: 128Mi}", "requests: {memory: 64Mi}"), "autoscaler_stuck"),
        (("kind: Deployment, name: web, api", "kind: Deployment, name: wbe, api"), "autoscaler_stuck"),
        (("path: /healthz, port: http", "path: /healthz, port: 9999"), "probe_failing"),
    ],
)
async def test_one_changed_word_is_the_one_that_is_found(tmp_path, change, kind):
    """The same namespace with one fault."""
    assert change[0] in OBJECTS
    (tmp_path / "evidence.yaml").write_text(OBJECTS.replace(*change, 1))

    explained = await explain([tmp_path], "Why is web unreachable?", catalogue())

    assert explained.leading is not None
    assert explained.leading.kind == kind
