"""What a kube-apiserver answers when it says no: `Status` objects with its own words and codes."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.kinds import Kind

_REASONS = {
    HTTPStatus.BAD_REQUEST: "BadRequest",
    HTTPStatus.UNAUTHORIZED: "Unauthorized",
    HTTPStatus.FORBIDDEN: "Forbidden",
    HTTPStatus.NOT_FOUND: "NotFound",
    HTTPStatus.METHOD_NOT_ALLOWED: "MethodNotAllowed",
    HTTPStatus.CONFLICT: "Conflict",
    HTTPStatus.GONE: "Expired",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "UnsupportedMediaType",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Invalid",
}


class ApiRefusal(Exception):
    """The apiserver says no."""

    def __init__(self, code: int, message: str, reason: str | None = None, details: dict[str, Any] | None = None) -> None:
        super().__init__(code, message, reason, details)
        self.code = int(code)
        self.message = message
        self.reason = _REASONS.get(HTTPStatus(code), "") if reason is None else reason
        self.details = details

    @property
    def status(self) -> dict[str, Any]:
        """The body of the answer."""
        body: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        body |= {"message": self.message, "reason": self.reason}
        if self.details is not None:
            body["details"] = self.details
        return {**body, "code": self.code}


def invalid(kind: Kind, name: str, causes: list[tuple[str, str]]) -> ApiRefusal:
    """422 with one cause a wrong field: (field, what is wrong with it)."""
    said = [f"{field}: {text}" for field, text in causes]
    text = said[0] if len(said) == 1 else f"[{', '.join(said)}]"
    reasons = [{"reason": _cause(text), "message": text, "field": field} for field, text in causes]
    details = {"name": name, "group": kind.group, "kind": kind.kind, "causes": reasons}
    return ApiRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, f'{kind.qualified} "{name}" is invalid: {text}', details=details)


def forbidden(kind: Kind, name: str, why: str, code: int = HTTPStatus.FORBIDDEN) -> ApiRefusal:
    """403 (or the code that an admission policy names)."""
    what = f'{kind.resource} "{name}"' if name else kind.resource
    return ApiRefusal(code, f"{what} is forbidden: {why}", details=_details(kind, name))


def not_found(kind: Kind, name: str) -> ApiRefusal:
    """404."""
    return ApiRefusal(HTTPStatus.NOT_FOUND, f'{kind.resource} "{name}" not found', details=_details(kind, name))


def stale(kind: Kind, name: str) -> ApiRefusal:
    """409: the object moved on since it was read."""
    text = f'Operation cannot be fulfilled on {kind.resource} "{name}": the object has been modified; '
    text += "please apply your changes to the latest version and try again"
    return ApiRefusal(HTTPStatus.CONFLICT, text, details=_details(kind, name))


def apply_conflict(conflicts: list[tuple[str, str]]) -> ApiRefusal:
    """409: (owner's words, field) for each field that another manager owns."""
    count = f"{len(conflicts)} conflict{'s' if len(conflicts) > 1 else ''}"
    owners: dict[str, list[str]] = {}
    for owner, field in conflicts:
        owners.setdefault(owner, []).append(field)
    if len(conflicts) == 1:
        said = f": conflict with {conflicts[0][0]}: {conflicts[0][1]}"
    else:
        said = "".join(f"\nconflicts with {o}:\n" + "\n".join(f"- {f}" for f in fs) for o, fs in owners.items())
        said = ":" + said.removeprefix("\n").join((" ", "")) if len(owners) == 1 else f":{said}"
    causes = [{"reason": "FieldManagerConflict", "message": f"conflict with {o}", "field": f} for o, f in conflicts]
    return ApiRefusal(HTTPStatus.CONFLICT, f"Apply failed with {count}{said}", details={"causes": causes})


def _details(kind: Kind, name: str) -> dict[str, Any]:
    return {"name": name, "kind": kind.plural} | ({"group": kind.group} if kind.group else {})


def _cause(text: str) -> str:
    for words, reason in (("Required value", "FieldValueRequired"), ("Unsupported value", "FieldValueNotSupported"),
                          ("Forbidden", "FieldValueForbidden"), ("Duplicate value", "FieldValueDuplicate")):  # fmt: skip
        if text.startswith(words):
            return reason
    return "FieldValueInvalid"
