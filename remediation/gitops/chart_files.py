"""Files of a chart that its templates read by themselves (`.Files.Get`), and what they give of a rendered field."""

import posixpath
import re
from collections.abc import Iterator

from remediation.errors import Unreadable
from remediation.gitops.charts import chart_folders
from remediation.gitops.document import decoded
from remediation.gitops.fieldpath import MISSING, Path, leaves
from remediation.gitops.helm_keys import derived
from remediation.gitops.index import SUFFIXES, Tree, is_under
from remediation.gitops.remotes import FETCHED
from remediation.gitops.sites import FieldSite, FileSite, value_in
from remediation.gitops.wanted import Wanted
from remediation.gitops.writes import Choice, Write
from remediation.terms import Json

_READS = re.compile(rb"\.Files\.(?:Get|Glob|Lines|AsConfig|AsSecrets)\b|\.AsConfig\b")
_NOT_READ = ("templates", "charts", "crds")
_OFFERED = 8


def said_in_files(tree: Tree, chart: str, wanted: Wanted) -> Iterator[Choice]:
    """Each file that is the field's whole text, then each key of one that the field says. Rendering decides."""
    if not isinstance(wanted.now, str | int | float) or wanted.value is MISSING:
        return
    found = [path for folder in chart_folders(tree, chart) if not is_under(folder, FETCHED) for path in _read(tree, folder)]
    for path in found:
        whole = _whole(tree[path].content, wanted)
        if whole is not MISSING:
            yield Choice(writes=(Write(FileSite(path=path), whole),), key=path, certain=True)
    said = [(path, key, value) for path in found if path.endswith(SUFFIXES) for key, value in _keys(tree[path].content, wanted)]
    for path, key, value in said[:_OFFERED]:
        site = FieldSite(path=path, field=key)
        yield Choice(writes=(Write(site, value),), key=path, certain=True)


def _read(tree: Tree, chart: str) -> list[str]:
    """The files beside a chart's templates, where one of those reads files."""
    templates = posixpath.normpath(posixpath.join(chart, "templates"))
    if not any(_READS.search(blob.content) for path, blob in tree.items() if is_under(path, templates)):
        return []
    apart = [posixpath.normpath(posixpath.join(chart, folder)) for folder in _NOT_READ]
    own = {posixpath.normpath(posixpath.join(chart, name)) for name in ("Chart.yaml", "values.yaml")}
    return sorted(path for path in tree if is_under(path, chart) and path not in own and not any(is_under(path, each) for each in apart))


def _whole(content: bytes, wanted: Wanted) -> Json:
    """The file's new text, with its own last line's end; MISSING where it is not the field's text."""
    try:
        text = decoded(content)
    except Unreadable:
        return MISSING
    body = text.rstrip("\n")
    if not body or not isinstance(wanted.value, str) or body != str(wanted.now).rstrip("\n"):
        return MISSING
    return wanted.value.rstrip("\n") + text[len(body) :]


def _keys(content: bytes, wanted: Wanted) -> Iterator[tuple[Path, Json]]:
    try:
        value = value_in(content, 0)
    except Unreadable:
        return
    for key, leaf in leaves(value) if isinstance(value, dict | list) else ():
        new = derived(leaf, wanted.now, wanted.value)
        if new is not MISSING:
            yield key, new
