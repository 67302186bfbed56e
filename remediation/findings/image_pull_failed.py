"""A container cannot start because its image cannot be pulled; with the reason, and the image that this container ran before."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from remediation.findings.finding import Container, found, living_containers
from remediation.observed import Object, Observed, about, container_in, container_statuses, event_text, place_of, revision
from remediation.terms import Finding, Target
from remediation.workloads import containers

_REASONS = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable", "ImageInspectError")
_PULL = re.compile(r"(?:Failed to pull|Back-off pulling|Failed to apply default image tag) (?:image )?\\?\"(?P<image>[^\"\\\s]+)")
_CAUSES = (  # the first that the words fit: of the kubelet, the runtime or the registry
    ("node_fault", r"no space left on device|read-only file system|input/output error"),
    ("invalid_name", r"InvalidImageName|invalid reference format|couldn't parse image|could not parse reference"),
    ("never_pulled", r"ErrImageNeverPull|not present with pull policy of Never"),
    ("rate_limited", r"toomanyrequests|429 Too Many Requests|rate limit"),
    ("wrong_platform", r"no match(?:ing manifest)? for (?:platform|\S+ in the manifest)|exec format|no matching manifest"),
    ("certificate", r"x509|certificate (?:signed|is not|has expired)|tls: |HTTP response to HTTPS client|first record does not look like"),
    ("dns", r"no such host|server misbehaving|lookup \S+ (?:on|:)"),
    ("unreachable", r"i/o timeout|connection (?:refused|reset)|context deadline exceeded|TLS handshake timeout|no route to host"),
    ("unreachable", r"network is unreachable|RegistryUnavailable|Service Unavailable|Bad Gateway|proxyconnect|\bEOF\b"),
    ("tag_missing", r"manifest unknown|manifest for \S+ not found|tag does not exist|not found: manifest"),
    ("unauthorized", r"no basic auth credentials"),
    ("repository_missing", r"repository does not exist|name unknown|repository \S+ not found"),
    ("unauthorized", r"unauthorized|authentication required|access denied|denied:|no basic auth credentials"),
    ("unauthorized", r"authorization failed|40[13] (?:Unauthorized|Forbidden)|status:? (?:code:? )?40[13]"),
    ("unauthorized", r"HTTP 40[13]|status:? 40[13]|403 Forbidden|no pull access|insufficient_scope"),
    ("unreachable", r"50[0234] (?:Service|Internal|Gateway|Bad)|HTTP status: 5\d\d|TLS handshake|Client\.Timeout|server error"),
    ("tag_missing", r":\s*not found|404 Not Found|\(Tag \S+ not found"),
)


@dataclass(frozen=True, kw_only=True)
class ImagePullFailed:
    """reason: the kubelet's word.  message: what the registry or the runtime said, empty when nothing was kept.

    cause: tag_missing, repository_missing (or hidden from us), unauthorized, dns, unreachable, certificate, rate_limited, wrong_platform,
    invalid_name, never_pulled, node_fault (its own disk, or other pods of the workload run this very image), unknown.
    last_good_image: the whole reference that this container of this workload ran before, empty when nothing shows one.
    last_good_proof: `ready_pods` (it runs now, in pods of another revision) or `earlier_revision` (an older ReplicaSet has it).
    missing_secret: names of pull secrets that do not exist, comma-separated.
    """

    container: str
    init: bool
    image: str
    reason: str
    message: str
    cause: str
    pods: int
    last_good_image: str
    last_good_proof: str
    missing_secret: str


def image_pull_failed(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each container and image of a workload that cannot be pulled, in whichever of its pods."""
    failing: dict[tuple[str, str], list[Container]] = {}
    for container in living_containers(observed):
        if (container.state.get("waiting") or {}).get("reason") in _REASONS:
            failing.setdefault((container.subject, _image(container, observed)), []).append(container)
    for (subject, image), cases in failing.items():
        yield _finding(subject, image, cases, observed)
    yield from _by_events(observed, {image for _, image in failing})


