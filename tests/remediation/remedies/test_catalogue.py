"""The catalogue: what a folder must say, and that a wrong one stops the start."""

import shutil
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

from remediation.errors import NotFound, Unusable
from remediation.remedies import catalogue
from remediation.terms import Finding

OOM = Finding(finding_id="F1", kind="oom_killed", subject="Deployment/shop/api/api", text="t", cites=("E1",), facts={"cause": "limit"})
PACKAGED = Path(str(files("templates") / "remedies"))
DOCS = Path(__file__).resolve().parents[3] / "docs"
NAMED = {
    "adjust_autoscaler", "adjust_node_placement", "adjust_probe", "change_storage_class", "enable_autoscaler", "expand_volume", "fix_image_reference", "fix_port",
    "fix_reference", "fix_selector", "lower_requests", "raise_cpu_limit", "raise_memory_limit", "raise_quota", "relax_anti_affinity",
    "restart_rollout", "revert_change", "rollback_image", "scale_replicas", "set_environment", "set_requests",
}  # fmt: skip


@pytest.fixture
def own(tmp_path: Path):
    """A team's folder with one remedy, a copy of a packaged one under a name of its own."""
    shutil.copytree(PACKAGED / "raise_memory_limit", tmp_path / "more_memory")
    return tmp_path


def mend(folder: Path, **changes):
    """Change top-level keys of a remedy; None takes one away."""
    path = folder / "remedy.yaml"
    written = yaml.safe_load(path.read_text()) | changes
    path.write_text(yaml.safe_dump({key: value for key, value in written.items() if value is not None}))


def test_the_packaged_remedies_are_whole():
    """Each says what it fixes, what it requires, its risks and how it is undone and verified."""
    remedies = list(catalogue())

    assert {remedy.name for remedy in remedies} == NAMED
    assert all(remedy.risks and remedy.rollback and remedy.verification and remedy.requires for remedy in remedies)


def test_the_kind_of_fix_of_every_remedy_and_its_name_are_published():
    """The list is closed, and the docs hold it."""
    kinds, page = ((DOCS / name).read_text("utf-8") for name in ("fix-kinds.md", "remedies.md"))

    alone = {remedy.fix_kind for remedy in catalogue() if f"| {remedy.fix_kind} |" not in kinds}
    assert [kind for kind in alone if f"`{kind}`" not in page.partition("## fix_kind")[2]] == []
    assert [remedy.name for remedy in catalogue() if f"| `{remedy.name}` |" not in page] == []


@pytest.mark.parametrize("name", ["raise_memory_limit", "rollback_image"])
def test_a_remedys_parameters_are_a_json_schema(name):
    """What a model is shown is a schema that any validator reads."""
    schema = catalogue()[name].parameter_schema()

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"container": "api", **({"memory_limit": "1Gi"} if "memory" in name else {"image": "shop/api:1"})}, schema)


def test_a_teams_own_folder_stands_beside_the_packaged_ones(own):
    """Its name is its folder's."""
    assert "more_memory" in catalogue(own)
    assert {remedy.name for remedy in catalogue(own).for_finding(OOM)} == {"more_memory", "raise_memory_limit"}


def test_a_remedy_of_a_packaged_name_is_refused(own):
    """Nobody should have to guess which of two is meant."""
    (own / "more_memory").rename(own / "rollback_image")

    with pytest.raises(Unusable, match="rollback_image stands twice"):
        catalogue(own)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"titel": "x"}, "titel"),
        ({"title": None}, "title"),
        ({"executor": "kubectl"}, "executor"),
        ({"fix_kind": "ask_jim"}, "fix_kind: there is no such kind of fix as 'ask_jim'; docs/fix-kinds.md lists them"),
        (
            {"fix_kind": "raise_memory_limits"},
            "fix_kind: there is no such kind of fix as 'raise_memory_limits'; did you mean raise_memory_limit?",
        ),
        ({"requires": ["oom_killed", "nonsense"]}, "requires: nothing finds nonsense; docs/findings.md lists"),
        ({"level": {"production": "N9", "other": "N2"}}, "level.production"),
        ({"targets": ["ConfigMap"]}, "targets without a pod specification: ConfigMap"),
        ({"bounds": [{"parameter": "memory", "field": "x"}]}, "bounds name no parameter: memory"),
        ({"estimated_minutes": 0}, "estimated_minutes"),
        ({"parameters": {"type": "object", "additionalProperties": True, "properties": {}}}, "parameters.additionalProperties"),
        (
            {"parameters": {"type": "object", "additionalProperties": False, "properties": {}, "required": ["a"]}},
            "required names no parameter: a",
        ),
        ({"name": "other"}, "gives name"),
        ({"headline": "Give {container} {memory}"}, "headline names no required parameter: memory"),
        ({"headline": "{container.__class__}"}, "headline names no required parameter: container.__class__"),
    ],
)
def test_a_wrong_remedy_stops_the_start_with_file_and_field(own, changes, named):
    """The sentence leads to the line to mend."""
    mend(own / "more_memory", **changes)

    with pytest.raises(Unusable) as wrong:
        catalogue(own)

    assert named in str(wrong.value)
    assert "more_memory/remedy.yaml" in str(wrong.value)


