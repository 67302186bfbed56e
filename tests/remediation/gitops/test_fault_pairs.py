"""Real faults and their mends: from the broken side, the stated mend gives the mended objects."""

from pathlib import Path

import pytest

from remediation.gitops.checkout import checkout
from remediation.gitops.fieldpath import MISSING, differences, format_path
from remediation.gitops.index import Index, blob_of
from remediation.gitops.narrowing import Candidate
from remediation.gitops.rendered import difference
from remediation.gitops.renderings import Rendering
from remediation.gitops.sites import value_in
from remediation.gitops.solution import settle
from remediation.gitops.splice import splice
from remediation.gitops.trace import Tracer
from remediation.terms import FieldEdit
from tests.remediation.gitops.test_tasks import needs
from tests.shared import corpus

PAIRS = [f"f{n}" for n in range(1, 16)]
RENDERED = [pair for pair in PAIRS if pair != "f3"]  # its overlay names a file that the corpus does not hold


def edits_between(base, head):
    """What makes one object of the other; positions that go away last first."""
    found = [_edit(*each) for each in differences(base, head)]
    return [*(e for e in found if e.op != "remove"), *reversed([e for e in found if e.op == "remove"])]


def _edit(path, old, new):
    op = "add" if old is MISSING else "remove" if new is MISSING else "replace"
    return FieldEdit(path=format_path(path), op=op, expect=None if old is MISSING else old, value=None if new is MISSING else new)


@pytest.mark.parametrize("pair", PAIRS)
def test_the_mend_of_a_manifest_is_spliced(pair):
    """Byte for byte outside of the fields, and the object is the mended one."""
    folder = corpus("fault_pairs", pair)
    for broken in sorted(folder.glob("inject/*.yaml")):
        mended = folder / "restore" / broken.name
        if broken.name == "kustomization.yaml" or not mended.exists():
            continue
        before, wanted = broken.read_bytes(), mended.read_bytes()
        for found in Index({"a.yaml": blob_of(before)}).objects():
            base = value_in(before, found.document)
            after = splice(before, found.document, edits_between(base, value_in(wanted, found.document)))
            assert value_in(after.content, found.document) == value_in(wanted, found.document)


@pytest.mark.parametrize("pair", RENDERED)
def test_the_mend_of_an_overlay_is_proven_by_rendering(tmp_path, pair):
    """In the tree that the faults were written for; a mend that only takes a patch away sets what stood below it."""
    needs("kustomize")
    tree = {}
    for side in ("inject", "restore"):
        path = corpus("fault_pairs", pair, side, "kustomization.yaml")
        tree[f"faults/{pair}/{side}/kustomization.yaml"] = blob_of(path.read_bytes())
    shop = checkout(Path(corpus("gitops_repos", "plain", "online-boutique")))
    tree |= {f"microservices-demo/kubernetes-manifests/{name}": blob for name, blob in shop.items() if name != "kustomization.yaml"}
    tracer = Tracer(tree)
    try:
        sides = [Rendering(kind="kustomize", path=f"faults/{pair}/{side}") for side in ("inject", "restore")]
        broken, mended = (tracer.rendered(side) for side in sides)
        for ref, base, head in difference(broken, mended):
            (obj,) = broken.find(ref)
            edits = edits_between(base, head)
            solution = settle(tracer, ref, Candidate(rendering=sides[0], obj=obj), lambda _now, edits=edits: edits, {})
            assert not list(differences(solution.head, head))
            assert all(change.path.startswith(f"faults/{pair}/inject/") for change in solution.changes)
    finally:
        tracer.close()
