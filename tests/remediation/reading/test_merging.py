"""Readings of one object are put together, and what names no namespace goes where it is shown to be."""

from remediation.observed import place_of
from remediation.reading.merging import MANIFEST, ROW, Reading, merged


def _row(item: int, kind: str, name: str, namespace: str = "") -> Reading:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return (MANIFEST if namespace else ROW, item, {"kind": kind, "metadata": metadata})


def _event(item: int, kind: str, name: str) -> Reading:
    return (ROW, item, {"kind": "Event", "reason": "Failed", "metadata": {"name": "e"}, "involvedObject": {"kind": kind, "name": name}})


def test_a_table_without_namespaces_is_of_the_one_in_which_its_workloads_are_shown():
    """Even where a command in another file names another namespace; all of a table goes to the same one."""
    readings = [
        _row(0, "Deployment", "quill", "ink"),
        _row(1, "Pod", "quill-5d8f7-x2x4z"),
        _row(1, "Pod", "blot-0"),
        _row(2, "Pod", "rake-0"),
    ]
    found = merged(readings, ["garden"])
    assert [place_of(thing)[1:] for thing in found[1]] == [("ink", "quill-5d8f7-x2x4z"), ("ink", "blot-0")]
    assert [place_of(thing)[1] for thing in found[2]] == ["garden"]


def test_events_go_with_what_they_are_about():
    """A ReplicaSet that nothing shows is of its Deployment's namespace."""
    found = merged([_row(0, "Deployment", "quill", "ink"), _event(1, "ReplicaSet", "quill-5d8f7")], ["garden"])
    assert [thing["involvedObject"]["namespace"] for thing in found[1]] == ["ink"]


def test_what_nothing_shows_elsewhere_is_where_the_symptom_points():
    """The first of the namespaces that are spoken of; the cluster's own objects have none."""
    found = merged([_row(0, "Deployment", "quill", "ink"), _row(1, "Pod", "rake-0"), _row(1, "Node", "w1")], ["garden"])
    assert [place_of(thing)[1] for thing in found[1]] == ["garden", ""]