def _by_events(observed: Observed, told: AbstractSet[str]) -> Iterator[Finding]:
    """Images that only events speak of, since no item shows the pod's containers."""
    said: dict[tuple[str, str], list[Object]] = {}
    for event in observed.all("Event"):
        match = _PULL.search(event_text(event))
        if match is None or match["image"] in told:
            continue
        kind, namespace, name = about(event)
        thing = observed.get(kind, namespace, name) or {"kind": kind, "metadata": {"namespace": namespace, "name": name}}
        if not any(status.get("ready") for status in container_statuses(thing)):
            said.setdefault((str(observed.root_of(about(event))), match["image"]), []).append(event)
    for (subject, image), events in said.items():
        message = max(map(event_text, events), key=len)
        cause, reason = _cause(message, _named_in(events)), _reason_told(events, observed)
        fields = [str((event.get("involvedObject") or {}).get("fieldPath") or "") for event in events]
        container, init = next(filter(None, map(container_in, fields)), ""), any(map("initContainers".__contains__, fields))
        facts = ImagePullFailed(container=container, init=init, image=image, reason=reason, message=message.strip(), cause=cause,
                                pods=len({about(e) for e in events}),
                                last_good_image="", last_good_proof="", missing_secret=_named_in(events))  # fmt: skip
        text = f'image {image} of {subject.split("/")[-1]} cannot be pulled ({reason}, {cause.replace("_", " ")}); "{worded(message)}"'
        yield found("image_pull_failed", subject, facts, text, observed.cites(*events))


def _reason_told(events: Sequence[Object], observed: Observed) -> str:
    """The kubelet's word in what these events and others of their objects say; where none says it, the reason of the last of them."""
    others = [each for place in dict.fromkeys(map(about, events)) for each in observed.events_under(place) if about(each) == place]
    said = [f"{event.get('reason')} {event_text(event)}" for event in others]
    if any("ImagePullBackOff" in each or "Back-off pulling" in each for each in said):
        return "ImagePullBackOff"
    return next((reason for reason in _REASONS if any(reason in each for each in said)), str(events[-1].get("reason") or "Failed"))


def _finding(subject: str, image: str, cases: Sequence[Container], observed: Observed) -> Finding:
    container = cases[0]
    events = [event for event in observed.events_of(*(case.pod for case in cases)) if image in event_text(event)]
    message = _message(cases, events)
    good, proof, shown = _last_good(container, image, observed)
    reason, lacking = str(container.state["waiting"]["reason"]), ", ".join(_secrets_missing(cases, observed))
    facts = ImagePullFailed(
        container=container.name,
        init=container.init,
        image=image,
        reason=reason,
        message=message,
        cause="node_fault" if _runs_elsewhere(container, image, observed) else _cause(f"{reason} {message}", lacking),
        pods=len(cases),
        last_good_image=good,
        last_good_proof=proof,
        missing_secret=lacking,
    )
    said = f': "{worded(message)}"' if message else ""
    lacks = f"; its pull secret {facts.missing_secret} does not exist" if facts.missing_secret else ""
    before = "; it ran {} before" if proof == "ready_pods" else "; an earlier revision names {}, which nothing shows running"
    before = before.format(good) if good else "; nothing shows an image that it ran before"
    why = f"{reason}, {facts.cause.replace('_', ' ')}"
    of = f" of container {container.name}" if container.name else ""
    text = f"{f'image {image}' if image else 'the image'}{of} cannot be pulled ({why}){said}{lacks}{before}"
    return found("image_pull_failed", subject, facts, text, observed.cites(*(case.pod for case in cases), *events[:1], *shown))


def cause_of(said: str) -> str:
    """Why a pull failed, in a word, from what the kubelet, the runtime or the registry said."""
    return next((cause for cause, words in _CAUSES if re.search(words, said, re.IGNORECASE)), "unknown")


def _cause(said: str, lacking: str) -> str:
    """The same; where the registry leaves open which of two it is, a pull secret that does not exist decides."""
    return "unauthorized" if lacking and _EITHER.search(said) else cause_of(said)


def worded(message: str) -> str:
    """What the registry or the runtime said, without the names that the kubelet and containerd put before it."""
    short = _SPOKEN_BEFORE.sub("", message.strip())
    return short if len(short) <= _LONGEST else f"{short[: _LONGEST // 2]} … {short[-_LONGEST // 2 :]}"


_LONGEST = 400
_SPOKEN_BEFORE = re.compile(
    r"^(?:(?:Failed to pull image \"[^\"]*\"|Back-off pulling image \"[^\"]*\": ErrImagePull|rpc error: code = \w+ desc =|"
    r"failed to pull and unpack image \"[^\"]*\"|failed to resolve reference \"[^\"]*\"|Error response from daemon|"
    r"initializing source \S+)[: ]+)+"
)
_EITHER = re.compile(r"repository does not exist or may require")
_NO_SECRET = re.compile(r"[Uu]nable to retrieve some image pull secrets \((?P<names>[^)]*)\)")


