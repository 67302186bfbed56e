"""The Kubernetes API over the sandbox's cluster: reads for who may, writes only as rehearsals."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.sandbox import kubernetes_discovery as discovery
from bot.sandbox import kubernetes_logs as logs
from bot.sandbox.apiserver import APPLY, JSON_PATCH, MERGE_PATCH, STRATEGIC, Write, Written
from bot.sandbox.fields import Object
from bot.sandbox.kubernetes_paths import Target, target_of
from bot.sandbox.kubernetes_selectors import page, selected
from bot.sandbox.refusals import ApiRefusal, forbidden, not_found
from bot.sandbox.rights import BOT, DEVELOPER, may

if TYPE_CHECKING:
    from bot.sandbox.world import World

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
POLICY = "suture-may-only-rehearse"
PATCHES = (APPLY, JSON_PATCH, MERGE_PATCH, STRATEGIC)
WATCH_POLL_SECONDS, WATCH_SECONDS = 0.05, 300.0


def routes(world: World) -> list[BaseRoute]:
    """The API, to be mounted where the kubeconfig's server points."""
    return [Route("/{path:path}", _Face(world).endpoint, methods=METHODS)]


class _Face:
    """One apiserver's HTTP side."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cluster = world.cluster

    async def endpoint(self, request: Request) -> Response:
        path = "/" + request.path_params["path"]
        target = target_of(path)
        request.scope["call"] = f"{request.method} {target.template if target else path}"
        try:
            user = self._user(request)
            if target is None:
                return await self._elsewhere(request, path, user)
            self._authorize(request, target, user)
            return await (self._read(request, target) if request.method == "GET" else self._write(request, target))
        except ApiRefusal as refusal:
            return JSONResponse(refusal.status, status_code=refusal.code)

    def _user(self, request: Request) -> str:
        """Whose token it is."""
        credentials = self.world.credentials
        users = {f"Bearer {credentials.kubernetes_token}": BOT, f"Bearer {credentials.kubernetes_developer_token}": DEVELOPER}
        user = users.get(request.headers.get("authorization", ""))
        if user is None:
            raise ApiRefusal(HTTPStatus.UNAUTHORIZED, "Unauthorized")
        return user

    def _authorize(self, request: Request, target: Target, user: str) -> None:
        query = request.query_params
        watching = query.get("watch") in ("true", "1")
        verb = VERBS.get(request.method) or ("get" if target.name else "watch" if watching else "list")
        _refuse_unless_granted(user, verb, target)
        if request.method == "PATCH" and _kind_of_patch(request) == APPLY and not self._stands(target):
            _refuse_unless_granted(user, "create", target)  # an apply that makes the object

    async def _elsewhere(self, request: Request, path: str, user: str) -> Response:
        if path in ("/healthz", "/livez", "/readyz"):
            return PlainTextResponse("ok")
        found = discovery.answer(path) if request.method == "GET" else discovery.review(path, await _body(request), user)
        if found is None and not discovery.knows(path):
            return PlainTextResponse("404 page not found\n", status_code=HTTPStatus.NOT_FOUND)  # the server's own words for a foreign group
        if found is None:
            raise _nowhere()
        return JSONResponse(found, status_code=HTTPStatus.OK if request.method == "GET" else HTTPStatus.CREATED)

    # reads

    async def _read(self, request: Request, target: Target) -> Response:
        query = request.query_params
        if not target.name:
            return self._watch(request, target) if query.get("watch") in ("true", "1") else self._list(request, target)
        obj = self._existing(target)
        match target.subresource:
            case "" | "status":
                return JSONResponse(_shown(obj, target))
            case "log" if target.kind.kind == "Pod":
                return PlainTextResponse(logs.read(self.cluster, obj, query))
            case "scale" if "replicas" in obj.get("spec", {}):
                return JSONResponse(_scale(obj))
        raise _nowhere()

    def _list(self, request: Request, target: Target) -> Response:
        query = request.query_params
        objects = self.cluster.all(target.kind.kind, target.namespace if target.kind.namespaced else None)
        chosen = selected(objects, target.kind, query.get("labelSelector", ""), query.get("fieldSelector", ""))
        items, metadata = page(chosen, query.get("limit", ""), query.get("continue", ""), self.cluster.revision)
        about = {"kind": f"{target.kind.kind}List", "apiVersion": target.kind.api_version, "metadata": metadata}
        return JSONResponse({**about, "items": [_item(obj, target) for obj in items]})

    def _watch(self, request: Request, target: Target) -> Response:
        query = request.query_params
        since, newest = query.get("resourceVersion") or "0", self.cluster.revision
        oldest = self.cluster.changes[0].revision if self.cluster.changes else newest
        if since != "0" and int(since) < oldest - 1:
            text = f"too old resource version: {since} ({oldest})"
            raise ApiRefusal(HTTPStatus.GONE, text)
        return StreamingResponse(self._changes(query, target, int(since)), media_type="application/json")

    async def _changes(self, query: Any, target: Target, since: int) -> AsyncIterator[bytes]:
        loop, labels, fields = asyncio.get_running_loop(), query.get("labelSelector", ""), query.get("fieldSelector", "")
        deadline = loop.time() + float(query.get("timeoutSeconds") or WATCH_SECONDS)
        if since == 0:
            for obj in selected(self.cluster.all(target.kind.kind, target.namespace), target.kind, labels, fields):
                yield _line("ADDED", _shown(obj, target))
            since = self.cluster.revision
        while loop.time() < deadline:
            for change in [c for c in self.cluster.changes if c.revision > since]:
                since = change.revision
                mine = change.object["kind"] == target.kind.kind
                mine = mine and target.namespace in (None, change.object["metadata"].get("namespace"))
                if mine and selected([change.object], target.kind, labels, fields):
                    yield _line(change.type, _shown(change.object, target))
            await asyncio.sleep(WATCH_POLL_SECONDS)

    # writes

    async def _write(self, request: Request, target: Target) -> Response:
        how = _how(request)
        if not how.dry_run:
            raise _may_only_rehearse(request, target)
        body, server, namespace = await _body(request), self.world.server, target.namespace or ""
        match request.method:
            case "POST" if not target.name:
                done = server.create(target.kind, namespace, _object(body), how)
            case "PUT" if target.name and not target.subresource:
                done = server.replace(target.kind, namespace, target.name, _object(body), how)
            case "PATCH" if target.name and target.subresource in ("", "resize"):
                done = self._patch(request, target, body, how)
            case "DELETE" if target.name:
                done = Written(object=server.delete(target.kind, namespace, target.name, how))
            case _:
                raise ApiRefusal(HTTPStatus.METHOD_NOT_ALLOWED, "the server does not allow this method on the requested resource")
        response = JSONResponse(done.object, status_code=HTTPStatus.CREATED if done.created else HTTPStatus.OK)
        for warning in done.warnings:
            response.headers.append("Warning", f"299 - {json.dumps(warning)}")
        return response

    def _patch(self, request: Request, target: Target, body: Any, how: Write) -> Written:
        kind = _kind_of_patch(request)
        if kind not in PATCHES:
            text = f"the body of the request was in an unknown format - accepted media types include: {', '.join(sorted(PATCHES))}"
            raise ApiRefusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, text)
        if kind == APPLY and not request.query_params.get("fieldManager"):
            raise _bad_options("fieldManager: Required value: is required for apply patch")
        if kind != APPLY and "force" in request.query_params:
            raise _bad_options("force: Forbidden: may not be specified for non-apply patch")
        if kind != JSON_PATCH:
            body = _object(body)
        return self.world.server.patch(target.kind, target.namespace or "", target.name, body, how, content_type=kind)

    def _stands(self, target: Target) -> bool:
        return self.cluster.get(target.kind.kind, target.namespace or "", target.name) is not None

    def _existing(self, target: Target) -> Object:
        obj = self.cluster.get(target.kind.kind, target.namespace or "", target.name)
        if obj is None:
            raise not_found(target.kind, target.name)
        return obj


def _refuse_unless_granted(user: str, verb: str, target: Target) -> None:
    resource = f"{target.kind.plural}/{target.subresource}" if target.subresource else target.kind.plural
    if may(user, verb, target.kind.group, resource):
        return
    where = f'in the namespace "{target.namespace}"' if target.namespace else "at the cluster scope"
    text = f'User "{user}" cannot {verb} resource "{resource}" in API group "{target.kind.group}" {where}'
    raise forbidden(target.kind, target.name, text)


def _kind_of_patch(request: Request) -> str:
    return request.headers.get("content-type", "").split(";")[0]


def _nowhere() -> ApiRefusal:
    return ApiRefusal(HTTPStatus.NOT_FOUND, "the server could not find the requested resource", details={})


def _how(request: Request) -> Write:
    query = request.query_params
    if (dry := query.get("dryRun")) not in (None, "All"):
        raise _bad_options(f'dryRun: Unsupported value: "{dry}": supported values: "All"')
    return Write(
        manager=query.get("fieldManager") or request.headers.get("user-agent", "unknown").split("/")[0],
        dry_run=dry == "All",
        validation=query.get("fieldValidation") or "Warn",
        force=query.get("force") in ("true", "True", "1"),
    )


def _may_only_rehearse(request: Request, target: Target) -> ApiRefusal:
    """The ValidatingAdmissionPolicy that the documentation tells people to install."""
    code = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "PATCH" else HTTPStatus.FORBIDDEN
    text = f"ValidatingAdmissionPolicy '{POLICY}' with binding '{POLICY}' denied request: may only rehearse"
    return forbidden(target.kind, target.name, text, code)


def _bad_options(text: str) -> ApiRefusal:
    return ApiRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, f'PatchOptions.meta.k8s.io "" is invalid: {text}')


async def _body(request: Request) -> Any:
    """The body, JSON or YAML. Raises ApiRefusal (400)."""
    raw = await request.body()
    if not raw:
        return {}
    try:
        return yaml.safe_load(raw) if "yaml" in request.headers.get("content-type", "") else json.loads(raw)
    except (ValueError, yaml.YAMLError) as error:
        raise ApiRefusal(HTTPStatus.BAD_REQUEST, f"error decoding the body: {error}") from error


def _object(body: Any) -> Object:
    if not isinstance(body, dict):
        raise ApiRefusal(HTTPStatus.BAD_REQUEST, "the body of the request must be an object")
    return body


def _shown(obj: Object, target: Target) -> Object:
    return _newer_event(obj) if target.kind.api_version == "events.k8s.io/v1" else obj


def _item(obj: Object, target: Target) -> Object:
    """Items of a list do not repeat their type."""
    return {name: value for name, value in _shown(obj, target).items() if name not in ("kind", "apiVersion")}


def _newer_event(event: Object) -> Object:
    """A core event as `events.k8s.io/v1` shows it."""
    times = {"deprecatedFirstTimestamp": event["firstTimestamp"], "deprecatedLastTimestamp": event["lastTimestamp"]}
    about = {"regarding": event["involvedObject"], "note": event["message"], "deprecatedCount": event["count"], **times}
    kept = {name: event[name] for name in ("metadata", "reason", "type", "eventTime", "reportingInstance")}
    source = {"reportingController": event["reportingComponent"], "deprecatedSource": event["source"]}
    return {"apiVersion": "events.k8s.io/v1", "kind": "Event", **kept, **about, **source}


def _scale(obj: Object) -> Object:
    metadata = {k: v for k, v in obj["metadata"].items() if k in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")}
    labels = obj["spec"].get("selector", {}).get("matchLabels", {})
    status = {"replicas": obj.get("status", {}).get("replicas", 0), "selector": ",".join(f"{k}={v}" for k, v in labels.items())}
    spec = {"replicas": obj["spec"]["replicas"]}
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec, "status": status}


def _line(kind: str, obj: Object) -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode() + b"\n"
