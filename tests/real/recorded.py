"""Scenes played on a real control plane, and kept as cases: what kubectl prints of them, and what a good answer holds.

`python -m tests.real.recorded FOLDER [NAME…]` writes the cases anew; it needs kubectl beside the binaries of `controlplane`.
"""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.real.binaries import found
from tests.real.controlplane import whole
from tests.real.scenes import Object, Scene, all_scenes, made

_WITHIN = 40.0  # seconds, until all is said
_KINDS = (
    "pods,deployments,replicasets,services,endpointslices,jobs,cronjobs,horizontalpodautoscalers,persistentvolumeclaims,resourcequotas,limitranges,"
    "serviceaccounts"
)
_TOLD = "deployments,replicasets,pods,services,jobs,cronjobs,horizontalpodautoscalers,persistentvolumeclaims,resourcequotas"
_BESIDE = "nodes,storageclasses,persistentvolumes"


class Stage:
    """One cluster, by kubectl."""

    def __init__(self, kubeconfig: Path) -> None:
        self._kubectl = [found("kubectl")["kubectl"], f"--kubeconfig={kubeconfig}"]

    def say(self, *arguments: str, given: Sequence[Object] = (), fails: bool = False) -> str:
        """What kubectl prints; its errors where it is to fail. given: objects on its standard input."""
        text = yaml.safe_dump_all(given) if given else None
        done = subprocess.run([*self._kubectl, *arguments], input=text, capture_output=True, text=True, check=False)
        assert (done.returncode != 0) == fails, (arguments, done.stdout, done.stderr)
        return done.stderr if fails else done.stdout

    def play(self, scene: Scene) -> dict[str, str]:
        """The evidence of one scene by file name, once all of it is said; the cluster is as before afterwards."""
        for each in scene.nodes:
            self.say("apply", "--server-side", "-f", "-", given=[each])
            self.say("apply", "--server-side", "--subresource=status", "--force-conflicts", "-f", "-", given=[each])
        space = [] if any(each["kind"] == "Namespace" for each in scene.objects) else [made("Namespace", scene.namespace)]
        self.say("apply", "-f", "-", given=[*space, *scene.objects])
        self._until(scene, scene.until)
        if scene.later:
            self.say("apply", "-f", "-", given=scene.later)
            self._until(scene, scene.until_later)
        try:
            return self._told(scene)
        finally:
            self._clear(scene)

    def _until(self, scene: Scene, expression: str) -> None:
        until = time.monotonic() + _WITHIN
        while not re.search(expression, said := self._all(scene)):
            assert time.monotonic() < until, f"{scene.name}: {expression} was not said:\n{said}"
            time.sleep(0.5)
        time.sleep(1.5)  # what comes with it

    def _all(self, scene: Scene) -> str:
        shown = [["all"], ["persistentvolumeclaims"], ["events"], ["deployments", "-o", "yaml"]]
        return "\n".join(self.say("get", *what, "-n", scene.namespace) for what in shown)

    def _told(self, scene: Scene) -> dict[str, str]:
        """Every other scene as objects, the rest as people print it; what is refused as kubectl says it."""
        within = ("-n", scene.namespace)
        if scene.refused is not None:
            refusal = self.say("apply", "-f", "-", given=[scene.refused], fails=True)
            return {"pipeline.log": f"$ kubectl apply -f {scene.refused['metadata']['name']}.yaml\n{refusal}", "pods.txt": self.say("get", "all", *within)}
        if len(scene.name) % 2:
            return {
                "objects.yaml": self.say("get", _KINDS, "-o", "yaml", *within),
                "events.json": self.say("get", "events", "-o", "json", *within),
                "cluster.yaml": self.say("get", _BESIDE, "-o", "yaml"),
            }
        return {
            "get.txt": self.say("get", _TOLD, "-o", "wide", *within),
            "describe.txt": self.say("describe", _TOLD, *within),
            "events.txt": self.say("get", "events", "--sort-by=.lastTimestamp", *within),
            "nodes.txt": self.say("describe", "nodes"),
            "storage.txt": self.say("get", "storageclasses,persistentvolumes", "-o", "wide"),
        }

    def _clear(self, scene: Scene) -> None:
        cluster_wide = [each for each in scene.objects if "namespace" not in each["metadata"] and each["kind"] != "Namespace"]
        for each in [made("Namespace", scene.namespace), *cluster_wide]:  # a volume goes once its claim has gone
            self.say("delete", "--ignore-not-found", each["kind"], each["metadata"]["name"])
        for each in scene.nodes:
            self.say("delete", "node", each["metadata"]["name"])


def write(scene: Scene, evidence: dict[str, str], folder: Path) -> None:
    """The scene as a case."""
    case = folder / scene.name
    shutil.rmtree(case, ignore_errors=True)
    (case / "evidence").mkdir(parents=True)
    for name, text in evidence.items():
        if text.strip():
            (case / "evidence" / name).write_text(text.replace(socket.gethostname(), "control-plane-1"))
    (case / "question.json").write_text(json.dumps({"question": scene.question}, indent=1) + "\n")
    expected = {"expected_fix_kind": scene.fix_kind, "must_mention": list(scene.mention), **({"object": scene.subject} if scene.subject else {})}
    (case / "expected.yaml").write_text(yaml.safe_dump(expected, sort_keys=False))


if __name__ == "__main__":
    with whole() as administrator:
        stage, wanted = Stage(administrator), sys.argv[2:]
        for each in all_scenes():
            if not wanted or each.name in wanted:
                write(each, stage.play(each), Path(sys.argv[1]))
                sys.stderr.write(f"{each.name}\n")
