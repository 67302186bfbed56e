"""What in a container's manifest may keep it from starting: guesses, while nothing tells how it runs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches

from remediation.findings.suspected import Suspected, named_containers, suspect
from remediation.observed import Object, Observed, place_of
from remediation.quantities import format_memory, parse
from remediation.terms import Finding, Json
from remediation.workloads import pod_spec

_LEAST_MEMORY = Decimal(6 * 2**20)  # bytes, below which container runtimes refuse a limit
_HEAP = re.compile(r"-Xmx(?P<size>\d{1,6}[kKmMgG])|--max[-_]old[-_]space[-_]size[= ](?P<mebibytes>\d{2,6})")
_IMAGES = ("nginx", "redis", "postgres", "mysql", "mariadb", "mongo", "busybox", "alpine", "ubuntu", "debian", "httpd", "rabbitmq",
           "memcached", "node", "python", "golang", "openjdk", "traefik", "haproxy", "vault", "consul", "elasticsearch", "kibana",
           "grafana", "prometheus", "wordpress", "tomcat", "php", "ruby", "rust", "perl", "caddy", "nats", "influxdb", "registry",
           "kubectl")  # fmt: skip
_TAGS = ("latest", "stable", "alpine", "slim", "bullseye", "bookworm", "mainline")
_SLIP = 0.75  # how alike a misspelt name is to the one that is meant
_REFERENCE = re.compile(r"(?P<path>(?:[\w.-]+(?::\d+)?/)*)(?P<name>[\w.-]+)(?::(?P<tag>[\w.-]+))?(?:@.*)?")
_UNRENDERED = re.compile(r"[$<{]|%[A-Z_]{2,}%")
_PLACEHOLDER = re.compile(
    r"(?:^|[/.-])(?:my|your)[-_.]?(?:private[-_.]?|company[-_.]?|own[-_.]?)?(?:registry|repo(?:sitory)?|org|company|image|user(?:name)?|account|"
    r"project|domain)(?![a-z])|\b(?:change|replace)[-_]?me\b|placeholder",
    re.IGNORECASE,
)
_DEMANDS: Mapping[str, Sequence[str]] = {  # of official images: variables of which they start with none unset
    "postgres": ("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "POSTGRES_HOST_AUTH_METHOD"),
    "mysql": ("MYSQL_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD_FILE", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"),
    "mariadb": ("MARIADB_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD_FILE", "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "MARIADB_RANDOM_ROOT_PASSWORD",
                "MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"),
}  # fmt: skip


def memory_too_small(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A memory limit that no runtime starts a container with, or that is below the heap which its own options allow."""
    for name, container in named_containers(thing):
        written = ((container.get("resources") or {}).get("limits") or {}).get("memory")
        if written is None or parse(written) <= 0:
            continue
        if parse(written) < _LEAST_MEMORY:
            text = f"container {name} of {place_of(thing)[2]} has a memory limit of {written}, below the 6Mi that runtimes ask for"
            facts = Suspected(cause="minimum_memory", container=name, memory_limit=str(written))
            yield suspect("container_not_created", thing, observed, text, facts)
        elif (heap := _heap(container)) is not None and heap[1] > parse(written):
            may = f"may use a heap of {format_memory(heap[1])} by its own options ({heap[0]})"
            text = f"container {name} of {place_of(thing)[2]} {may}, above its memory limit of {written} (OOMKilled)"
            yield suspect("memory_near_limit", thing, observed, text, Suspected(container=name, memory_limit=str(written), said=heap[0]))


def _heap(container: Mapping[str, Json]) -> tuple[str, Decimal] | None:
    """The heap that its command or environment allows, as written and in bytes; of several the last."""
    words = [str(word) for side in ("command", "args") for word in container.get(side) or ()]
    words += [str(variable.get("value") or "") for variable in container.get("env") or ()]
    matches = list(_HEAP.finditer(" ".join(words)))
    if not matches:
        return None
    last = matches[-1]
    return last[0], parse(
        f"{last['mebibytes']}Mi" if last["mebibytes"] else last["size"][:-1] + {"k": "Ki", "m": "Mi", "g": "Gi"}[last["size"][-1].lower()]
    )


