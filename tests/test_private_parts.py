"""What we use of others' private modules: a newer version may move it, and then this says which of our files must follow."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOMS = ("bot", "memory", "prompts", "remediation", "templates", "webhooks")
ROOT = Path(__file__).parent.parent
USED = {
    ("remediation/needed.py", "re", "_parser"): ("parse",),
    ("remediation/needed.py", "re", "_constants"): (
        "AT",
        "ASSERT_NOT",
        "SUBPATTERN",
        "LITERAL",
        "IN",
        "BRANCH",
        "MAX_REPEAT",
        "MIN_REPEAT",
    ),
    ("remediation/durable.py", "dbos", "_workflow_commands"): ("_BACKGROUND_JOBS_INTERVAL_SEC",),
    ("remediation/clients/gitlab_backend.py", "gitlab._backends.requests_backend", "PrivateTokenAuth"): ("__call__",),
    ("remediation/clients/gitlab_backend.py", "gitlab._backends.requests_backend", "RequestsBackend"): ("http_request", "client"),
    ("remediation/clients/gitlab_backend.py", "gitlab._backends.requests_backend", "RequestsResponse"): (),
    ("webhooks/server.py", "uvicorn._types", "ASGI3Application"): (),
    ("webhooks/server.py", "uvicorn._types", "ASGISendEvent"): (),
    ("webhooks/server.py", "uvicorn._types", "HTTPResponseBodyEvent"): (),
    ("webhooks/server.py", "uvicorn._types", "HTTPResponseStartEvent"): (),
}


def private(path: Path) -> Iterator[tuple[str, str, str]]:
    """What a file imports whose name, or a part of it, begins with one underscore."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and not node.level:
            for one in node.names:
                parts = (*str(node.module).split("."), one.name)
                if any(part.startswith("_") and not part.startswith("__") for part in parts):
                    yield str(path.relative_to(ROOT)), str(node.module), one.name


def test_every_private_part_that_we_use_is_known_here():
    """One more is a debt that somebody takes on knowingly."""
    found = {each for room in ROOMS for path in (ROOT / room).rglob("*.py") for each in private(path)}

    assert found == set(USED)


@pytest.mark.parametrize(("file", "module", "name"), list(USED))
def test_a_private_part_is_where_it_was(file, module, name):
    """Where it is not, an upgrade moved it."""
    try:
        part = getattr(import_module(module), name, None) or import_module(f"{module}.{name}")
    except ImportError:
        part = None
    missing = [used for used in USED[file, module, name] if not hasattr(part, used)]

    assert part is not None, f"{module} has no {name} any more: mend {file}, or keep the older version"
    assert not missing, f"{module}.{name} has no {', '.join(missing)} any more: mend {file}, or keep the older version"
