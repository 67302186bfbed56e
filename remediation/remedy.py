"""One remedy: what `remedy.yaml` may say, whether parameters fit it, and its fragment with them written in as scalars."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Literal

import yaml
from jinja2 import StrictUndefined, Template
from jinja2.exceptions import TemplateError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import Field, field_validator, model_validator

from remediation.errors import Unusable
from remediation.mending import fix_kinds_of_remedies, is_finding_kind
from remediation.parameter import AMOUNTS, Parameter, misfit, same
from remediation.quantities import parse
from remediation.sample import sample_of
from remediation.terms import Finding, Json, Level, ObjectRef
from remediation.workloads import concerns, pod_spec_path
from remediation.written import Written

_PLACE = re.compile(r"\{([^{}]*)\}")
_GIVEN = frozenset({"container_list"})  # what the code adds to a fragment's values
_GIVEN_NEW = frozenset({"api_version", "kind", "name"})  # what it adds to those of a new object: whose it is


def scalar(value: Json) -> str:
    """A value as one YAML scalar that no content can break out of. Raises Unusable for what is none: a list, a mapping.

    Text is always quoted, and all but printable ASCII is escaped: what YAML calls a line break differs between its readers.
    """
    if isinstance(value, str):
        return '"' + value.encode("unicode_escape").decode("ascii").replace('"', '\\"') + '"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return repr(value)
    raise Unusable(f"{type(value).__name__} is not a scalar.", "Write each value of the fragment by itself.")


# Sandboxed and strict like the words for people; here everything that is printed is a value of somebody else's, so it is quoted by default.
_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, finalize=scalar, trim_blocks=True, lstrip_blocks=True)


@lru_cache(maxsize=256)
def _compiled(template: str) -> Template:
    """Compiled once: that takes a millisecond or two, and a proposal is rendered for actor, critic, card and proof."""
    return _ENVIRONMENT.from_string(template)


def _untenable(template: str, values: Mapping[str, Json]) -> str:
    """Why no YAML mapping comes of the template with these values; empty where one comes, or nothing, or where they do not suit it."""
    try:
        made = yaml.load(_compiled(template).render(**values), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        return "makes no YAML: " + " ".join(str(error).replace('in "<unicode string>",', "at").split())
    except (TemplateError, Unusable, TypeError, ValueError, ArithmeticError):  # reckons with what a sample is not, or what is left out
        return ""
    return "" if made is None or isinstance(made, dict) else "makes no mapping"


class Parameters(Written):
    """The parameters as one JSON Schema object, which is what a model is shown."""

    type: Literal["object"]
    additional_properties: Literal[False] = Field(alias="additionalProperties")
    properties: Mapping[str, Parameter]
    required: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _required_exist(self) -> "Parameters":
        unknown = set(self.required) - set(self.properties)
        if unknown:
            raise ValueError(f"required names no parameter: {', '.join(sorted(unknown))}")
        return self


class Bound(Written):
    """How a parameter moves the amount that its field holds: how far it may, and how far the rulebook proposes to.

    field: the end of the field's path, within its container where one is named.  max_growth: times what stands there now.
    when_lower, when_higher: what happens to a value below, or above, what stands there now.  at_most: another parameter, never exceeded.
    grow_by: the factors that the rulebook proposes, one plan each, best first.  grows_with: the parameter whose factor this one follows.
    above_facts: facts of the finding that say how much was used.
    """

    parameter: str
    field: str
    max_growth: float | None = Field(default=None, gt=1)
    grow_by: tuple[Annotated[float, Field(gt=1)], ...] = ()
    grows_with: str | None = None
    above_facts: tuple[str, ...] = ()
    when_lower: Literal["allow", "keep", "refuse"] = "allow"
    when_higher: Literal["allow", "refuse"] = "allow"
    at_most: str | None = None


class Levels(Written):
    """The remedy's risk by environment; `production` holds also where the environment is not known."""

    production: Level
    other: Level


