"""The kinds of failure: what happened, and what to do now. A kind decides whether asking again may help."""

from typing import ClassVar

MALFORMED = (AttributeError, LookupError, TypeError, ValueError, OverflowError)  # what evidence of an unheard-of shape provokes


class RemediationError(Exception):
    """What happened and what to do now; both stand in `args`, so that the error survives being recorded."""

    retryable: ClassVar[bool] = False

    def __init__(self, what: str, what_to_do: str = "") -> None:
        super().__init__(what, what_to_do)
        self.what = what
        self.what_to_do = what_to_do

    def __str__(self) -> str:
        return f"{self.what} {self.what_to_do}".strip()


class Unreachable(RemediationError):
    """No answer, 429 or 5xx. Asking again may help."""

    retryable = True


class Late(Unreachable):
    """No answer in time."""

    def __init__(self, what: str, what_to_do: str = "", seconds: float = 0.0) -> None:
        super().__init__(what, what_to_do)
        self.args = (what, what_to_do, seconds)
        self.seconds = seconds

    @classmethod
    def of(cls, system: str, seconds: float, what_to_do: str) -> "Late":
        """The sentence for a system that was waited for so long."""
        return cls(f"{system} did not answer in {seconds:g} s.", what_to_do, seconds)


class Forbidden(RemediationError):
    """The system knows us and says no: a token that is wrong, expired, or lacks a scope."""


class NotFound(RemediationError):
    """The system answered that there is no such thing."""


class Gone(NotFound):
    """What stood there was deleted, and does not come back."""


class Conflict(RemediationError):
    """The thing changed since it was read: read it again, then decide anew."""


class Unusable(RemediationError):
    """An answer came that does not fit its shape (a model's, a template's, a system's)."""


class Unreadable(RemediationError):
    """What a stranger sent does not fit; `field` names the part that is wrong (`body` for undecodable bytes)."""

    def __init__(self, what: str, what_to_do: str = "", field: str = "body") -> None:
        super().__init__(what, what_to_do)
        self.args = (what, what_to_do, field)
        self.field = field


class Refused(RemediationError):
    """We, or the system, will not do this act; `kind` is a word of the closed list that docs/gitops.md publishes."""

    def __init__(self, what: str, what_to_do: str = "", kind: str = "refused") -> None:
        super().__init__(what, what_to_do)
        self.args = (what, what_to_do, kind)
        self.kind = kind


class Absent(Refused):
    """The live object that an act is for is not there."""


class Ambiguous(Refused):
    """More than one place would do: a person chooses. places: each as people read it, with why it may be the one."""

    def __init__(self, what: str, what_to_do: str = "", places: tuple[str, ...] = ()) -> None:
        super().__init__(what, what_to_do, "ambiguous")
        self.args = (what, what_to_do, places)
        self.places = places
