"""The words that models read: Jinja2 templates, and the one environment that renders them."""

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import StrictUndefined
from jinja2.loaders import FunctionLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

BAR = "| "


def as_data(text: str) -> str:
    """Hostile text for a prompt: each of its lines begins with a bar, so that none can end the block or speak in our voice."""
    return "\n".join(BAR + line for line in text.splitlines()) or BAR


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(_source), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["as_data"] = as_data
    return environment


def _source(name: str) -> str | None:
    path = files(__name__) / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


def render(name: str, /, **values: Any) -> str:
    """The text of `prompts/NAME` with these values. Raises jinja2.UndefinedError for a name that was not given."""
    return _environment().get_template(name).render(**values)
