"""A revision of a Deployment as its history is printed."""

from remediation.reading.rollout_history import objects

PRINTED = """deployment.apps/kiln with revision #3
Pod Template:
  Labels:  app=kiln
           pod-template-hash=6fb9d7c7b5
  Service Account:  kiln-sa
  Containers:
   kiln:
    Image:  r.example/kiln:3
    Port:   5006/TCP
deployment.apps/kiln with revision #4
Pod Template:
  Labels:  app=kiln
  Containers:
   kiln:
    Image:  r.example/kiln:4
$ kubectl get pods
NAME  READY
""".splitlines()


def test_each_revision_that_is_printed_is_a_replica_set_of_its_deployment():
    """With its number, its image and its service account; what stands behind it is not part of it."""
    third, fourth = objects(PRINTED, "clay")

    assert third["metadata"]["name"] == "kiln-6fb9d7c7b5"
    assert third["metadata"]["annotations"] == {"deployment.kubernetes.io/revision": "3"}
    assert third["spec"]["template"]["spec"]["serviceAccountName"] == "kiln-sa"
    assert [c["image"] for c in third["spec"]["template"]["spec"]["containers"]] == ["r.example/kiln:3"]
    assert (fourth["metadata"]["name"], fourth["metadata"]["ownerReferences"][0]["name"]) == ("kiln-revision-4", "kiln")


def test_another_text_holds_no_revision():
    """The list of revisions has no templates."""
    assert list(objects(["deployment.apps/kiln", "REVISION  CHANGE-CAUSE", "3         <none>"], "clay")) == []
