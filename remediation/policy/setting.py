"""What policy is asked with: the values of policy.yaml, checked at start, and the setting of one question, so that rules stay pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from remediation.errors import Unusable
from remediation.quantities import parse_cpu, parse_memory
from remediation.remedies import Catalogue
from remediation.terms import Gate, History, Json, Level
from remediation.written import Written, fit, parse, text_of

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # in datetime.weekday()'s order
TIGHTNESS: tuple[Gate, ...] = ("automatic", "agreed", "one_person", "two_people")
WITHOUT_A_PERSON = TIGHTNESS[:2]


def _memory(text: str) -> str:
    parse_memory(text)
    return text


def _cpu(text: str) -> str:
    parse_cpu(text)
    return text


class Gates(Written):
    """The gate of each level in one environment."""

    N1: Gate
    N2: Gate
    N3: Gate

    def of(self, level: Level) -> Gate:
        """The gate of a level."""
        return {"N1": self.N1, "N2": self.N2, "N3": self.N3}[level]


class Growth(Written):
    """How many times what stands there now a value may become."""

    memory: float = Field(ge=1)
    cpu: float = Field(ge=1)
    storage: float = Field(ge=1)


class Maximum(Written):
    """What a value may never exceed, whatever stands there now."""

    memory: Annotated[str, AfterValidator(_memory)]
    cpu: Annotated[str, AfterValidator(_cpu)]
    storage: Annotated[str, AfterValidator(_memory)]
    replicas: int = Field(ge=1)


class ChangeWindow(Written):
    """When production may be changed, in local time: from_hour included, until_hour not."""

    from_hour: int = Field(ge=0, le=23)
    until_hour: int = Field(ge=1, le=24)
    days: tuple[Day, ...] = DAYS

    @field_validator("until_hour")
    @classmethod
    def _not_before_it_opens(cls, until: int, info: object) -> int:
        opens = getattr(info, "data", {}).get("from_hour", 0)
        if until <= opens:
            raise ValueError(f"must be later than from_hour, which is {opens}")
        return until


class Policy(Written):
    """The values of policy.yaml. gates and remedies are keyed by environment: `production`, a name of yours, or `other` for the rest."""

    gates: Mapping[str, Gates]
    remedies: Mapping[str, Literal["all"] | tuple[str, ...]]
    growth: Growth
    maximum: Maximum
    repeat_after_days: int = Field(ge=0)
    incidents_per_hour: int = Field(ge=1)
    change_window: ChangeWindow | None

    @field_validator("gates")
    @classmethod
    def _production_needs_people(cls, gates: Mapping[str, Gates]) -> Mapping[str, Gates]:
        production = gates["production"].model_dump() if "production" in gates else {}
        for level, gate in production.items():
            if gate in WITHOUT_A_PERSON:
                raise ValueError(f"production.{level}: production never goes without a person; write one_person or two_people")
        return gates

    @field_validator("gates", "remedies")
    @classmethod
    def _cover_every_environment(cls, by_environment: Mapping[str, Json]) -> Mapping[str, Json]:
        missing = [name for name in ("production", "other") if name not in by_environment]
        if missing:
            raise ValueError(f"{missing[0]} is missing")
        return by_environment


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a rule may look at beside the rehearsal and the incident. now: aware, in the local time that change windows are written in."""

    policy: Policy
    catalogue: Catalogue
    history: History
    now: datetime


@cache
def _defaults() -> Mapping[str, Json]:
    path = files(__package__) / "policy.yaml"
    return parse(text_of(path), str(path))  # type: ignore[no-any-return]


def load_policy(own: Path | None = None) -> Policy:
    """The defaults, with a team's own file over them key by key. Raises Unusable naming the file and the field."""
    if own is None:
        return fit(Policy, _defaults(), "policy.yaml")
    written = parse(text_of(own), str(own))
    if not isinstance(written, dict | None):
        raise Unusable(f"{own}: is not a mapping.", "Write it like the policy.yaml of the documentation.")
    return fit(Policy, _over(_defaults(), written or {}), str(own))


def _over(defaults: Mapping[str, Json], own: Mapping[str, Json]) -> Mapping[str, Json]:
    both = {key: _over(defaults[key], own[key]) for key in own if isinstance(defaults.get(key), dict) and isinstance(own[key], dict)}
    return {**defaults, **own, **both}


def policy_digest(policy: Policy) -> str:
    """SHA-256 of the policy's values: an approval binds to them, whatever the file looks like."""
    return hashlib.sha256(json.dumps(policy.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()
