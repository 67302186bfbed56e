"""The API server of one cluster, as raw JSON through kubernetes.aio: objects, logs and dry runs.

The SDK is imported at the first call, off the loop: it takes a second, and a process without a cluster does without it.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from aiohttp import ClientError

from remediation.clients import proxies
from remediation.clients.lazily import imported
from remediation.errors import Conflict, Forbidden, Late, NotFound, RemediationError, Unreachable, Unusable
from remediation.kinds import KINDS, Kind
from remediation.lately import Lately
from remediation.listing import Cut
from remediation.masking import mask
from remediation.terms import DryRun, Json, ObjectRef

FIELD_MANAGER = "suture"
_PAGE = 250  # objects a request
_LOG_BYTES = 1_000_000
_DISCOVERED_FOR = 300.0  # seconds: definitions come and go seldom
_UNSERVED_FOR = 120.0  # seconds that a kind is not asked for after the server said that it has none such
_UNSERVED = "404 page not found"  # its words for a path that it does not serve
_GROUPS = "/apis"
_NOT_ITSELF = "Look at the proxy or load balancer before it, and at the server behind that."
_LARGEST_SHARED = 262_144  # bytes of a page: what is larger is asked for again and not held
_LATELY = 10.0  # seconds: what several of one incident's questions need within moments of each other
_BODIES: Mapping[str, str] = {"PATCH": "application/apply-patch+yaml", "POST": "application/json"}
_AT_ONCE = 16  # connections: a namespace is some thirty questions, and to connect costs more than to ask; a slow server has two rounds
_READS = 2  # tries of a read that met a 5xx or a broken connection
_NOT_OURS_TO_TRY = re.compile(r"cannot (?:patch|create|update) resource|Unauthorized", re.IGNORECASE)
_REFUSED_WITH_500 = (  # how server-side apply answers to what the kind does not have, and to an amount that is none
    "failed to create typed patch object",
    "failed to convert new object",
)
_SET_BY_SERVER = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink")

_ERRORS: Mapping[int, tuple[type[RemediationError], str, str]] = {
    401: (Forbidden, "Kubernetes does not know our credentials.", "Renew the token of the kubeconfig."),
    403: (Forbidden, "Kubernetes refused: {said}", "Grant this verb in Suture's ClusterRole (docs/connect-kubernetes.md)."),
    404: (NotFound, "Kubernetes has no such thing: {said}", "Check its name and namespace."),
    409: (Conflict, "Kubernetes saw a conflict: {said}", "Read the object again."),
    429: (Unreachable, "Kubernetes asks us to wait.", "It is overloaded; ask again later."),
}

Query = Sequence[tuple[str, str]]


class KubernetesClient:
    """One cluster. kubeconfig: a file; empty inside a pod (its service account). context: of that file, empty for its current one.

    seconds: how long one answer may take. Every method raises Unreachable, Forbidden, NotFound or Unusable.
    """

    def __init__(self, *, kubeconfig: str = "", context: str = "", seconds: float = 10.0) -> None:
        self._kubeconfig = kubeconfig
        self._context = context
        self._seconds = seconds
        self._api: Any = None
        self._connecting = asyncio.Lock()
        self._served = Lately[str, frozenset[str]](_DISCOVERED_FOR)  # what is there, by path
        self._unserved = Lately[str, NotFound](_UNSERVED_FOR)  # in what words, by kind
        self._pages = Lately[str, bytes](_LATELY)  # of lists, by path and query

    async def get(self, ref: ObjectRef) -> dict[str, Json]:
        """The object as it is now. Raises NotFound."""
        body = await self._json("GET", _kind(ref.kind).path(ref.namespace, ref.name))
        return dict(body)

    async def list(
        self, kind: str, namespace: str = "", *, labels: str = "", fields: str = "", cap: int = 500, lately: bool = False
    ) -> list[dict[str, Json]]:
        """Objects of one kind, in the server's order, at most `cap`; with apiVersion and kind, which the server leaves out of list items.

        namespace: empty for all of them.  labels, fields: selectors as kubectl takes them. `listing.is_cut` tells whether there are more.
        lately: an answer of a few seconds ago will do.
        """
        known = _kind(kind)
        if (unserved := self._unserved.get(kind)) is not None:
            raise NotFound(unserved.what, unserved.what_to_do)
        found: list[dict[str, Json]] = []
        proceed = ""
        while len(found) < cap:
            query = [
                ("limit", str(min(_PAGE, cap - len(found)))),
                ("labelSelector", labels),
                ("fieldSelector", fields),
                ("continue", proceed),
            ]
            page = await self._page(known, namespace, query, lately=lately)
            found += [{"apiVersion": known.api_version, "kind": kind, **item} for item in page.get("items") or ()]
            proceed = (page.get("metadata") or {}).get("continue") or ""
            if not proceed:
                break
        return Cut(found[:cap]) if proceed or len(found) > cap else found

    async def _page(self, kind: Kind, namespace: str, query: Query, *, lately: bool) -> Mapping[str, Json]:
        """As bytes it is small, and whoever reads it has objects of his own."""
        path = _asked(kind.path(namespace), query)
        said = self._pages.get(path) if lately else None
        if said is None:
            status, said = await self._ask("GET", path)
            try:
                _raise_for(status, said)
            except NotFound as unserved:  # of a namespace that is not there it would be an empty list
                if _UNSERVED in unserved.what:
                    if await self.serves(kind.name):  # what stands before the server says so of everything while that is away
                        raise Unreachable(f"What stands at Kubernetes' address knows no {kind.plural}.", _NOT_ITSELF) from None
                    self._unserved.put(kind.name, unserved)
                raise
            if len(said) <= _LARGEST_SHARED:
                self._pages.put(path, said)
        return _object(said)

    async def serves(self, kind: str) -> bool:
        """Whether the server knows a kind; asked once in minutes, and of a group only where the server has it. Every one has the core's."""
        known = _kind(kind)
        if not known.group:
            return True
        groups = await self._discovered(_GROUPS, lambda found: (each["name"] for each in found.get("groups") or ()))
        if known.group not in groups:
            return False
        return kind in await self._discovered(
            f"/apis/{known.api_version}", lambda found: (each["kind"] for each in found.get("resources") or () if "/" not in each["name"])
        )

    async def _discovered(self, path: str, names: Callable[[Mapping[str, Json]], Iterable[str]]) -> frozenset[str]:
        if (known := self._served.get(path)) is not None:
            return known
        try:
            return self._served.put(path, frozenset(names(await self._json("GET", path))))
        except NotFound:
            if path == _GROUPS:  # which every server has
                raise Unreachable("What stands at Kubernetes' address has no API.", _NOT_ITSELF) from None
            return self._served.put(path, frozenset())

    async def logs(self, namespace: str, pod: str, container: str, *, previous: bool = False, tail: int = 200) -> str:
        """The last lines of a container, each with its time; of the run before when `previous`. Raises NotFound when there was none."""
        query = [("container", container), ("tailLines", str(tail)), ("limitBytes", str(_LOG_BYTES)), ("timestamps", "true")]
        path = f"{KINDS['Pod'].path(namespace, pod)}/log"
        status, body = await self._ask("GET", _asked(path, [*query, ("previous", "true" if previous else "")]))
        if status == 400 and b"not found" in body:  # noqa: PLR2004 - the server's word for a container that has not run before
            raise NotFound(_message(body), "There is no such run of this container.")
        _raise_for(status, body)
        return body.decode("utf-8", "replace")

    async def dry_run(self, obj: Mapping[str, Json]) -> DryRun:
        """What the server says of this whole object, applied with force as `suture`, without effect. Raises only Unreachable."""
        known = _kind(str(obj.get("kind")))
        metadata = {key: value for key, value in obj["metadata"].items() if key not in _SET_BY_SERVER}
        applied = {**{key: value for key, value in obj.items() if key != "status"}, "metadata": metadata}
        query = [("dryRun", "All"), ("fieldManager", FIELD_MANAGER), ("force", "true"), ("fieldValidation", "Strict")]
        path = known.path(str(metadata.get("namespace", "")), str(metadata["name"]))
        status, body = await self._ask("PATCH", _asked(path, query), applied)
        return _dry_run(status, body)

    async def may(self, verb: str, kind: str, subresource: str = "") -> bool:
        """Whether our user may do this to objects of a kind, in every namespace."""
        known = _kind(kind)
        attributes = {"verb": verb, "group": known.group, "resource": known.plural, "subresource": subresource}
        asked = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}}
        answer = await self._json("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body=asked)
        return bool((answer.get("status") or {}).get("allowed"))

    async def version(self) -> str:
        """The server's version, such as `v1.35.4`."""
        return str((await self._json("GET", "/version")).get("gitVersion", "unknown"))

    async def close(self) -> None:
        """Close its connections."""
        if self._api is not None:
            await self._api.close()
            self._api = None

    async def _json(self, method: str, path: str, body: Json = None) -> Mapping[str, Json]:
        status, said = await self._ask(method, path, body)
        _raise_for(status, said)
        return _object(said)

    async def _ask(self, method: str, path: str, body: Json = None) -> tuple[int, bytes]:
        api = await self._connected()
        url = f"{api.configuration.host}{path}"
        try:
            headers = await _headers(api) | ({"Content-Type": _BODIES[method]} if body is not None else {})
            response = await api.call_api(method, url, headers, body, _request_timeout=self._seconds)
            return int(response.status), bytes(await response.read())
        except TimeoutError as late:
            raise Late.of("Kubernetes", self._seconds, "Check the API server and the network to it.") from late
        except (ClientError, OSError) as broken:
            raise Unreachable(
                "Kubernetes cannot be reached.", "Check the server's address in the kubeconfig and the network to it."
            ) from broken

    async def _connected(self) -> Any:
        async with self._connecting:
            if self._api is None:
                sdk = await asyncio.to_thread(imported, "kubernetes.aio.client")
                configuration = sdk.Configuration()
                await self._configure(configuration)
                configuration.retries = _READS
                configuration.connection_pool_maxsize = _AT_ONCE
                configuration.client_session_kwargs = {"trust_env": proxies.in_environment()}  # a look there is two hops to a thread
                self._api = sdk.ApiClient(configuration)
        return self._api

    async def _configure(self, configuration: Any) -> None:
        config = imported("kubernetes.aio.config")
        try:
            if self._kubeconfig:
                await config.load_kube_config(self._kubeconfig, self._context or None, configuration, persist_config=False)
            else:
                config.load_incluster_config(configuration)
        except (config.ConfigException, OSError, ValueError) as wrong:
            raise Unusable(
                f"The kubeconfig cannot be used: {_first_line(wrong)}",
                "Set KUBECONFIG to a readable file that has this context, or run inside the cluster with a service account.",
            ) from wrong


async def _headers(api: Any) -> dict[str, str]:
    """Those of every request, with a token that is still good. The SDK's own way copies each query and body once more."""
    token = (await api.configuration.auth_settings()).get("BearerToken")
    return {"Accept": "application/json, */*", **api.default_headers, **({token["key"]: token["value"]} if token else {})}


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise Unusable(f"{name or 'An object without kind'} is no kind that Suture reads.", "Add it to remediation/kinds.py.")
    return KINDS[name]


def _asked(path: str, query: Query) -> str:
    """The path with what is not empty of the query."""
    asked = urlencode([(key, value) for key, value in query if value], quote_via=quote)
    return f"{path}?{asked}" if asked else path


def _object(said: bytes) -> Mapping[str, Json]:
    try:
        answer = msgspec.json.decode(said)
    except msgspec.DecodeError as error:
        raise Unusable("Kubernetes answered with something that is no JSON.", "Check that the kubeconfig names an API server.") from error
    if not isinstance(answer, dict):
        raise Unusable("Kubernetes answered with JSON that is no object.", "Check that the kubeconfig names an API server.")
    return answer


def _message(body: bytes) -> str:
    """The message of the server's Status, or the first line of what came instead; masked, since it may quote the object."""
    try:
        status = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return _first_line(body.decode("utf-8", "replace")) or "no message"
    return mask(str(status.get("message") or "no message")) if isinstance(status, dict) else "no message"


def _first_line(text: object) -> str:
    return mask(next(iter(str(text).strip().splitlines()), ""))[:300]


def _raise_for(status: int, body: bytes) -> None:
    """Our error for a status; nothing for success."""
    if status < 300:  # noqa: PLR2004 - success
        return
    said = _message(body)
    if status in _ERRORS:
        kind, what, to_do = _ERRORS[status]
        raise kind(what.format(said=said), to_do)
    if status >= 500:  # noqa: PLR2004 - the server's own trouble
        raise Unreachable(f"Kubernetes answered {status}: {said}", "Check the API server.")
    raise Unusable(f"Kubernetes did not take the request ({status}): {said}", "Compare the server's version with what Suture supports.")


def _dry_run(status: int, body: bytes) -> DryRun:
    """A refusal by rights, which says nothing of the object, is told apart from one by quota, limits or validation."""
    said = _message(body)
    if status < 300:  # noqa: PLR2004 - success
        return DryRun(state="passed")
    if status == 401 or (status == 403 and _NOT_OURS_TO_TRY.search(said)):  # noqa: PLR2004 - unauthorized, forbidden
        return DryRun(state="not_rehearsed", reason=f"Suture may not ask the server: {said}")
    if status == 429 or (status >= 500 and not any(words in said for words in _REFUSED_WITH_500)):  # noqa: PLR2004 - asking again may help
        _raise_for(status, body)
    return DryRun(state="refused", reason=said)
