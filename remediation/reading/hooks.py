"""Jobs that only a GitOps tool tells of: the hooks of a sync or release that failed."""

import re
from collections.abc import Iterator, Mapping

from remediation.reading.cells import Object
from remediation.reading.tables import Row

_NAMED = re.compile(r"\b[Jj]ob (?:\"|')?(?P<name>[a-z0-9][a-z0-9.-]*[a-z0-9])(?:\"|')? failed")


def failed_hooks(thing: Object) -> Iterator[Object]:
    """The Jobs that an Application's last sync or a HelmRelease's conditions say have failed."""
    status = thing.get("status")
    if not isinstance(status, Mapping):
        return
    namespace = str((thing.get("spec") or {}).get("targetNamespace") or (thing.get("metadata") or {}).get("namespace") or "")
    if thing.get("kind") == "Application":
        operation = status.get("operationState") or {}
        for one in (operation.get("syncResult") or {}).get("resources") or ():
            if one.get("kind") == "Job" and one.get("hookPhase") in ("Failed", "Error"):
                yield _job(str(one.get("name")), str(one.get("namespace") or ""), str(one.get("message") or ""))
    elif thing.get("kind") == "HelmRelease":
        for condition in status.get("conditions") or ():
            if condition.get("status") == "False" and (match := _NAMED.search(str(condition.get("message") or ""))):
                yield _job(match["name"], namespace, str(condition["message"]))
                return


def hooks_in(text: str, namespace: str) -> Iterator[Object]:
    """The Jobs that Helm says have failed, before or after what it did."""
    if "hooks failed" in text:
        for match in _NAMED.finditer(text):
            yield _job(match["name"], namespace, "BackoffLimitExceeded" if "BackoffLimitExceeded" in text else "")


def hook_row(row: Row) -> Object | None:
    """The Job of a row of what an application applies, where it failed."""
    if row.get("KIND") != "Job" or row.get("STATUS") not in ("Failed", "Error"):
        return None
    return _job(row["NAME"], row.get("NAMESPACE", ""), row.get("MESSAGE", ""))


def _job(name: str, namespace: str, message: str) -> Object:
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded" if "ackoff" in message else "Failed", "message": message}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": namespace},
        "status": {"conditions": [failed]},
    }
