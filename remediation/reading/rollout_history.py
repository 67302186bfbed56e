"""What `kubectl rollout history --revision` prints, read back: the ReplicaSet of that revision, as far as its template says."""

import re
from collections.abc import Iterator, Mapping, Sequence

from remediation.reading.branches import tree
from remediation.reading.described_pods import template_in
from remediation.terms import Json

Object = Mapping[str, Json]

_OF_REVISION = re.compile(r"^deployments?(?:\.apps)?[/ ]\"?(?P<name>[a-z0-9][\w.-]*)\"? with revision #(?P<number>\d+)\s*$")
_REVISION = "deployment.kubernetes.io/revision"


def objects(lines: Sequence[str], namespace: str) -> Iterator[Object]:
    """A ReplicaSet for each revision that is printed; of no pods, for a history does not tell of them."""
    starts = [(at, match) for at, line in enumerate(lines) if " with revision #" in line and (match := _OF_REVISION.match(line))]
    for (start, match), end in zip(starts, [*(at for at, _ in starts), len(lines)][1:], strict=True):
        template = template_in(tree(_below(lines[start + 1 : end])))
        labels = (template["metadata"] or {}).get("labels") or {}
        made = labels.get("pod-template-hash") or f"revision-{match['number']}"
        metadata = {
            "name": f"{match['name']}-{made}",
            "namespace": namespace,
            "annotations": {_REVISION: match["number"]},
            "labels": labels,
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": match["name"], "controller": True}],
        }
        yield {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": {"template": template}}


def _below(lines: Sequence[str]) -> Sequence[str]:
    """What is printed of one revision: until the next command or table stands at the margin."""
    end = next((at for at, line in enumerate(lines) if at and line[:1] not in ("", " ")), len(lines))
    return lines[:end]
