"""From a live field to a proven edit: 1,000 manifests by Kustomize, Helm and plainly, cold and warm; an index of 10,000 manifests.

Times are of the processor, this process and the renderers together: other work on the machine does not count. Where more than one key of a
chart says the value, Helm renders twice while cold: once to prove the edit, once to prove that no other key gives the field.
"""

import json
import resource
import subprocess
import time

from remediation.gitops.binaries import binary
from remediation.gitops.index import Index, Tree, blob_of
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.renderings import Rendering
from remediation.gitops.solution import found_in, settle
from remediation.gitops.trace import Tracer
from remediation.gitops.wishes import edits_of, wish
from remediation.gitops.workspace import Workspace
from remediation.terms import ObjectRef

MANIFESTS, INDEXED = 1_000, 10_000
API = ObjectRef(group="apps", kind="Deployment", namespace="shop", name="app-7")
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{n}
  namespace: shop
spec:
  replicas: 2
  selector:
    matchLabels: {{app: app-{n}}}
  template:
    metadata:
      labels: {{app: app-{n}}}
    spec:
      containers:
      - name: main
        image: registry.example.com/app:1.{n}
        env:
        - {{name: LEVEL, value: info}}
        resources:
          limits: {{cpu: 500m, memory: 256Mi}}
          requests: {{cpu: 100m, memory: 128Mi}}
        readinessProbe:
          httpGet: {{path: /ready, port: 8080}}
"""
TEMPLATE = (
    MANIFEST.format(n="{{ $name }}").replace("app-{{ $name }}", "{{ $name }}").replace("replicas: 2", "replicas: {{ $app.replicas }}")
)
CHART = {"Chart.yaml": "apiVersion: v2\nname: fleet\nversion: 1.0.0\n"}
CHART["templates/all.yaml"] = "{{- range $name, $app := .Values.apps }}\n---\n" + TEMPLATE + "{{- end }}\n"


def plain(count: int) -> dict[str, str]:
    """One manifest a file."""
    return {f"apps/app-{n}.yaml": MANIFEST.format(n=n) for n in range(count)}


def kustomized(count: int) -> dict[str, str]:
    """A base, and an overlay that sets one workload's replicas."""
    listed = "".join(f"- app-{n}.yaml\n" for n in range(count))
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app-7, namespace: shop}\nspec: {replicas: 4}\n"
    overlay = "resources: [../apps]\npatches:\n- path: app-7.yaml\n"
    return {
        **plain(count),
        "apps/kustomization.yaml": f"resources:\n{listed}",
        "prod/kustomization.yaml": overlay,
        "prod/app-7.yaml": patch,
    }


def charted(count: int) -> dict[str, str]:
    """A chart that makes a workload of each entry of its values."""
    values = "apps:\n" + "".join(f"  app-{n}: {{replicas: {n % 9 + 1}}}\n" for n in range(count))
    return {**{f"chart/{path}": text for path, text in CHART.items()}, "chart/values.yaml": values}


def tree_of(files: dict[str, str]) -> Tree:
    """As a checkout gives it."""
    return {path: blob_of(text.encode()) for path, text in files.items()}


def processor_ms() -> float:
    """What this process and its children have used."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return 1000 * sum(each.ru_utime + each.ru_stime for each in used)


def renderer_ms(tree: Tree, command: list[str]) -> float:
    """The renderer by itself, the better of two."""
    workspace = Workspace()
    folder = workspace.place(tree)
    times: list[float] = []
    for _ in range(2):
        before = processor_ms()
        subprocess.run(command, cwd=folder, capture_output=True, check=True)
        times.append(processor_ms() - before)
    workspace.close()
    return min(times)


def located(tracer: Tracer, how: Narrowing, field: str) -> None:
    """Located, spliced and proven; an error where it is not."""
    settle(tracer, API, found_in(tracer, API, how), lambda now: edits_of([wish(field)], None, now), {})


def figures(files: dict[str, str], how: Narrowing, command: list[str]) -> dict[str, object]:
    """Cold: nothing is known. Warm: the tree was rendered before, as it is for every further act on one commit."""
    own = renderer_ms(tree_of(files), command) if command else 0.0
    before = processor_ms()
    tracer = Tracer(tree_of(files))
    located(tracer, how, "spec.replicas=5")
    cold = processor_ms() - before
    before = processor_ms()
    located(tracer, how, "spec.replicas=6")
    warm = processor_ms() - before
    tracer.close()
    allowed = {"warm": 1.3 * own + 100, "cold": 2 * own + 1_000}
    met = warm <= allowed["warm"] and cold <= allowed["cold"]
    rounded = {name: round(value) for name, value in allowed.items()}
    return {"renderer_ms": round(own), "cold_ms": round(cold), "warm_ms": round(warm), "allowed_ms": rounded, "met": met}


def indexed() -> dict[str, object]:
    """An index of 10,000 manifests, with the files' own memory."""
    begun, before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, processor_ms()
    Index(tree_of(plain(INDEXED)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = (processor_ms() - before) / 1000
    return {
        "manifests": INDEXED,
        "s": round(seconds, 2),
        "mb": round((peak - begun) / 1024),
        "met": seconds <= 5 and peak - begun <= 300 * 1024,
    }


helm = Narrowing(rendering=Rendering(kind="helm", path="chart", release="fleet", namespace="shop"))
if __name__ == "__main__":
    begun = time.perf_counter()
    measured = {
        "index": indexed(),
        "kustomize": figures(kustomized(MANIFESTS), Narrowing(), [binary("kustomize"), "build", "prod"]),
        "helm": figures(charted(MANIFESTS), helm, [binary("helm"), "template", "fleet", "chart", "--namespace", "shop"]),
        "plain": figures(plain(MANIFESTS), Narrowing(), []),
    }
    print(json.dumps({**measured, "wall_s": round(time.perf_counter() - begun)}))