def _secrets_missing(cases: Sequence[Container], observed: Observed) -> list[str]:
    """Pull secrets that the kubelet did not find, or that are not among the namespace's known ones."""
    reported = _named_in(observed.events_of(*(case.pod for case in cases)))
    if reported:
        return reported.split(", ")
    pod = cases[0].pod
    named = [str(ref.get("name")) for ref in (pod.get("spec") or {}).get("imagePullSecrets") or () if isinstance(ref, Mapping)]
    namespace = place_of(pod)[1]
    known = {place_of(secret)[2] for secret in observed.all("Secret", namespace)}
    return [name for name in named if known and name not in known]


def _named_in(events: Sequence[Object]) -> str:
    return next((match["names"] for event in events if (match := _NO_SECRET.search(event_text(event)))), "")


def _message(cases: Sequence[Container], events: Sequence[Object]) -> str:
    """The longest of what was said: a back-off repeats only that it backs off."""
    said = [str(case.state["waiting"].get("message") or "") for case in cases]
    said += [event_text(event) for event in events if event.get("reason") in ("Failed", "InspectFailed", "ErrImageNeverPull")]
    return max(said, key=len, default="").strip()


def _image(container: Container, observed: Observed) -> str:
    """As the pod has it; where only a row shows the pod, as its events name it."""
    named = (match["image"] for event in observed.events_of(container.pod) if (match := _PULL.search(event_text(event))))
    return str(container.spec.get("image") or container.status.get("image") or next(named, ""))


def _last_good(container: Container, image: str, observed: Observed) -> tuple[str, str, Sequence[Object]]:
    """The image, how that is known, and the objects that show it."""
    for pod in observed.pods_of(container.workload):
        ran = _ran_in(pod, container.name)
        if ran and _may_follow(ran, image):
            return ran, "ready_pods", [pod]
    failing = {_spec_image(pod, container.name) for pod in observed.pods_of(container.workload)} | {image}
    failing |= {match["image"] for event in observed.all("Event") if (match := _PULL.search(event_text(event)))}
    own = observed.get(container.workload.kind, container.workload.namespace, container.workload.name)
    newest = [own] if own is not None and _spec_image(own, container.name) else observed.replica_sets_of(container.workload)[:1]
    asked = {_spec_image(thing, container.name) for thing in newest}
    for replica_set in observed.replica_sets_of(container.workload):
        earlier = _spec_image(replica_set, container.name)
        pulled = (replica_set.get("status") or {}).get("readyReplicas")
        if earlier and _may_follow(earlier, image) and (pulled or (revision(replica_set) and earlier not in failing | asked)):
            return earlier, "ready_pods" if pulled else "earlier_revision", [replica_set]
    return "", "", ()


def _may_follow(earlier: str, image: str) -> bool:
    """Whether an image may be gone back to: another one of the same repository, which its reference tells apart from any other."""
    repository, _, tag = _split(earlier)
    return earlier != image and repository == _split(image)[0] and tag not in ("", "latest")


def _split(image: str) -> tuple[str, str, str]:
    """Repository, sign and tag or digest of a reference; Docker Hub's short names as they are meant."""
    name, sign, tag = image.partition("@")
    if not sign and ":" in name.rsplit("/", 1)[-1]:
        name, sign, tag = name.rpartition(":")
    name = re.sub(r"^(?:(?:index\.)?docker\.io/)?(?:library/)?", "", name)
    return name, sign, tag


def _runs_elsewhere(container: Container, image: str, observed: Observed) -> bool:
    return bool(image) and any(_ran_in(pod, container.name) == image for pod in observed.pods_of(container.workload))


def _ran_in(pod: Object, name: str) -> str:
    """The image as the pod asks for it, where this container of it is ready, or ended well."""
    status = next((status for status in container_statuses(pod) if status.get("name") == name), {})
    ended_well = ((status.get("state") or {}).get("terminated") or {}).get("exitCode") == 0
    return _spec_image(pod, name) if status.get("ready") or ended_well else ""


def _spec_image(thing: Object, name: str) -> str:
    return next((str(container.get("image") or "") for _, container in containers(thing) if container.get("name") == name), "")
