"""What a live object says of who applies it: labels and annotations of Argo CD, Flux, Helm and Kustomize. What was copied is ignored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.errors import Unreadable
from remediation.gitops.document import read
from remediation.gitops.owners.objects import ARGO, FLUX_HELM, FLUX_KUSTOMIZE, listed, mapping
from remediation.terms import Json, ObjectRef

TRACKING_ID = "argocd.argoproj.io/tracking-id"
INSTALLATION = "argocd.argoproj.io/installation-id"
INSTANCE_LABEL = "app.kubernetes.io/instance"
ORIGIN = "config.kubernetes.io/origin"


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """How an Argo CD marks what it applies, in the words of its `argocd-cm`; each empty where it is not known.

    namespace: where its control plane and, unless they say otherwise, its Applications are.  method: annotation, label or
    annotation+label; marks of both ways count where it is empty.  label: the key, empty for the usual one.  installation: its id.
    """

    namespace: str = "argocd"
    method: str = ""
    label: str = ""
    installation: str = ""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A tool's object that the live one names. because: what names it, for people.  sure: whether the mark cannot have been copied."""

    owner: ObjectRef
    because: str
    sure: bool = True


def claims_of(live: Mapping[str, Json], tracking: Tracking) -> tuple[Claim, ...]:
    """Who the object says applies it, the surest first; none where it says nothing, or where its marks are another object's."""
    return tuple(dict.fromkeys([*_argo(live, tracking), *_flux(live)]))


def _argo(live: Mapping[str, Json], tracking: Tracking) -> Iterator[Claim]:
    """By tracking id where that is this object's own; else by label, which proves nothing by itself: charts set the usual one, too."""
    metadata = mapping(live.get("metadata"))
    annotations, labels = mapping(metadata.get("annotations")), mapping(metadata.get("labels"))
    if tracking.installation and annotations.get(INSTALLATION) != tracking.installation:
        return
    app = tracked(live)
    if app and tracking.method != "label":
        yield Claim(owner=_application(app, tracking), because=f"its tracking-id names {app} and this very object")
        return
    key = tracking.label or INSTANCE_LABEL
    name = str(labels.get(key) or "")
    if name and not app and tracking.method in ("", "label"):
        yield Claim(owner=_application(name, tracking), because=f"its label {key} names {name}", sure=False)


def tracked(live: Mapping[str, Json]) -> str:
    """The Application of the tracking id, as `name` or `namespace_name`; empty where the id is absent or was copied from another object."""
    metadata = mapping(live.get("metadata"))
    app, _, rest = str(mapping(metadata.get("annotations")).get(TRACKING_ID, "")).partition(":")
    thing, _, place = rest.partition(":")
    namespace, _, name = place.rpartition("/")
    group = str(live.get("apiVersion", "")).rpartition("/")[0]
    own = metadata.get("namespace") or namespace  # a cluster-scoped object is tracked under its Application's destination
    named = (thing, namespace, name) == (f"{group}/{live.get('kind')}", own, metadata.get("name"))
    return app if named else ""


def _application(app: str, tracking: Tracking) -> ObjectRef:
    """`name` in the control plane's namespace, `namespace_name` elsewhere: no Kubernetes name has an underscore."""
    namespace, _, name = app.rpartition("_")
    return ObjectRef(group=ARGO, kind="Application", namespace=namespace or tracking.namespace, name=name)


def _flux(live: Mapping[str, Json]) -> Iterator[Claim]:
    labels = mapping(mapping(live.get("metadata")).get("labels"))
    for group, kind in ((FLUX_HELM, "HelmRelease"), (FLUX_KUSTOMIZE, "Kustomization")):
        name, namespace = (str(labels.get(f"{group}/{key}") or "") for key in ("name", "namespace"))
        if name:
            owner = ObjectRef(group=group, kind=kind, namespace=namespace, name=name)
            yield Claim(owner=owner, because=f"its labels name the {kind} {namespace}/{name}", sure=False)


def release_of(live: Mapping[str, Json]) -> str:
    """The Helm release that the live object says it is of."""
    return str(mapping(mapping(live.get("metadata")).get("annotations")).get("meta.helm.sh/release-name", ""))


def origin_of(live: Mapping[str, Json]) -> Mapping[str, Json]:
    """What Kustomize wrote of where the object comes from: path, and for a remote base repo and ref; empty where it wrote nothing."""
    text = mapping(mapping(live.get("metadata")).get("annotations")).get(ORIGIN)
    try:
        return mapping(read(text).value) if isinstance(text, str) else {}
    except Unreadable:
        return {}


def maker_of(live: Mapping[str, Json]) -> str:
    """The object that made this one, as `Kind/name`: its controller by ownerReferences; empty where it was applied."""
    references = map(mapping, listed(mapping(live.get("metadata")).get("ownerReferences")))
    controllers = (each for each in references if each.get("controller"))
    return next((f"{each.get('kind')}/{each.get('name')}" for each in controllers), "")


def owners_of(live: Mapping[str, Json]) -> frozenset[ObjectRef]:
    """The tools' objects that the live object names; marks that were copied from another object count for nothing."""
    return frozenset(claim.owner for claim in claims_of(live, Tracking()))
