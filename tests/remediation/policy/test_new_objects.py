"""What policy says of an act that makes an object beside the one that it edits, and of its undoing."""

from dataclasses import replace

import pytest

from remediation.gitops.fieldpath import format_path, leaves
from remediation.policy.rules import autoscaler, bounds, nothing_else_moves, quota
from remediation.terms import Act, FieldEdit, Move
from tests.remediation.policy.court import a_hearing, finding

NUMBERS = {"minimum": 2, "maximum": 4, "utilization": 80}
FOUND = (finding("cpu_throttled"),)


def a_case(maximum=4, **changes):
    """Two pods, and an autoscaler that may make it more, as it would be rehearsed."""
    parameters = {**NUMBERS, "maximum": maximum}
    return a_hearing(remedy="enable_autoscaler", parameters=parameters, findings=FOUND, **changes)


def moves_of(act: Act, **changed):
    """Those of a rehearsal: the field that goes, and each value that comes, some of them otherwise."""
    (new,) = act.creates
    own = [Move(object=act.object, path="spec.replicas", old=2, new=None)]
    return (*own, *(Move(object=new.object, path=format_path(p), old=None, new=changed.get(str(p[-1]), v)) for p, v in leaves(new.value)))


def rehearsed(hearing, **changes):
    return replace(hearing, rehearsal=replace(hearing.rehearsal, **changes))


def test_the_object_comes_as_the_plan_means_it_and_nothing_else_does():
    """Its labels are the renderer's; another number is nobody's."""
    hearing = a_case()
    act = hearing.act
    labelled = Move(object=act.creates[0].object, path="metadata.labels.team", old=None, new="shop")
    stranger = Move(object=replace(act.creates[0].object, name="other"), path="spec.maxReplicas", old=None, new=4)

    assert nothing_else_moves(rehearsed(hearing, moves=(*moves_of(act), labelled))).passed
    assert not nothing_else_moves(rehearsed(hearing, moves=moves_of(act, maxReplicas=40))).passed
    assert not nothing_else_moves(rehearsed(hearing, moves=(*moves_of(act), stranger))).passed


@pytest.mark.parametrize(("maximum", "passed"), [(50, True), (51, False)])
def test_how_many_pods_it_may_allow_is_policys(maximum, passed):
    """`maximum.replicas`."""
    ruling = bounds(a_case(maximum))

    assert ruling.passed is passed
    assert passed or "would allow 51 pods, at most 50 are allowed" in ruling.reason


@pytest.mark.parametrize(("hard", "passed"), [("5", True), ("4", False)])
def test_the_quota_is_asked_for_the_most_pods_and_not_for_those_of_today(hard, passed):
    """Four, and one beside them while they roll out."""
    status = {"hard": {"pods": hard}, "used": {"pods": "2"}}
    counted = {"kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": hard}}, "status": status}

    assert quota(rehearsed(a_case(), surroundings=(counted,))).passed is passed


def test_an_autoscaler_that_goes_with_the_change_owns_nothing_then():
    """Its undoing brings the number back."""
    hearing = a_case()
    act = hearing.act
    hpa = dict(act.creates[0].value)
    back = replace(act, creates=(), undoes="INC-1/1", edits=(FieldEdit(path="spec.replicas", op="add", expect=None, value=2),))
    moves = (
        Move(object=act.object, path="spec.replicas", old=None, new=2),
        Move(object=act.creates[0].object, path="spec.maxReplicas", old=4, new=None),
    )
    undone = replace(back, removes=(act.creates[0].object,))

    assert not autoscaler(rehearsed(hearing, act=back, moves=moves, surroundings=(hpa,))).passed
    assert autoscaler(rehearsed(hearing, act=undone, moves=moves, surroundings=(hpa,))).passed
    assert nothing_else_moves(rehearsed(hearing, act=undone, moves=moves)).passed
