"""A value that a parameter may have: what a remedy's templates are tried with at start, before an incident needs them."""

from collections.abc import Mapping

from remediation.parameter import Format, Parameter
from remediation.terms import Json

_OF_FORMATS: Mapping[Format, Json] = {
    "container": "app", "image": "registry.example/app:1", "memory": "512Mi", "cpu": "500m", "storage": "20Gi", "name": "app",
    "field": "spec.replicas", "labels": {"app": "app"}, "fields": {"spec.replicas": 1}, "amounts": {"memory": "512Mi"},
}  # fmt: skip
_OF_TYPES: Mapping[str, Json] = {"string": "text", "integer": 1, "number": 1, "boolean": True}


def sample_of(parameter: Parameter) -> Json:
    """Its default, its first choice, its least number, else a value of its format or type; a pattern is not looked at."""
    if parameter.default is not None:
        return parameter.default
    if parameter.enum:
        return parameter.enum[0]
    if parameter.format is not None:
        return _OF_FORMATS[parameter.format]
    return _OF_TYPES[parameter.type] if parameter.minimum is None else parameter.minimum
