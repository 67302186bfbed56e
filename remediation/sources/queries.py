"""The catalogue of queries that Prometheus is asked: read, checked when read, and rendered with the names of one target."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from jinja2 import StrictUndefined, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import Field, field_validator

from remediation.kinds import is_name, is_namespace
from remediation.terms import Target
from remediation.written import Written, read

VARIABLES = ("namespace", "pods", "kind", "name", "node")

# What a controller puts after its own name; names hold nothing that means something in a regular expression but dots.
_RANDOM, _ORDINAL = "[a-z0-9]+", "[0-9]+"
_PODS: Mapping[str, str] = {
    "Deployment": f"-{_RANDOM}-{_RANDOM}",
    "ReplicaSet": f"-{_RANDOM}",
    "StatefulSet": f"-{_ORDINAL}",
    "DaemonSet": f"-{_RANDOM}",
    "Job": f"-{_RANDOM}",
    "CronJob": f"-{_ORDINAL}-{_RANDOM}",
    "Pod": "",
}
_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
_ENVIRONMENT.globals.clear()  # one of Jinja's is called `namespace`


class Query(Written):
    """One query. metric: what findings call its series, which a function or a sum leaves without a name.

    keep: which series, where there are more than are shown: those of the highest last value, or of the lowest.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str
    kind: Literal["range", "instant"]
    metric: str
    query: str
    unit: str = ""
    keep: Literal["highest", "lowest"] = "highest"

    @field_validator("query")
    @classmethod
    def _names_what_is_known(cls, query: str) -> str:
        try:
            unknown = sorted(find_undeclared_variables(_ENVIRONMENT.parse(query)) - set(VARIABLES))
        except TemplateSyntaxError as error:
            raise ValueError(f"{error.message} in line {error.lineno}") from error
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is no name of a target; there are {', '.join(VARIABLES)}")
        return query

    @cached_property
    def needs(self) -> frozenset[str]:
        """The names of a target that it must know."""
        return frozenset(find_undeclared_variables(_ENVIRONMENT.parse(self.query)))

    def about(self, names: Mapping[str, str]) -> str:
        """The query for one target; empty where that has not all the names."""
        return _ENVIRONMENT.from_string(self.query).render(**names) if self.needs <= set(names) else ""


class Queries(Written):
    """A file of them; each name once."""

    queries: tuple[Query, ...]

    @field_validator("queries")
    @classmethod
    def _each_once(cls, queries: tuple[Query, ...]) -> tuple[Query, ...]:
        names = [query.name for query in queries]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} is there twice")
        return queries


def prometheus_queries(own: Path | None = None) -> Sequence[Query]:
    """Ours, then those of your own file; one of the same name stands in for ours. Raises Unusable naming the file and the field."""
    ours = read(Queries, files("templates").joinpath("queries", "prometheus.yaml")).queries
    yours = read(Queries, own).queries if own else ()
    return tuple({query.name: query for query in (*ours, *yours)}.values())


def names_of(target: Target) -> Mapping[str, str]:
    """What a query may name of a target; nothing of a name that no object can have, for it came from a stranger."""
    if target.kind == "host":
        return {"node": target.name} if is_name(target.name) else {}
    if target.kind != "workload" or (target.name and not is_name(target.name)):
        return {}
    if target.object_kind == "Node":
        return {"node": target.name}
    if not is_namespace(target.namespace):
        return {}
    names = {"namespace": target.namespace}
    if not target.name:
        return {**names, "pods": ".+"}
    pods = {"pods": re.sub(r"\.", "[.]", target.name) + _PODS[target.object_kind]} if target.object_kind in _PODS else {}
    return {**names, "kind": target.object_kind, "name": target.name, **pods}
