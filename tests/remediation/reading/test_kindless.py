"""Objects of the API in JSON that leaves out what they are."""

from remediation.reading.kindless import is_nobodys, objects, placed


def test_an_object_is_of_the_kind_of_its_key_and_its_events_are_about_it() -> None:
    """A tool hands on `pod` and `events` without kinds; what an event tells must not be lost for that."""
    document = {
        "pod": {"metadata": {"name": "oar-0", "namespace": "dock"}, "status": {"phase": "Pending"}},
        "events": [{"reason": "FailedCreate", "message": "denied"}, {"reason": "BackOff"}],
    }
    pod, event = objects(document)
    assert (pod["kind"], pod["apiVersion"]) == ("Pod", "v1")
    assert event["involvedObject"] == {"kind": "Pod", "namespace": "dock", "name": "oar-0"}


def test_a_map_of_objects_by_name_keeps_the_kind_of_its_key() -> None:
    """`{"pvc": {"sail": {…}}}` is a claim called sail."""
    claim = {"metadata": {"name": "sail"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
    assert [thing["kind"] for thing in objects({"objects": {"pvc": {"sail": claim}}})] == ["PersistentVolumeClaim"]


def test_without_a_telling_key_the_shape_tells_the_kind_and_nothing_is_guessed() -> None:
    """What might be of any kind stays what it is: text that is searched."""
    told = objects([{"metadata": {"name": "a"}, "spec": {"containers": []}}, {"metadata": {"name": "b"}, "spec": {"size": 1}}])
    assert [(thing["kind"], thing["metadata"]["name"]) for thing in told] == [("Pod", "a")]


def test_an_event_without_its_object_is_of_what_its_name_begins_with() -> None:
    """The API names an event `<object>.<number>`; its reason tells the kind where it is not a pod's."""
    event = {"kind": "Event", "reason": "ProvisioningFailed", "message": "x", "metadata": {"name": "sail.1", "namespace": "dock"}}
    assert is_nobodys(event)
    assert placed(event)["involvedObject"] == {"kind": "PersistentVolumeClaim", "namespace": "dock", "name": "sail"}
    assert not is_nobodys(placed(event))


def test_a_hostile_document_ends() -> None:
    """Depth is bounded, and odd types are passed over."""
    deep: dict[str, object] = {"events": [1, None, {"reason": 3, "message": []}], "pod": "x"}
    for _ in range(200):
        deep = {"pod": deep}
    assert list(objects(deep)) == []