class Remedy(Written):
    """One entry of the catalogue: what it fixes, where, with which parameters, at which risk, and how it is undone and verified.

    headline: the title of one plan, in which `{parameter}` stands for its value.
    requires: finding kinds, or `kind/cause`, any of which must have been found.  when: facts that the finding must have, each one of these
    values.  changes: the object that is changed, `Kind/{fact}` or `{fact}`, in the finding's namespace; empty, and where
    the finding lacks the fact, for the finding's own object.
    renders: what the fragment is a part of; `fields` is a mapping of paths (within the pod specification, where there is one) to values.
    fix_kind: a word of the closed list in docs/fix-kinds.md.
    """

    title: str
    headline: str
    fixes: str
    fix_kind: str
    executor: Literal["git"]
    targets: tuple[str, ...] = Field(min_length=1)
    requires: tuple[str, ...] = Field(min_length=1)
    when: Mapping[str, tuple[Json, ...]] = {}
    changes: str = ""
    renders: Literal["object", "pod_spec", "fields"] = "object"
    parameters: Parameters
    bounds: tuple[Bound, ...] = ()
    level: Levels
    risks: tuple[str, ...]
    rollback: str
    verification: str
    expected_result: str
    estimated_minutes: int = Field(gt=0)
    name: str = ""
    fragment: str = ""  # the template's text
    creates: str = ""  # the template of an object that is made beside it; empty for none

    @field_validator("fix_kind")
    @classmethod
    def _fix_kind_is_published(cls, word: str) -> str:
        if word not in (kinds := fix_kinds_of_remedies()):
            near = get_close_matches(word, kinds, n=1, cutoff=0.75)
            known = f"did you mean {near[0]}?" if near else "docs/fix-kinds.md lists them."
            raise ValueError(f"there is no such kind of fix as {word[:80]!r}; {known}")
        return word

    @field_validator("requires")
    @classmethod
    def _findings_are_known(cls, required: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [each for each in required if not is_finding_kind(each.partition("/")[0])]
        if unknown:
            raise ValueError(f"nothing finds {', '.join(unknown)[:200]}; docs/findings.md lists the kinds of findings.")
        return required

    @model_validator(mode="after")
    def _names_agree(self) -> "Remedy":
        named = {name for b in self.bounds for name in (b.parameter, b.at_most, b.grows_with) if name}
        unknown = named - set(self.parameters.properties)
        if unknown:
            raise ValueError(f"bounds name no parameter: {', '.join(sorted(unknown))}")
        shapeless = [kind for kind in self.targets if self.renders == "pod_spec" and not pod_spec_path(kind)]
        if shapeless:
            raise ValueError(f"targets without a pod specification: {', '.join(shapeless)}")
        return self

    @model_validator(mode="after")
    def _headline_reads_parameters(self) -> "Remedy":
        unknown = set(_PLACE.findall(self.headline)) - set(self.parameters.required)
        if unknown:
            raise ValueError(f"headline names no required parameter: {', '.join(sorted(unknown))}")
        return self

    @model_validator(mode="after")
    def _fragment_reads_parameters(self) -> "Remedy":
        for file, text, given in (("fragment.yaml.j2", self.fragment, _GIVEN), ("creates.yaml.j2", self.creates, _GIVEN_NEW)):
            try:
                names = find_undeclared_variables(_ENVIRONMENT.parse(text))
            except TemplateError as error:
                raise ValueError(f"{file}: {error}") from error
            unknown = names - set(self.parameters.properties) - given
            if unknown:
                raise ValueError(f"{file} reads no parameter: {', '.join(sorted(unknown))}")
        return self

    @model_validator(mode="after")
    def _templates_make_mappings(self) -> "Remedy":
        samples = {name: sample_of(parameter) for name, parameter in self.parameters.properties.items()}
        fewest = {name: value for name, value in samples.items() if name in self.parameters.required}
        for file, text, given in (("fragment.yaml.j2", self.fragment, _GIVEN), ("creates.yaml.j2", self.creates, _GIVEN_NEW)):
            for values in (samples, fewest):
                why = _untenable(text, {**dict.fromkeys(given, "sample"), **values})
                if why:
                    raise ValueError(f"{file} {why}")
        return self

    def level_in(self, *, production: bool) -> Level:
        """Its level where the target stands."""
        return self.level.production if production else self.level.other

    def parameter_schema(self) -> Json:
        """Its parameters as a JSON schema, for a model and for people."""
        ours = {"x_fact", "x_source"}
        return self.parameters.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"properties": {"__all__": ours}})

    def headline_of(self, parameters: Mapping[str, Json]) -> str:
        """The title of a plan with these parameters."""
        return _PLACE.sub(lambda place: str(parameters[place[1]]), self.headline)

    def answers(self, finding: Finding) -> bool:
        """Whether what was found is what this remedy is for."""
        named = {finding.kind, f"{finding.kind}/{finding.facts.get('cause') or ''}"}
        return not named.isdisjoint(self.requires) and all(finding.facts.get(name) in values for name, values in self.when.items())

    def object_of(self, finding: Finding) -> str:
        """The object that it changes for this finding, `Kind/namespace/name`."""
        kind, namespace, name, *_ = (*finding.subject.split("/"), "", "")
        if self._changes_another(finding):
            kind, _, name = _PLACE.sub(lambda fact: str(finding.facts[fact[1]]), self.changes).partition("/")
        return f"{kind}/{namespace}/{name}"

    def grounds(self, findings: Iterable[Finding], thing: ObjectRef, container: str = "") -> tuple[Finding, ...]:
        """The findings for which it changes this very object and, where both name one, this container."""
        return tuple(f for f in findings if self.answers(f) and concerns(self._subject(f), thing, container))

    def _subject(self, finding: Finding) -> str:
        return self.object_of(finding) if self._changes_another(finding) else finding.subject

    def _changes_another(self, finding: Finding) -> bool:
        return bool(self.changes) and all(finding.facts.get(name) for name in _PLACE.findall(self.changes))

    def complete(self, parameters: Mapping[str, Json]) -> dict[str, Json]:
        """The parameters with the defaults of those that were left out."""
        defaults = {name: p.default for name, p in self.parameters.properties.items() if p.default is not None}
        return {**defaults, **parameters}

    def problems(self, parameters: Mapping[str, Json]) -> tuple[str, ...]:
        """What is wrong with these parameters, one sentence each that begins with the parameter's name; empty when they fit."""
        known = self.parameters.properties
        unknown = [f"{name}: {self.name} has no such parameter" for name in parameters if name not in known]
        missing = [f"{name}: is missing" for name in self.parameters.required if name not in parameters]
        wrong = [f"{name}: {why}" for name, value in parameters.items() if name in known and (why := misfit(known[name], value))]
        return (*unknown, *missing, *wrong)

    def same(self, parameters: Mapping[str, Json], earlier: Mapping[str, Json]) -> bool:
        """Whether two sets of parameters mean the same, however their amounts are written."""
        known = self.parameters.properties
        return all(same(known[name], parameters.get(name), earlier.get(name)) for name in known)

    def no_more(self, parameters: Mapping[str, Json], earlier: Mapping[str, Json]) -> bool:
        """Whether these parameters try nothing beyond `earlier`: what this remedy must raise is not above it, the rest is the same."""
        raised = {bound.parameter for bound in self.bounds if bound.when_lower == "refuse"}
        if not raised:
            return self.same(parameters, earlier)
        amounts = {name for name, p in self.parameters.properties.items() if p.format in AMOUNTS}
        others = self.parameters.properties.keys() - amounts
        return all(parameters.get(name) == earlier.get(name) for name in others) and all(
            earlier.get(name) is not None and parse(parameters[name]) <= parse(earlier[name]) for name in raised if name in parameters
        )

    def render(self, values: Mapping[str, Json]) -> Mapping[str, Json]:
        """The fragment with these values, each written as one scalar. Raises Unusable when the template makes no mapping."""
        return self._rendered("fragment", self.fragment, values)

    def render_new(self, values: Mapping[str, Json]) -> Mapping[str, Json]:
        """The object that it makes, with these values. Raises Unusable when the template makes no object of its own name."""
        made = self._rendered("creates", self.creates, values)
        name = (made.get("metadata") or {}).get("name")
        if not all(isinstance(each, str) and each for each in (made.get("apiVersion"), made.get("kind"), name)):
            raise Unusable(f"What {self.name} makes is no object.", "Give apiVersion, kind and metadata.name in its creates.yaml.j2.")
        return made

    def _rendered(self, what: str, template: str, values: Mapping[str, Json]) -> Mapping[str, Json]:
        file = f"{what}.yaml.j2"
        try:
            text = _compiled(template).render(**values)
            rendered = yaml.load(text, Loader=yaml.CSafeLoader)
        except (TemplateError, yaml.YAMLError) as error:
            raise Unusable(f"{file} of {self.name} does not render: {error}.", "Mend it.") from error
        if not isinstance(rendered, dict):
            raise Unusable(f"{file} of {self.name} is not a mapping.", "Mend it.")
        return rendered
