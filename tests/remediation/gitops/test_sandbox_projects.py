"""The projects of the sandbox, laid out as teams do: where each of them is mended, and by which lines."""

from importlib.resources import files
from pathlib import Path

import pytest

from remediation.gitops.checkout import checkout
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.solution import found_in, settle
from remediation.gitops.trace import Tracer
from remediation.terms import FieldEdit, ObjectRef
from tests.remediation.gitops.test_tasks import needs

PROJECTS = Path(str(files("bot.sandbox") / "projects"))
OVERLAY, APPS = "overlays/production", "clusters/production/apps.yaml"


@pytest.mark.parametrize(
    ("project", "path", "place", "changed"),
    [
        ("kustomize-shop", ".", "storefront/checkout/checkout",
         {f"{OVERLAY}/patches/checkout-deployment-patch.yaml", f"{OVERLAY}/kustomization.yaml"}),
        ("kustomize-shop", ".", "storefront/recommendations/recommendations", {f"{OVERLAY}/patches/recommendations-model.yaml"}),
        ("helm-payments", ".", "payments/payments-ledger/ledger", {"environments/production/values.yaml"}),
        ("flux-fleet", "clusters/production", "notifications/mailer/mailer", {APPS}),
        ("flux-fleet", "clusters/production", "notifications/sms-worker/worker", {"apps/production/sms-values.yaml"}),
    ],
)  # fmt: skip
def test_a_limit_is_raised_where_its_own_environment_says_it(project, path, place, changed):
    """Not in the shared base, chart or template; with Flux's own Kustomization applying the folder that it stands in."""
    needs("kustomize", "helm")
    namespace, name, container = place.split("/")
    tracer = Tracer(checkout(PROJECTS / project))
    edit = FieldEdit(
        path=f"spec.template.spec.containers[name={container}].resources.limits.memory", op="replace", expect=None, value="1Gi"
    )
    try:
        ref = ObjectRef(group="apps", kind="Deployment", namespace=namespace, name=name)
        solution = settle(tracer, ref, found_in(tracer, ref, Narrowing(glob=path)), lambda _: [edit], {})
    finally:
        tracer.close()

    assert {change.path for change in solution.changes} == changed
    assert [(move.object.name, move.new) for move in solution.moves] == [(name, "1Gi")]


def test_a_second_field_is_looked_for_in_what_the_first_one_changed():
    """The limit is a variable of the owner, the request is written in the base that both clusters share."""
    needs("kustomize", "helm")
    tracer = Tracer(checkout(PROJECTS / "flux-fleet"))
    wishes = {"limits.memory": "1Gi", "requests.cpu": "200m"}
    edits = [
        FieldEdit(path=f"spec.template.spec.containers[name=mailer].resources.{path}", op="replace", expect=None, value=value)
        for path, value in wishes.items()
    ]
    try:
        ref = ObjectRef(group="apps", kind="Deployment", namespace="notifications", name="mailer")
        candidate = found_in(tracer, ref, Narrowing(glob="clusters/production"))
        solution = settle(tracer, ref, candidate, lambda _: edits, {})
    finally:
        tracer.close()

    assert {change.path for change in solution.changes} == {
        APPS,
        "apps/production/kustomization.yaml",
        "apps/production/mailer-deployment-patch.yaml",
    }
    assert {move.new for move in solution.moves} == {"1Gi", "200m"}
