"""The containers of a description: what they are, and what became of them."""

import re

from remediation.reading.branches import Branch, amounts_in, time_of
from remediation.reading.cells import number_of
from remediation.terms import Json

_PORT = re.compile(r"(?<!\d)(\d{1,5})/([A-Z]{1,10})(?: \(([\w-]+)\))?")


def containers_in(branch: Branch) -> tuple[list[Json], list[Json]]:
    """Specs and statuses of the containers below `Containers:`."""
    pairs_ = [(_spec(name, sub), _status(name, sub)) for name, sub in branch.keys.items()]
    return [spec for spec, _ in pairs_], [status for _, status in pairs_ if status]


def _spec(name: str, branch: Branch) -> Json:
    spec: dict[str, Json] = {"name": name, "image": branch.get("Image")}
    if ports := _ports(branch):
        spec["ports"] = ports
    resources = {side.lower(): amounts_in(branch.below(side)) for side in ("Limits", "Requests") if side in branch.keys}
    if resources:
        spec["resources"] = resources
    for key, name_ in (("command", "Command"), ("args", "Args")):
        if name_ in branch.keys:
            spec[key] = branch.below(name_).values()
    for key, name_ in (("livenessProbe", "Liveness"), ("readinessProbe", "Readiness"), ("startupProbe", "Startup")):
        if probe := _probe(branch.get(name_)):
            spec[key] = probe
    spec |= _environment(branch)
    if mounts := [m for line in branch.below("Mounts").values() if (m := _mount(line))]:
        spec["volumeMounts"] = mounts
    return spec


def _mount(line: str) -> Json:
    match = re.match(r"(\S+) from (\S+) \(([^)]*)\)", line)
    return {"mountPath": match[1], "name": match[2], "readOnly": match[3].startswith("ro")} if match else None


def _probe(text: str) -> Json:
    """`http-get http://:8080/healthz delay=5s timeout=1s period=10s #success=1 #failure=3`."""
    match = re.match(
        r"(?P<how>http-get|tcp-socket|exec|grpc)\s+(?P<what>.*?)\s+delay=(?P<delay>\S+) timeout=(?P<timeout>\S+) period=(\S+)", text
    )
    if match is None:
        return None
    probe: dict[str, Json] = {"timeoutSeconds": number_of(match["timeout"]) or 1}
    probe["initialDelaySeconds"] = number_of(match["delay"])
    if match["how"] == "exec":
        return probe | {"exec": {"command": match["what"].strip("[]").split()}}
    place = re.match(r"(?:(?P<scheme>https?)://)?[^:/]*:(?P<port>[\w-]+)(?P<path>/\S*)?", match["what"])
    if place is None:
        return probe
    port: Json = int(place["port"]) if place["port"].isdecimal() else place["port"]
    if match["how"] == "http-get":
        return probe | {"httpGet": {"port": port, "path": place["path"] or "/", "scheme": (place["scheme"] or "http").upper()}}
    return probe | {"tcpSocket" if match["how"] == "tcp-socket" else "grpc": {"port": port}}


def _environment(branch: Branch) -> dict[str, Json]:
    """Variables with their values or references, and whole ConfigMaps and Secrets."""
    found: dict[str, Json] = {}
    variables = []
    for name, sub in branch.below("Environment").keys.items():
        ref = re.match(r"<set to the key '([^']*)' (?:in|of) (secret|config map) '([^']*)'>(?:\s+Optional: (\w+))?", sub.value)
        if ref:
            source = {"name": ref[3], "key": ref[1], **({"optional": True} if ref[4] == "true" else {})}
            variables.append({"name": name, "valueFrom": {"secretKeyRef" if ref[2] == "secret" else "configMapKeyRef": source}})
        else:
            variables.append({"name": name, "value": sub.value})
    if variables:
        found["env"] = variables
    whole = []
    for name, sub in branch.below("Environment Variables from").keys.items():
        where = "secretRef" if sub.value.startswith("Secret") else "configMapRef"
        whole.append({where: {"name": name, **({"optional": True} if "Optional: true" in sub.value else {})}})
    if whole:
        found["envFrom"] = whole
    return found


def _ports(branch: Branch) -> list[Json]:
    """Its ports, each with that of the node where it has one: `9100/TCP (web)`, `9100/TCP, 0/TCP`."""
    own = _PORT.findall(branch.get("Port") or branch.get("Ports"))
    hosts = [int(number) for number, *_ in _PORT.findall(branch.get("Host Port") or branch.get("Host Ports"))]
    taken = hosts if len(hosts) == len(own) else [0] * len(own)
    return [
        {"containerPort": int(number), "protocol": protocol} | ({"name": name} if name else {}) | ({"hostPort": host} if host else {})
        for (number, protocol, name), host in zip(own, taken, strict=True)
    ]


def _status(name: str, branch: Branch) -> Json:
    if not {"State", "Last State"} & branch.keys.keys():
        return None
    branch = _with_states(branch)
    ready = branch.get("Ready") == "True"
    status: dict[str, Json] = {
        "name": name,
        "ready": ready,
        "restartCount": number_of(branch.get("Restart Count")),
        "image": branch.get("Image"),
    }
    status["state"] = _state(branch.below("State"))
    if "Last State" in branch.keys:
        status["lastState"] = _state(branch.below("Last State"))
    return status


_OF_STATES = ("Reason", "Message", "Exit Code", "Started", "Finished")


def _with_states(branch: Branch) -> Branch:
    """What an editor has put at the same depth as `State:` and `Last State:`, below them again."""
    if not any(key in branch.keys for key in _OF_STATES):
        return branch
    made, state = Branch(value=branch.value, indent=branch.indent, lines=branch.lines), Branch()
    for key, sub in branch.keys.items():
        if key in ("State", "Last State"):
            state = Branch(value=sub.value, indent=sub.indent, lines=sub.lines, keys=dict(sub.keys))
            made.keys[key] = state
        elif key in _OF_STATES:
            state.keys.setdefault(key, sub)
        else:
            made.keys[key] = sub
    return made


def _state(branch: Branch) -> Json:
    reason = branch.get("Reason")
    said: dict[str, Json] = {"reason": reason} if reason else {}
    if " " in reason:  # of a container that could not be made, up to Kubernetes 1.7
        said = {"reason": "CreateContainerConfigError", "message": reason}
    if branch.get("Message"):
        said["message"] = " ".join([branch.get("Message"), *(line.strip() for line in branch.below("Message").lines)])
    if branch.get("Exit Code").lstrip("-").isdecimal():
        said["exitCode"] = int(branch.get("Exit Code"))
    for key, name in (("startedAt", "Started"), ("finishedAt", "Finished")):
        if at := time_of(branch.get(name)):
            said[key] = at
    return {branch.value.lower(): said} if branch.value in ("Waiting", "Running", "Terminated") else {}
