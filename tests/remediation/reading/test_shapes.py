"""Objects of an unheard-of shape."""

from remediation.reading.shapes import shaped


def test_what_is_not_as_the_api_has_it_is_left_away_and_the_rest_stays():
    """One bad field of one object hides nothing else."""
    pod = {"kind": "Pod", "metadata": {"name": "x", "labels": ["a"]}, "spec": {"containers": [{"name": "a", "env": {}}, 3], "nodeName": "n"},
           "status": {"conditions": {"a": "b"}, "phase": "Running"}}  # fmt: skip

    assert shaped(pod) == {
        "kind": "Pod",
        "metadata": {"name": "x"},
        "spec": {"containers": [{"name": "a"}], "nodeName": "n"},
        "status": {"phase": "Running"},
    }


def test_a_well_made_object_is_the_very_same():
    """Reading ten thousand objects copies none of them."""
    pod = {"kind": "Pod", "metadata": {"name": "x", "labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "env": None}]}}

    assert shaped(pod) is pod


def test_a_kind_of_somebody_elses_may_have_any_shape():
    """A custom resource's `ports` may be a number."""
    thing = {"kind": "Gadget", "metadata": {"name": "x"}, "spec": {"ports": 3}}

    assert shaped(thing) is thing
