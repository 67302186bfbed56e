"""The words and acts that people read: Jinja2 templates, and the one environment that renders them."""

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import StrictUndefined
from jinja2.loaders import FunctionLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    """Sandboxed and strict: a template reads the values it is given, and a misspelt one stops it."""
    # Nothing here is HTML by default: Slack text, Markdown and YAML are quoted by remediation.quoting, one function a medium.
    return ImmutableSandboxedEnvironment(
        loader=FunctionLoader(_source),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _source(name: str) -> str | None:
    path = files(__name__).joinpath(*name.split("/"))
    return path.read_text(encoding="utf-8") if path.is_file() else None


def render(name: str, /, **values: Any) -> str:
    """The text of `templates/NAME` with these values. Raises jinja2.UndefinedError for a name that was not given."""
    return _environment().get_template(name).render(**values)
