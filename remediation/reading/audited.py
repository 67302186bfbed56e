"""The API server's audit log: what it refused, said as the event of what was refused, and as a line of who asked for it."""

from collections.abc import Mapping

from remediation.kinds import KINDS, kind_called
from remediation.reading.cell_values import seconds_of, stamp_of
from remediation.reading.export import Export, Writer
from remediation.reading.listed_events import made_event
from remediation.reading.merging import ROW
from remediation.reading.messages import refused_by
from remediation.terms import Json

_REFUSED = frozenset(
    {"400", "403", "413", "422", "429", "500", "502", "503", "504"}
)  # conflicts and what is not there are everybody's daily bread
_ACCOUNT = "system:serviceaccount:"


def add_audited(export: Export, entry: Mapping[str, Json]) -> bool:
    """One entry of the log, or those of a list; whether it is one. What was granted tells nothing."""
    if not str(entry.get("apiVersion", "")).startswith("audit.k8s.io/"):
        return False
    items = entry.get("items")
    for one in items if isinstance(items, list) else [entry]:
        status = one.get("responseStatus") if isinstance(one, Mapping) else None
        if isinstance(status, Mapping) and str(status.get("code")) in _REFUSED and status.get("message"):
            _add_refusal(export, one, str(status["message"]))
    return True


def _add_refusal(export: Export, one: Mapping[str, Json], message: str) -> None:
    user = one.get("user")
    name = str(user.get("username") or "") if isinstance(user, Mapping) else ""
    written = str(one.get("stageTimestamp") or one.get("requestReceivedTimestamp") or "")
    at, stamp, verb = seconds_of(written) or 0.0, stamp_of(written), str(one.get("verb") or "")
    account = name.removeprefix(_ACCOUNT).partition(":") if name.startswith(_ACCOUNT) else ("", "", "")
    line = f"{stamp} ERROR {verb} {one.get('requestURI', '')} by {name or 'nobody'} was refused: {message}".strip()
    export.add_line(Writer(namespace=account[0], service=account[2]), line, at)
    place = _place(one.get("objectRef"))
    if "User " in message or not place["kind"]:
        return  # rights: whoever lacks them is in the message, and in the line
    words = f"Error creating: {message}" if verb == "create" else message
    row = {"TYPE": "Warning", "REASON": "FailedCreate" if verb == "create" else "FailedUpdate", "MESSAGE": words}
    about = refused_by(message, place["namespace"]) or place
    export.add_object(made_event(about, about["namespace"], row, (stamp, 1)), at, ROW)


def _place(reference: Json) -> dict[str, str]:
    told = reference if isinstance(reference, Mapping) else {}
    known = kind_called(str(told.get("resource") or ""))
    namespaced = known is None or KINDS[known.name].namespaced
    namespace = str(told.get("namespace") or "") if namespaced else ""
    return {"kind": known.name if known else "", "namespace": namespace, "name": str(told.get("name") or "")}
