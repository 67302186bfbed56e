"""Which place an object comes from, and what a person is told who names it otherwise."""

import pytest

from remediation.errors import Refused
from remediation.gitops.index import blob_of
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.resolve import resolve
from remediation.gitops.trace import Tracer
from remediation.terms import ObjectRef

LAMP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lamp}\ndata: {hue: warm}\n"
REF = ObjectRef(group="", kind="ConfigMap", namespace="", name="lamp")


@pytest.mark.parametrize(
    ("files", "kind", "told", "todo"),
    [
        (
            {"lamp.yaml": LAMP, "kustomization.yaml": "resources: [lamp.yaml]\nnamePrefix: hall-\n"},
            "not_found", r"stands in lamp\.yaml, which kustomize:\. applies as ConfigMap//hall-lamp\.", "Name the object as it runs.",
        ),
        (
            {
                "lamp.yaml": LAMP, "attic.yaml": LAMP.replace("lamp}", "lamp, namespace: attic}"),
                "kustomization.yaml": "resources: [lamp.yaml, attic.yaml]\n",
            },
            "ambiguous", r"2 places: ConfigMap/attic/lamp of kustomize:\.; ConfigMap//lamp of kustomize:\.", "Name its namespace.",
        ),
    ],
)  # fmt: skip
def test_an_object_that_runs_by_another_name_is_told_by_that(files, kind, told, todo):
    """A person who reads the manifest does not know what a kustomization makes of it."""
    tracer = Tracer({path: blob_of(text.encode()) for path, text in files.items()})

    with pytest.raises(Refused, match=told) as refused:
        resolve(tracer, REF, Narrowing())

    assert (refused.value.kind, refused.value.what_to_do) == (kind, todo)
    tracer.close()
