"""A plan becomes an act: values in, field edits out, and no value can become anything but a scalar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.errors import Refused, Unusable
from remediation.policy import bound, load_policy
from remediation.remedies import action_of, catalogue, render_act
from remediation.remedy import scalar
from remediation.terms import Plan, Standing, Target
from remediation.written import parse

REMEDIES = catalogue()
POLICY = load_policy()
TARGET = Target(kind="workload", place="sandbox", path="shop/Deployment/api")
STAGING = Standing(environment="staging", production=False)
LIMIT = "spec.template.spec.containers[name=api].resources.limits.memory"
REQUEST = "spec.template.spec.containers[name=api].resources.requests.memory"


def live(limit="128Mi", request="64Mi", kind="Deployment", **pod):
    """A workload with the container `api`, a sidecar beside it, and an init container."""
    resources = {key: {"memory": value} for key, value in (("limits", limit), ("requests", request)) if value}
    spec = {
        "containers": [{"name": "proxy", "image": "proxy:1"}, {"name": "api", "image": "shop/api:2.0", "resources": resources}],
        "initContainers": [{"name": "migrate", "image": "shop/api:2.0", "resources": {"limits": {"memory": "64Mi"}}}],
        **pod,
    }
    inner = {"template": {"spec": spec}}
    return {
        "apiVersion": "batch/v1" if kind == "CronJob" else "apps/v1",
        "kind": kind,
        "metadata": {"name": "api", "namespace": "shop"},
        "spec": {"jobTemplate": {"spec": inner}} if kind == "CronJob" else {"replicas": 3, **inner},
    }


def plan(remedy="raise_memory_limit", **parameters):
    """A plan for the container `api`."""
    return Plan(
        plan_id="P1", title="t", priority=1, remedy=remedy, target=TARGET, justification="", cites=(), confidence=0.5,
        parameters={"container": "api", **parameters},
    )  # fmt: skip


def act(of, thing=None, standing=STAGING):
    return render_act(of, REMEDIES[of.remedy], thing or live(), standing)


def test_an_act_changes_exactly_the_fields_that_its_remedy_names():
    """With what stands there now, which Git must hold, too."""
    done = act(plan(memory_limit="256Mi", memory_request="128Mi"))

    assert [(edit.path, edit.op, edit.expect, edit.value) for edit in done.edits] == [
        (LIMIT, "replace", "128Mi", "256Mi"),
        (REQUEST, "replace", "64Mi", "128Mi"),
    ]
    assert str(done.object) == "Deployment/shop/api"
    assert (done.object.group, done.level, done.kind) == ("apps", "N2", "git")


def test_a_request_that_is_left_out_is_not_touched():
    """Only the limit moves."""
    assert [edit.path for edit in act(plan(memory_limit="256Mi"), live(request=None)).edits] == [LIMIT]


def test_an_init_container_is_changed_where_it_stands():
    """The list is found by the container's name."""
    done = act(plan(container="migrate", memory_limit="128Mi"))

    assert done.edits[0].path == "spec.template.spec.initContainers[name=migrate].resources.limits.memory"


def test_a_cronjobs_pods_are_found_under_its_job_template():
    """Each kind keeps its pod specification elsewhere."""
    done = act(plan("rollback_image", image="shop/api:1.9"), live(kind="CronJob"))

    assert done.edits[0].path == "spec.jobTemplate.spec.template.spec.containers[name=api].image"
    assert done.object.group == "batch"


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"memory_limit": "256Mi", "colour": "red"}, "colour: raise_memory_limit has no such parameter"),
        ({}, "memory_limit: is missing"),
        ({"memory_limit": 256}, "memory_limit: 256 is no string"),
        ({"memory_limit": "lots"}, "memory_limit: 'lots' is not an amount of memory"),
        ({"memory_limit": " 384Mi "}, "memory_limit: ' 384Mi ' has blanks around it"),
        ({"memory_limit": "-1Gi"}, "memory_limit: '-1Gi' is not an amount of memory"),
        ({"memory_limit": "1Mi"}, "memory_limit: 1Mi is below 16Mi"),
        ({"memory_limit": "1" * 300}, "memory_limit: is longer than"),
        ({"container": "sidecar", "memory_limit": "256Mi"}, "container: Deployment/shop/api has no container sidecar"),
        ({"container": "api\nevil: 1", "memory_limit": "256Mi"}, "container: 'api\\nevil: 1' is not a container's name"),
    ],
)
def test_parameters_that_do_not_fit_are_refused_by_name(parameters, why):
    """The parameter leads the sentence."""
    with pytest.raises(Refused) as refusal:
        act(plan(**parameters))

    assert why in refusal.value.what
    assert refusal.value.kind == "parameters"


def test_an_act_that_would_change_nothing_is_refused():
    """1024Mi is 1Gi, however it is written."""
    with pytest.raises(Refused, match="nothing would change"):
        act(plan(memory_limit="1024Mi"), live(limit="1Gi"))


def test_an_object_of_another_kind_and_an_absent_one_are_refused():
    """A remedy says what it changes."""
    with pytest.raises(Refused, match="not for a Pod"):
        act(plan(memory_limit="1Gi"), live() | {"kind": "Pod"})
    with pytest.raises(Refused, match="not among the evidence"):
        render_act(plan(memory_limit="1Gi"), REMEDIES["raise_memory_limit"], {}, STAGING)


