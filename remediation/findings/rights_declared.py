"""What a container's own command asks of the API server, and its service account's roles do not grant: by the manifests alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.kinds import Kind, kind_called
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Json
from remediation.workloads import containers, pod_spec

_KUBECTL = re.compile(r"\bkubectl\s(?P<words>[^\n;|&()]{1,300})")
_OPTION_WITH_VALUE = frozenset({"-n", "--namespace", "-l", "--selector", "-o", "--output", "-c", "--container", "--field-selector"})
_VERBS = {  # of the API, by the command's
    "get": "get", "describe": "get", "logs": "get", "delete": "delete", "patch": "patch", "label": "patch", "annotate": "patch",
    "scale": "patch",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RightLacking:
    """account: the service account.  verb, resource: what its command asks for.  role: those that it has, by name.  said: the command."""

    container: str
    account: str
    verb: str
    resource: str
    role: str
    said: str
    reported: bool = False


@dataclass(frozen=True, kw_only=True)
class _Request:
    """One kubectl command. verb: of the API."""

    verb: str
    kind: Kind
    resource: str
    namespace: str
    text: str


def rights_lacking(thing: Object, observed: Observed) -> Iterator[Finding]:
    """One finding for each request of a workload's commands that none of its account's roles allows, where all of these are known."""
    root = observed.root(thing)
    account = str(pod_spec(thing).get("serviceAccountName") or "default")
    for _, container in containers(thing):
        words = "\n".join(str(word) for side in ("command", "args") for word in container.get(side) or ())
        for request in _requests(words, root.namespace):
            roles = _roles(account, root.namespace, request.namespace, observed)
            if roles and all(not _grants(role, request) for role in roles):
                names = ", ".join(place_of(role)[2] for role in roles)
                facts = RightLacking(
                    container=str(container.get("name")), account=account, verb=request.verb, resource=request.resource, role=names,
                    said=request.text,
                )  # fmt: skip
                text = (
                    f"container {facts.container} of {root.name} runs `{facts.said}`, and its service account {account} may not "
                    f"{facts.verb} {facts.resource} (RBAC): {names} does not grant it"
                )
                yield found("rbac_forbidden", str(root), facts, text, observed.cites(thing, *roles))


def bound_elsewhere(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A binding in a workload's namespace that means an account of its account's name in another namespace, while none means its own."""
    root = observed.root(thing)
    account = str(pod_spec(thing).get("serviceAccountName") or "default")
    bindings = [*observed.all("RoleBinding", root.namespace), *observed.all("ClusterRoleBinding")]
    subjects = [(binding, subject) for binding in bindings for subject in binding.get("subjects") or () if subject.get("name") == account]
    if account == "default" or any(_is(subject, account, root.namespace) for _, subject in subjects):
        return
    for binding, subject in subjects:
        role, name = str((binding.get("roleRef") or {}).get("name")), place_of(binding)[2]
        there = f"{subject.get('kind')} {account} of namespace {subject.get('namespace')}"
        facts = RightLacking(container="", account=account, verb="what it asks for", resource=role, role=name, said="")
        text = f"{place_of(binding)[0]} {name} grants {role} to {there}, and {root.name} runs as {account} of {root.namespace} (RBAC)"
        yield found("rbac_forbidden", str(root), facts, text, observed.cites(thing, binding))


def _requests(words: str, namespace: str) -> Iterator[_Request]:
    for match in _KUBECTL.finditer(words):
        plain, where = _split(match["words"].split(), namespace)
        command, thing, *names = (*plain[:3], "", "")
        kind_word, _, name = thing.partition("/")
        kind = kind_called("pods" if command == "logs" else kind_word)
        if kind is None or command not in _VERBS:
            continue
        verb = "list" if command == "get" and not name and not names[0] else _VERBS[command]
        resource = {"logs": "pods/log", "scale": f"{kind.plural}/scale"}.get(command, kind.plural)
        yield _Request(verb=verb, kind=kind, resource=resource, namespace=where, text=match[0].strip())


def _split(words: Sequence[str], namespace: str) -> tuple[list[str], str]:
    """The words that are no options, and the namespace that is meant; empty for all of them."""
    plain: list[str] = []
    waiting = ""
    for word in words:
        if waiting:
            namespace = word if waiting in ("-n", "--namespace") else namespace
            waiting = ""
        elif word in _OPTION_WITH_VALUE:
            waiting = word
        elif word in ("-A", "--all-namespaces"):
            namespace = ""
        elif word.startswith("--namespace="):
            namespace = word.partition("=")[2]
        elif not word.startswith(("-", ">", "1>", "2>")):
            plain.append(word)
    return plain, namespace


def _roles(account: str, home: str, namespace: str, observed: Observed) -> list[Object]:
    """The roles that bind an account for a namespace; none where one of them, or no binding at all, is shown."""
    bindings = [*observed.all("RoleBinding", namespace), *observed.all("ClusterRoleBinding")]
    own = [binding for binding in bindings if any(_is(subject, account, home) for subject in binding.get("subjects") or ())]
    found_: list[Object] = []
    for binding in own:
        reference = binding.get("roleRef") or {}
        inner = place_of(binding)[1] if reference.get("kind") == "Role" else ""
        role = observed.get(str(reference.get("kind")), inner, str(reference.get("name")))
        if role is None:
            return []
        found_.append(role)
    return found_


def _is(subject: Json, account: str, home: str) -> bool:
    return (subject.get("kind"), subject.get("name"), subject.get("namespace", home)) == ("ServiceAccount", account, home)


def _grants(role: Object, request: _Request) -> bool:
    for rule in role.get("rules") or ():
        groups, resources, verbs = (rule.get(key) or () for key in ("apiGroups", "resources", "verbs"))
        if ("*" in groups or request.kind.group in groups) and {"*", request.resource} & {*resources} and {"*", request.verb} & {*verbs}:
            return True
    return False