def image_unlikely(thing: Object, observed: Observed) -> Iterator[Finding]:
    """An image whose name or tag looks misspelt, or that may never be pulled."""
    for name, container in named_containers(thing):
        image = str(container.get("image") or "")
        why = (
            _no_reference(image)
            or _slip_in(image)
            or (
                "is never pulled (imagePullPolicy Never), and nothing shows that the nodes have it"
                if container.get("imagePullPolicy") == "Never"
                else ""
            )
        )
        if why:
            text = f"container {name} of {place_of(thing)[2]}: its image {image} {why} (ImagePullBackOff)"
            yield suspect("image_pull_failed", thing, observed, text, Suspected(container=name, image=image, message=why))


def image_placeholder(thing: Object, observed: Observed) -> Iterator[Finding]:
    """An image whose registry or owner looks like that of an example."""
    for name, container in named_containers(thing):
        image = str(container.get("image") or "")
        if _PLACEHOLDER.search(image):
            why = "looks like a placeholder that nobody replaced: nothing shows that there is such a registry (ImagePullBackOff)"
            text = f"container {name} of {place_of(thing)[2]}: its image {image} {why}"
            yield suspect("image_pull_failed", thing, observed, text, Suspected(container=name, image=image, message=why))


def _no_reference(image: str) -> str:
    """Why the kubelet cannot read an image's name, empty where it can."""
    if _UNRENDERED.search(image):
        return "holds a variable that nothing put in its place (InvalidImageName)"
    host, slash, rest = image.partition("@")[0].partition("/")
    is_host = bool(slash) and (host == "localhost" or "." in host or ":" in host or host != host.lower())
    path = rest if is_host else host + slash + rest
    repository = path.rpartition(":")[0] or path
    return (
        "has upper-case letters in its repository, which no registry takes (InvalidImageName)" if repository != repository.lower() else ""
    )


def _slip_in(image: str) -> str:
    match = _REFERENCE.fullmatch(image)
    for word, known in ((match["name"], _IMAGES), (match["tag"] or "", _TAGS)) if match else ():
        near = get_close_matches(word, known, 1, _SLIP) if word and word not in known else []
        if near and sorted(near[0]) != sorted(word) and abs(len(near[0]) - len(word)) != 1:
            continue  # neither letters in another order nor one too few or too many
        if near and not any(letter.isdigit() for letter in word):
            return f"looks like a slip: `{word}` for `{near[0]}`"
    return ""


def root_forbidden(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A container that must not run as root, and is told to."""
    whole = pod_spec(thing).get("securityContext") or {}
    for name, container in named_containers(thing):
        context = {**whole, **(container.get("securityContext") or {})}
        if context.get("runAsNonRoot") and context.get("runAsUser") == 0:
            text = f"container {name} of {place_of(thing)[2]} has runAsNonRoot and runAsUser 0, which the kubelet refuses to start"
            yield suspect("container_not_created", thing, observed, text, Suspected(cause="runs_as_root", container=name))


def same_ports(thing: Object, observed: Observed) -> Iterator[Finding]:
    """Two containers of a pod that listen on one port; more pods than one that want a port of their node."""
    taken: dict[tuple[Json, Json], str] = {}
    for name, container in named_containers(thing):
        for port in container.get("ports") or ():
            mark = port.get("containerPort"), port.get("protocol", "TCP")
            if taken.setdefault(mark, name) != name:
                text = f"containers {taken[mark]} and {name} of {place_of(thing)[2]} both listen on port {mark[0]} of their pod"
                yield suspect("port_in_use", thing, observed, text, Suspected(container=name, said=str(mark[0])))


def variable_unset(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A database's official image without the variable that it demands for its first start."""
    for name, container in named_containers(thing):
        match = _REFERENCE.fullmatch(str(container.get("image") or ""))
        demanded = _DEMANDS.get(match["name"], ()) if match and match["path"] in ("", "library/", "docker.io/library/") else ()
        given = {variable.get("name") for variable in container.get("env") or ()}
        if demanded and not given & {*demanded} and not container.get("envFrom"):
            needs = f"which does not start on an empty volume without {demanded[0]}"
            text = f"container {name} of {place_of(thing)[2]} runs {container.get('image')}, {needs}"
            yield suspect("missing_environment", thing, observed, text, Suspected(container=name, variable=demanded[0]))