def test_what_the_server_derives_of_an_act_says_what_changes_and_how_risky_it_is():
    """Never the model's words."""
    action = action_of(act(plan(memory_limit="256Mi")))

    assert action.type == "raise_memory_limit"
    assert (action.level, action.is_safe) == ("N2", True)
    assert action.kubernetes_changes == ({"resource": "Deployment/shop/api", "action": "patch", "changes": {LIMIT: "256Mi"}},)
    assert "128Mi → 256Mi" in action.command


HOSTILE = [
    "a: b", '"', "\\", "\n- evil", "{{ 7 * 7 }}", "{% raw %}", "*alias", "&anchor", "!!python/object:os.system", "# comment", "yes", "null",
    "1e3", "0x10", "\u2028x: y", "\x85x: y", "\x00", "🙂", "'", "--- \n", "${x}", "\t",
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_stays_one_scalar(value):
    """It comes back as the very same text, and nothing beside it appears."""
    remedy = REMEDIES["rollback_image"]
    fragment = remedy.render({"container_list": "containers", "container": "api", "image": value})

    assert fragment == {"containers": [{"name": "api", "image": value}]}


def test_half_a_character_is_refused():
    """A lone surrogate is no text that any file could hold."""
    with pytest.raises(Unusable, match="does not render"):
        REMEDIES["rollback_image"].render({"container_list": "containers", "container": "api", "image": "\ud800"})


@given(st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.integers(), st.booleans(), st.none()))
def test_any_value_survives_being_written_as_a_scalar(value):
    """YAML reads back what was meant, of the same type."""
    back = parse(f"k: {scalar(value)}", "test")["k"]

    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("value", [["a"], {"a": 1}, object()])
def test_what_is_no_scalar_is_not_written(value):
    """A list in a value's place would be structure."""
    with pytest.raises(Unusable):
        scalar(value)


@pytest.mark.parametrize("image", ["evil image", "api:2 ", "http://x y", "", "API", "api:", "a" * 600, "api@sha256:12", "-x"])
def test_what_is_no_image_reference_is_refused(image):
    """Before it is rendered at all."""
    with pytest.raises(Refused, match="image:"):
        act(plan("rollback_image", image=image))


@pytest.mark.parametrize("image", ["api", "shop/api:1.9", "registry.example.com:5000/shop/api:1.9", "api@sha256:" + "0" * 64, "a/b:V_1@sha256:" + "a" * 64])
def test_image_references_of_all_forms_are_taken(image):
    """With registry and port, tag, digest, or both."""
    assert act(plan("rollback_image", image=image)).edits[0].value == image


@pytest.mark.parametrize(
    ("asked", "becomes", "why"),
    [
        ({"memory_limit": "256Mi", "memory_request": "128Mi"}, {"memory_limit": "256Mi", "memory_request": "128Mi"}, ()),
        ({"memory_limit": "2Gi"}, {"memory_limit": "512Mi"}, ("memory_limit: 2Gi became 512Mi, at most 4 times the 128Mi that stands there.",)),
        (
            {"memory_limit": "200Mi", "memory_request": "240Mi"},
            {"memory_limit": "200Mi", "memory_request": "200Mi"},
            ("memory_request: 240Mi became 200Mi, memory_limit is 200Mi.",),
        ),
        (
            {"memory_limit": "256Mi", "memory_request": "32Mi"},
            {"memory_limit": "256Mi", "memory_request": "64Mi"},
            ("memory_request: 32Mi became 64Mi, it is not lowered.",),
        ),
    ],
)
def test_parameters_are_bounded_by_what_stands_there(asked, becomes, why):
    """And each one that was clamped is said."""
    bounded, clamped = bound(plan(**asked), REMEDIES["raise_memory_limit"], POLICY, live())

    assert bounded.parameters == {"container": "api", **becomes}
    assert clamped == why


@pytest.mark.parametrize(("limit", "asked", "becomes", "why"), [
    ("20Gi", "40Gi", "32Gi", "policy's maximum is 32Gi"),
    (None, "80Gi", "32Gi", "policy's maximum is 32Gi"),
    ("100M", "1G", "381Mi", "at most 4 times the 95Mi that stands there"),
])  # fmt: skip
def test_the_tightest_bound_counts(limit, asked, becomes, why):
    """Policy's maximum holds also where nothing stands yet."""
    bounded, clamped = bound(plan(memory_limit=asked), REMEDIES["raise_memory_limit"], POLICY, live(limit=limit, request=None))

    assert bounded.parameters["memory_limit"] == becomes
    assert why in clamped[0]


def test_a_limit_is_never_lowered():
    """A remedy that raises refuses to do the opposite, whoever asks."""
    with pytest.raises(Refused, match="memory_limit: 64Mi is below the 128Mi that stands there"):
        bound(plan(memory_limit="64Mi"), REMEDIES["raise_memory_limit"], POLICY, live())


def test_a_plan_whose_parameters_do_not_fit_is_not_bounded():
    """It is refused, by name."""
    with pytest.raises(Refused, match="memory_limit: 'lots'"):
        bound(plan(memory_limit="lots"), REMEDIES["raise_memory_limit"], POLICY, live())
