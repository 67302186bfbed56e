"""What a chart makes up anew each time it is rendered, such as passwords, certificates and times: no change of the files moves it."""

import re
from collections.abc import Iterator, Mapping, Sequence

from remediation.errors import Refused
from remediation.gitops.fieldpath import MISSING, Path, differences, format_path, get, put
from remediation.gitops.index import Tree, is_under
from remediation.gitops.render import render
from remediation.gitops.rendered import Difference, Rendered, difference
from remediation.gitops.renderings import Rendering
from remediation.gitops.workspace import Workspace
from remediation.terms import Json, ObjectRef

_MAKING = re.compile(rb"\b(?:rand[A-Z]\w+|gen[A-Z]\w+|uuidv4|now|htpasswd|bcrypt|shuffle|encryptAES)\b")
MadeUp = Mapping[ObjectRef, frozenset[Path]]


def made_up(tree: Tree, rendering: Rendering, rendered: Rendered) -> MadeUp:
    """The fields that differ when the same tree is rendered again; nothing where no template asks for such things."""
    if rendering.kind != "helm" or not _may_make_up(tree, rendering.path):
        return {}
    workspace = Workspace()  # of its own: the other keeps what was printed
    try:
        again = render(workspace, tree, rendering)
    except Refused:
        return {}
    finally:
        workspace.close()
    both = [pair for pair in difference(rendered, again) if MISSING not in pair[1:]]
    return {ref: frozenset(path for path, _, _ in differences(one, other)) for ref, one, other in both}


def made_up_told(found: MadeUp) -> Iterator[str]:
    """A sentence for each object."""
    for ref, paths in found.items():
        named = ", ".join(sorted(map(format_path, paths)))
        yield f"{named} of {ref} was not compared: the chart makes it up anew each time."


def _may_make_up(tree: Tree, chart: str) -> bool:
    inside = (path for path in tree if is_under(path, chart))
    return any(path.endswith(".tgz") or ("templates/" in path and _MAKING.search(tree[path].content)) for path in inside)


def without(moved: Sequence[Difference], unsteady: MadeUp) -> list[Difference]:
    """What moved besides."""
    steady = [(ref, base, _steadied(base, head, unsteady.get(ref, frozenset()))) for ref, base, head in moved]
    return [(ref, base, head) for ref, base, head in steady if base is MISSING or head is MISSING or base != head]


def _steadied(base: Json, head: Json, paths: frozenset[Path]) -> Json:
    for path in paths:
        if MISSING not in (get(base, path), get(head, path)):
            head = put(head, path, get(base, path))
    return head
