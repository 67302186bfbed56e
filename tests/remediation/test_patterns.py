"""Every pattern on hostile text: evidence and alerts are a stranger's, and they are read on the loop that serves everybody."""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import remediation
import webhooks
from remediation.findings import wordings

_LENGTH = 2500  # characters of the shorter text
_NEGLIGIBLE = 0.003  # s
_WAYS = ("match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split")
_ANCHORED = ("match", "fullmatch")
_PIECES = (
    "a", "a ", "a b ", ".", "a.", "-", "a-", " ", "\t", "1", "1 ", "1.", "/", "a/", '"', "'", "(", "[", "{", "=", "a=", "a: ", "A", "A ", "0",
    "\n", " \n", "a\n", 'pod "a" ', "error ", "failed ", "http://a", "://", "kubectl get ", "Warning  ", "/a b", "a,", "<", ">", "\\", '\\"',
    "x: y\n", "- a\n", "@", "|", " | ", "─", "│ ", "_", "%", "$", "${", "{{", "%}",
)  # fmt: skip
_WORDS = re.compile(r"[A-Za-z][A-Za-z ]{3,}")
_TRIES = 5


def modules():
    """Every module that reads what others wrote; the wordings have a test of their own."""
    packages = (remediation, webhooks)
    names = [found.name for package in packages for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return [importlib.import_module(name) for name in names if not name.startswith(wordings.__name__)]


def compiled(value):
    """The patterns in a value of a module, whatever holds them."""
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from compiled(each)
    elif isinstance(value, Mapping):
        for each in (*value, *value.values()):
            yield from compiled(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from compiled(getattr(value, field.name))


def used(tree):
    """How the module asks its patterns: by the name of each, and of those that go by another name by the empty one."""
    ways = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _WAYS and getattr(node.value, "id", "") != "re":
            ways.setdefault(getattr(node.value, "id", ""), set()).add(node.attr)
            ways.setdefault("", set()).add(node.attr)
    ways[""] = ways.get("", set()) - {"split"}  # which a text has, too
    return ways


def written(tree):
    """The patterns that stand as text: where they are asked, or in a table of them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"re.{way}" for way in _WAYS}:
            text = getattr(node.args[0], "value", "")
            flags = [ast.unparse(flag.value) for flag in node.keywords if flag.arg == "flags"] + [*map(ast.unparse, node.args[2:])]
            multiline = re.MULTILINE if any("MULTILINE" in flag for flag in flags) else 0
            yield text, multiline, {node.func.attr}
        elif isinstance(node, ast.Tuple):
            for text in (getattr(each, "value", "") for each in node.elts):
                if isinstance(text, str) and re.search(r"\\[wsdSD.]|\[\^|\.[*+]", text):
                    yield text, 0, {"search"}


def patterns():
    """Each pattern once with the place that it stands in and how it is asked."""
    found = {}
    for module in modules():
        tree = ast.parse(Path(module.__file__).read_text())
        ways = used(tree)
        for name, value in vars(module).items():
            for pattern in compiled(value) if not name.startswith("__") else ():
                asked = ways.get(name) or ways.get("") or set()
                found.setdefault(pattern, (f"{module.__name__}.{name}", set()))[1].update(asked)
        for text, flags, asked in written(tree):
            if isinstance(text, str) and len(text) > len("(?:x)") and (pattern := compiles(text, flags)) is not None:
                found.setdefault(pattern, (module.__name__, set()))[1].update(asked)
    for pattern, (place, asked) in found.items():
        for way in sorted({way if way in _ANCHORED else "search" for way in asked or {"search"}}):
            yield pytest.param(pattern, way, id=f"{place} {way}")


def compiles(text, flags):
    """The pattern, None for a text that is none."""
    try:
        return re.compile(text, flags)
    except re.error:
        return None


@pytest.mark.parametrize(("pattern", "way"), list(patterns()))
def test_a_hostile_text_twice_as_long_takes_about_twice_the_time(pattern, way):
    """A square is four times the time: of a log of some megabytes nobody would see the end."""
    for piece in (*_PIECES, *(word for words in _WORDS.findall(pattern.pattern)[:6] for word in (words, f"{words}: a "))):
        for before in ("", "x"):
            if seconds(pattern, way, before, piece, _LENGTH) > _NEGLIGIBLE:
                assert any(grows_with_length(pattern, way, before, piece) for _ in range(_TRIES)), (pattern.pattern, before, piece)


def grows_with_length(pattern, way, before, piece):
    """Whether it was so this time: a busy machine may slow the one measure and not the other, but not each time."""
    return seconds(pattern, way, before, piece, 2 * _LENGTH) < 3 * seconds(pattern, way, before, piece, _LENGTH)


def seconds(pattern, way, before, piece, length):
    """Of the processor."""
    text = before + piece * (length // len(piece) + 1)
    began = time.process_time()
    if way == "search":
        for _ in pattern.finditer(text):
            pass
    else:
        getattr(pattern, way)(text)
    return time.process_time() - began
