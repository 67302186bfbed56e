"""Custom resources as `kubectl describe` prints them."""

from remediation.reading.customs import custom

ROUTE = """\
Name:         shop
Namespace:    apps
Labels:       <none>
API Version:  gateway.networking.k8s.io/v1
Kind:         HTTPRoute
Metadata:
  Creation Timestamp:  2024-05-06T07:08:09Z
Spec:
  Parent Refs:
    Kind:  Gateway
    Name:  edge
Status:
  Parents:
    Conditions:
      Reason:  Accepted
      Status:  True
      Type:    Accepted
      Reason:  BackendNotFound
      Status:  False
      Type:    ResolvedRefs
    Controller Name:  example.net/controller
Events:               <none>
""".splitlines()


def test_a_description_becomes_the_object_again():
    """Words become the object's own keys, and what repeats its keys is a list."""
    thing = custom(ROUTE)

    assert (thing["kind"], thing["apiVersion"]) == ("HTTPRoute", "gateway.networking.k8s.io/v1")
    assert thing["metadata"]["name"] == "shop"
    assert thing["spec"]["parentRefs"] == [{"kind": "Gateway", "name": "edge"}]
    conditions = thing["status"]["parents"][0]["conditions"]
    assert [(one["type"], one["status"]) for one in conditions] == [("Accepted", "True"), ("ResolvedRefs", "False")]


def test_a_description_without_a_kind_is_no_object():
    """Kubernetes' own kinds are read elsewhere."""
    assert custom(["Name:  x", "Namespace:  y", "Status:  Running"]) == {}


def test_nothing_is_no_object():
    """An empty text raises nothing."""
    assert custom([]) == {}