@pytest.mark.parametrize(
    ("format_", "type_", "named"),
    [
        ("memory", "integer", "format memory needs type string"), ("labels", "string", "format labels needs type object"),
        (None, "object", "type object needs format"), ("colour", "string", "format"), (None, "string", "pattern"),
    ],
)
def test_a_wrong_parameter_stops_the_start(own, format_, type_, named):
    """Its format is one that code checks, and its pattern can be read."""
    parameter = {"type": type_, "description": "d", "format": format_, "pattern": "(" if (format_, type_) == (None, "string") else None}
    mend(
        own / "more_memory", bounds=[], parameters={"type": "object", "additionalProperties": False, "properties": {"container": parameter}}
    )

    with pytest.raises(Unusable, match=named):
        catalogue(own)


def test_a_source_that_is_none_stops_the_start(own):
    """A value must come from somewhere, and the sources that there are are named."""
    path = own / "more_memory" / "remedy.yaml"
    path.write_text(path.read_text().replace("x-fact: container", "x-source: thin_air"))

    with pytest.raises(Unusable, match="x-source: names no source; there are changing_commit"):
        catalogue(own)


def test_a_quantity_bound_that_is_none_stops_the_start(own):
    """A maximum that cannot be compared would be no maximum."""
    path = own / "more_memory" / "remedy.yaml"
    path.write_text(path.read_text().replace("x-maximum: 64Gi", "x-maximum: plenty"))

    with pytest.raises(Unusable, match="x-maximum"):
        catalogue(own)


@pytest.mark.parametrize(
    ("fragment", "named"),
    [
        ("{{ contianer }}: 1", "reads no parameter: contianer"),
        ("{% if %}", "fragment.yaml.j2"),
        ("{{ container_list }}:\nx: [\n", "fragment.yaml.j2 makes no YAML: while parsing"),
        ("- {{ container }}", "fragment.yaml.j2 makes no mapping"),
        ("a: 1\n{% if memory_request is not defined %}\nb: [\n{% endif %}", "fragment.yaml.j2 makes no YAML"),
    ],
)
def test_a_wrong_fragment_stops_the_start(own, fragment, named):
    """A misspelt value is found at start, not in an incident."""
    (own / "more_memory" / "fragment.yaml.j2").write_text(fragment)

    with pytest.raises(Unusable, match=named):
        catalogue(own)


def test_a_fragment_that_reckons_with_its_values_is_not_judged_by_samples(own):
    """What a sample does not suit may be right for every value that comes."""
    (own / "more_memory" / "fragment.yaml.j2").write_text("a: {{ memory_limit.split('.')[1] }}\nb: {{ container / 2 }}")

    assert "more_memory" in catalogue(own)


def test_a_template_of_another_object_that_is_no_yaml_stops_the_start(own):
    """As one of the object itself does."""
    (own / "more_memory" / "creates.yaml.j2").write_text("kind: {{ kind }}\nmetadata: {name: {{ name }}")

    with pytest.raises(Unusable, match=r"creates\.yaml\.j2 makes no YAML"):
        catalogue(own)


def test_a_key_that_is_written_twice_stops_the_start(own):
    """YAML would silently take the last."""
    path = own / "more_memory" / "remedy.yaml"
    path.write_text(path.read_text() + "title: Another\n")

    with pytest.raises(Unusable, match="'title' is written twice"):
        catalogue(own)


def test_a_missing_file_and_a_missing_folder_are_named(own, tmp_path):
    """With what to do."""
    (own / "more_memory" / "fragment.yaml.j2").unlink()

    with pytest.raises(Unusable, match=r"fragment\.yaml\.j2 cannot be read"):
        catalogue(own)
    with pytest.raises(Unusable, match="no folder of remedies"):
        catalogue(tmp_path / "nowhere")


def test_an_unknown_remedy_is_not_found_and_the_known_are_named():
    """A model's invented name gets a sentence, not a KeyError."""
    with pytest.raises(NotFound, match="raise_cpu_limit, raise_memory_limit, raise_quota"):
        catalogue()["delete_everything"]


def test_yaml_aliases_are_refused(own):
    """What is read is written out, so that nothing grows when it is copied."""
    (own / "more_memory" / "remedy.yaml").write_text("a: &a [1]\nb: *a\n")

    with pytest.raises(Unusable, match="alias"):
        catalogue(own)


@pytest.mark.parametrize(
    ("cause", "names"),
    [
        ("tag_missing", {"rollback_image"}), ("repository_missing", {"fix_image_reference"}), ("dns", {"fix_image_reference"}),
        ("unauthorized", {"fix_reference"}), ("unknown", set()), (None, set()),
    ],
)  # fmt: skip
def test_a_remedy_is_for_a_finding_whose_cause_or_facts_it_names(cause, names):
    """Another tag does not cure a registry that fails, and credentials no missing tag."""
    found = Finding(
        finding_id="F1", kind="image_pull_failed", subject="Deployment/shop/api/api", text="t", cites=("E1",), facts={"cause": cause}
    )

    assert {remedy.name for remedy in catalogue().for_finding(found)} == names
    assert {remedy.name for remedy in catalogue().for_findings([found, OOM])} == names | {"raise_memory_limit"}
