"""Cases with known answers: folders of evidence, each with an expected.yaml that says what a good answer holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from remediation.errors import Unusable
from remediation.terms import Json

_EXPECTED = "expected.yaml"
_CLARIFY = "none_or_clarify"
_SHAPE = "Write expected_fix_kind (a word), must_mention (a list of words) and, where it is asked, object (Kind/namespace/name)."


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What `expected.yaml` says. object: `Kind/namespace/name`, empty where it is not asked."""

    must_mention: tuple[str, ...] = ()
    fix_kind: str = ""
    object: str = ""

    @property
    def fix_kinds(self) -> tuple[str, ...]:
        """The word itself, and each of those that `_or_` joins; `none_or_clarify` is one of them, and stands for none, too."""
        return (self.fix_kind, *self.fix_kind.split("_or_"), *([_CLARIFY] if _CLARIFY in self.fix_kind else ()))

    @property
    def no_merge_request(self) -> bool:
        """Whether nothing may be proposed."""
        return self.fix_kind.startswith("none")


def cases_in(folder: Path) -> Sequence[Path]:
    """The folders of cases: those that hold an expected.yaml, the folder itself too.

    Raises Unusable when there is none, and naming every folder in it that holds none: a case that is left out would flatter.
    """
    if not folder.exists():
        raise Unusable(f"There is no {folder}.", "Name a folder of folders, each with an expected.yaml.")
    found = sorted(path.parent for path in folder.rglob(_EXPECTED)) if folder.is_dir() else []
    if not found:
        raise Unusable(f"{folder} holds no case.", "Name a folder of folders, each with an expected.yaml.")
    if missing := [path.name for path in _without(folder, found)]:
        raise Unusable(f"{folder} holds folders without an expected.yaml: {', '.join(missing)}.", "Write one for each, or take it away.")
    return found


def _without(folder: Path, cases: Sequence[Path]) -> Iterator[Path]:
    """Folders beside the cases that are none and hold none."""
    if folder in cases:
        return
    inhabited = {parent for case in cases for parent in (case, *case.parents)}
    yield from (path for path in sorted(folder.iterdir()) if path.is_dir() and path.name[0] not in "._" and path not in inhabited)


def expectations(cases: Sequence[Path]) -> Sequence[Expected]:
    """What each expects, before any is played. Raises Unusable naming every file that is wrong."""
    found, wrong = [], []
    for case in cases:
        try:
            found.append(expected_of(case))
        except Unusable as error:
            wrong.append(error.what)
    if wrong:
        raise Unusable("\n".join(wrong), _SHAPE)
    return found


def expected_of(case: Path) -> Expected:
    """What a case expects. Raises Unusable naming the file and the field."""
    path = case / _EXPECTED
    try:
        written = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}.", _SHAPE) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Unusable(f"{path} is not YAML: {' '.join(str(error).split())}.", _SHAPE) from error
    if not isinstance(written, dict):
        raise Unusable(f"{path} is no mapping.", _SHAPE)
    if not isinstance(written.get("must_mention") or [], list):
        raise Unusable(f"{path}: must_mention is no list.", _SHAPE)
    if not written.get("must_mention") and not written.get("expected_fix_kind"):
        raise Unusable(f"{path} expects nothing.", _SHAPE)
    mention = tuple(str(word) for word in written.get("must_mention") or ())
    return Expected(must_mention=mention, fix_kind=_word(written, "expected_fix_kind", path), object=_word(written, "object", path))


def _word(written: dict[str, Json], key: str, path: Path) -> str:
    value = written.get(key) or ""
    if not isinstance(value, str):
        raise Unusable(f"{path}: {key} is no word.", _SHAPE)
    return value
