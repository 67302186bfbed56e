"""Keys of a chart's values: what they are changed to when none of them may move a field, and how often Helm is asked."""

import pytest

from remediation.gitops import binaries
from remediation.gitops.helm_keys import another
from remediation.gitops.index import blob_of
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.renderings import Rendering
from remediation.gitops.solution import found_in, settle
from remediation.gitops.trace import Tracer
from remediation.gitops.wishes import edits_of, wish
from remediation.terms import Json, ObjectRef

QUEUE = ObjectRef(group="", kind="ConfigMap", namespace="", name="queue")
CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: queue\nversion: 1.0.0\n",
    "chart/values.yaml": "workers: 4\nshards: 4\n",
    "chart/templates/map.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: queue}\n"
        'data:\n  workers: "{{ .Values.workers }}"\n  shards: "{{ .Values.shards }}"\n'
    ),
}
RELEASE = Narrowing(rendering=Rendering(kind="helm", path="chart", release="queue"))


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (4, 5), (0.5, 1.5), (True, False), ("256Mi", "257Mi"), ("v1.9", "v1.10"), ("sha-099", "sha-100"), ("info", "infox"),
        ("", "wanted"), (None, "wanted"), ([1], "wanted"),
    ],
)  # fmt: skip
def test_another_value_is_of_the_same_kind(now: Json, then: Json):
    """A template that takes the one takes the other, so that the rendering can tell whether it moves anything."""
    assert another(now, "wanted") == then


def test_a_second_value_of_a_field_is_rendered_once(monkeypatch):
    """That no other key gives the field is known of the tree by then, whatever value is wanted."""
    asked: list[str] = []
    run = binaries.run

    def counted(name, arguments, folder):
        asked.append(name)
        return run(name, arguments, folder)

    monkeypatch.setattr(binaries, "run", counted)
    tracer = Tracer({path: blob_of(text.encode()) for path, text in CHART.items()})
    _solved(tracer, "data.workers='6'")
    asked.clear()

    solution = _solved(tracer, "data.workers='7'")

    assert solution.changes[0].after == b"workers: 7\nshards: 4\n"
    assert asked == ["helm"]
    tracer.close()


def _solved(tracer: Tracer, text: str):
    return settle(tracer, QUEUE, found_in(tracer, QUEUE, RELEASE), lambda now: edits_of([wish(text)], None, now), {})
