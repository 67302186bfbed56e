"""Fields that a chart's template says itself, and keys that a template asks for and no values file says."""

import pytest

from remediation.errors import Refused
from remediation.gitops.index import blob_of
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.renderings import Rendering, Values
from remediation.gitops.solution import found_in, settle
from remediation.gitops.trace import Tracer
from remediation.gitops.wishes import edits_of, wish
from remediation.terms import ObjectRef

ORCHARD = ObjectRef(group="apps", kind="Deployment", namespace="", name="orchard")
TEMPLATE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicaCount | default 2 }}
  selector: &picked {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      terminationGracePeriodSeconds: 30  # as long as a pick takes
      containers:
        - name: picker
          image: "registry.example.com/picker:1.4"
          args:
            - --rows=12
            - {{ .Values.mode | quote }}
          env:
            - {name: BASKET, value: "7"}
          livenessProbe:
            httpGet: {path: /alive, port: 7000}
            timeoutSeconds: 2
          {{- if .Values.ready }}
          readinessProbe:
            httpGet: {path: /ready, port: 7000}
            timeoutSeconds: 2
          {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
"""
CHART = {
    "orchard/Chart.yaml": "apiVersion: v2\nname: orchard\nversion: 0.1.0\n",
    "orchard/values.yaml": "mode: slow\nready: true\n",
    "orchard/templates/deployment.yaml": TEMPLATE,
}
POD = "spec.template.spec"
BOX = f"{POD}.containers[name=picker]"


@pytest.fixture
def solved():
    """A wish on these files, and what it comes to."""
    tracers: list[Tracer] = []

    def run(text: str, files: dict[str, str] = CHART, how: Narrowing | None = None):
        tracer = Tracer({path: blob_of(content.encode()) for path, content in files.items()})
        tracers.append(tracer)
        candidate = found_in(tracer, ORCHARD, how or Narrowing())
        return settle(tracer, ORCHARD, candidate, lambda now: edits_of([wish(text)], None, now), {})

    yield run
    for tracer in tracers:
        tracer.close()


@pytest.mark.parametrize(
    ("field", "value", "line", "after"),
    [
        (f"{POD}.terminationGracePeriodSeconds", "45", 11, "      terminationGracePeriodSeconds: 45  # as long as a pick takes"),
        (f"{BOX}.image", "registry.example.com/picker:1.5", 14, '          image: "registry.example.com/picker:1.5"'),
        (f"{BOX}.args[0]", "--rows=20", 16, "            - --rows=20"),
        (f"{BOX}.env[name=BASKET].value", "'8'", 19, '            - {name: BASKET, value: "8"}'),
        (f"{BOX}.livenessProbe.timeoutSeconds", "5", 22, "            timeoutSeconds: 5"),
        (f"{BOX}.readinessProbe.timeoutSeconds", "5", 26, "            timeoutSeconds: 5"),
        (f"{BOX}.readinessProbe.httpGet.port", "7001", 25, "            httpGet: {path: /ready, port: 7001}"),
    ],
)
def test_a_value_that_a_template_says_is_changed_in_its_line(solved, field, value, line, after):
    """Of lines that say the same, the one that moves the field; every other byte stays, though the file is no YAML."""
    (change,) = solved(f"{field}={value}").changes

    before = TEMPLATE.split("\n")
    assert change.path == "orchard/templates/deployment.yaml"
    assert change.after.decode().split("\n") == [*before[: line - 1], after, *before[line:]]


def test_its_place_is_shown(solved):
    """Line, column and texts, as of any value."""
    ((path, place),) = solved(f"{BOX}.livenessProbe.httpGet.port=7009").places

    assert (path, place.line, place.column, place.before, place.after) == ("orchard/templates/deployment.yaml", 21, 43, "7000", "7009")


def test_a_template_that_another_environment_may_use_is_left_alone(solved):
    """Nobody says which releases there are, so it is not certain that nothing else moves."""
    files = {**CHART, "envs/north.yaml": "mode: fast\n", "envs/south.yaml": "mode: slow\n"}
    north = Rendering(kind="helm", path="orchard", release="orchard", values=(Values(path="envs/north.yaml"),))

    with pytest.raises(Refused, match=r"deployment\.yaml:11\), and envs/south\.yaml may be rendered with it") as refused:
        solved(f"{POD}.terminationGracePeriodSeconds=45", files, Narrowing(rendering=north))

    assert refused.value.kind == "templated"


def test_a_template_of_several_releases_is_left_alone(solved):
    """The other release would move with it, whoever makes it."""
    files = {**CHART, "orchard/values-north.yaml": "mode: fast\n", "orchard/values-south.yaml": "mode: slow\n"}

    with pytest.raises(Refused, match="Only the template itself can say it") as refused:
        solved(f"{POD}.terminationGracePeriodSeconds=45", files, Narrowing(glob="orchard/values-north.yaml"))

    assert refused.value.kind == "templated"


@pytest.mark.parametrize(
    ("wished", "after"),
    [
        ("spec.replicas=3", "replicaCount: 3\n"),
        (f"{BOX}.resources.limits.memory=64Mi", "resources:\n  limits:\n    memory: 64Mi\n"),
    ],
)
def test_a_key_that_a_template_asks_for_is_set_though_no_values_say_it(solved, wished, after):
    """The chart gives it a default, or nothing."""
    (change,) = solved(wished).changes

    assert (change.path, change.after.decode()) == ("orchard/values.yaml", f"mode: slow\nready: true\n{after}")


def test_what_a_chart_makes_up_each_time_stands_in_nobodys_way(solved):
    """A password that nobody gave differs in every rendering; that it was not compared is said."""
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: orchard}\nstringData: {key: {{ randAlphaNum 12 }}, user: picker}\n"
    solution = solved("spec.replicas=3", {**CHART, "orchard/templates/secret.yaml": secret})

    assert [move.path for move in solution.moves] == ["spec.replicas"]
    assert solution.unknown == ("stringData.key of Secret//orchard was not compared: the chart makes it up anew each time.",)


def test_what_a_chart_does_not_make_up_counts_beside_what_it_does(solved):
    """The same secret says a value that moves: it is named."""
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: orchard}\nstringData: {key: {{ randAlphaNum 12 }}, mode: {{ .Values.mode }}}\n"

    with pytest.raises(Refused, match=r"would also move stringData\.mode of Secret//orchard") as refused:
        solved(f"{BOX}.args[1]=fast", {**CHART, "orchard/templates/secret.yaml": secret})

    assert refused.value.kind == "shared"


def test_the_version_of_a_chart_is_changed_where_it_stands(solved):
    """Many a template takes the image's tag from there."""
    files = {
        **CHART,
        "orchard/Chart.yaml": 'apiVersion: v2\nname: orchard\nversion: 0.1.0\nappVersion: "1.4"\n',
        "orchard/templates/deployment.yaml": TEMPLATE.replace("picker:1.4", "picker:{{ .Chart.AppVersion }}"),
    }

    (change,) = solved(f"{BOX}.image=registry.example.com/picker:1.5", files).changes

    assert change.after == b'apiVersion: v2\nname: orchard\nversion: 0.1.0\nappVersion: "1.5"\n'


@pytest.mark.parametrize(
    ("wished", "line", "added"),
    [
        (f"{BOX}.env[name=LADDER].value=tall", 19, ["            - name: LADDER", "              value: tall"]),
        ("spec.template.metadata.annotations.picked=ripe", 9, None),
        (f"{POD}.priorityClassName=fruit", 29, ["      priorityClassName: fruit"]),
    ],
)
def test_what_a_template_does_not_say_is_added_to_it(solved, wished, line, added):
    """Where the chart's values have no key for it; what Helm fills in stays, to the letter."""
    (change,) = solved(wished).changes

    said, before = change.after.decode().split("\n"), TEMPLATE.split("\n")
    assert change.path == "orchard/templates/deployment.yaml"
    if added is None:
        assert "annotations: {picked: ripe}" in said[line - 1]
        assert [*said[: line - 1], *said[line:]] == [*before[: line - 1], *before[line:]]
    else:
        assert said == [*before[:line], *added, *before[line:]]


def test_an_action_over_several_lines_is_left_alone(solved):
    """Nobody knows where it ends but Helm."""
    template = TEMPLATE.replace("{{- if .Values.ready }}", "{{- if\n  .Values.ready }}")

    with pytest.raises(Refused, match="asks its values for no such field") as refused:
        solved(f"{POD}.priorityClassName=fruit", {**CHART, "orchard/templates/deployment.yaml": template})

    assert refused.value.kind == "templated"


def test_the_template_of_a_chart_that_others_publish_is_left_alone(solved):
    """The next version of it would undo the change."""
    published = CHART["orchard/Chart.yaml"] + "home: https://orchards.example.com\n"

    with pytest.raises(Refused, match="No place was found in Git") as refused:
        solved(f"{POD}.terminationGracePeriodSeconds=45", {**CHART, "orchard/Chart.yaml": published})

    assert refused.value.kind == "templated"
