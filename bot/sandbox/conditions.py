"""Conditions of objects: how they are written, dated and read."""

from __future__ import annotations

from bot.sandbox.fields import Object


def ready(pod: Object) -> bool:
    """Whether the pod's Ready condition is true."""
    conditions = pod.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def condition(kind: str, status: str, reason: str, message: str) -> Object:
    """A condition without times."""
    return {"type": kind, "status": status, "reason": reason, "message": message}


def dated(fresh: Object, known: list[Object], now: str) -> Object:
    """The condition with its times: the transition's when the status turned, the update's when anything did."""
    old = next((c for c in known if c["type"] == fresh["type"]), None)
    if old is None:
        return {**fresh, "lastUpdateTime": now, "lastTransitionTime": now}
    turned = old["status"] != fresh["status"]
    same = all(old.get(k) == v for k, v in fresh.items())
    updated = old.get("lastUpdateTime", now) if same else now
    return {**fresh, "lastUpdateTime": updated, "lastTransitionTime": now if turned else old["lastTransitionTime"]}
