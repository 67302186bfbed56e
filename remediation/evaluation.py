"""Cases with known answers, played against a reasoner: how often it names the cause, the object and the mend, and stays still."""

import itertools
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from remediation.errors import Unusable
from remediation.explaining import Explained, explain
from remediation.remedies import Catalogue
from remediation.terms import Json

BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What `expected.yaml` says. object: `Kind/namespace/name`, empty where it is not asked."""

    must_mention: tuple[str, ...] = ()
    fix_kind: str = ""
    object: str = ""

    @property
    def fix_kinds(self) -> tuple[str, ...]:
        """The word itself, and each of those that `_or_` joins."""
        return (self.fix_kind, *self.fix_kind.split("_or_"))

    @property
    def no_merge_request(self) -> bool:
        """Whether nothing may be proposed."""
        return self.fix_kind.startswith("none")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One case. object_right: None where the case does not ask for it.  missing: what the cause did not mention."""

    case: str
    cause_named: bool
    object_right: bool | None
    fix_kind_right: bool
    mentioned: int
    must_mention: int
    wrong_merge_request: bool
    confidence: float
    seconds: float
    fix_kind: str
    expected_fix_kind: str
    kind: str
    missing: tuple[str, ...]


def cases_in(folder: Path) -> Sequence[Path]:
    """The folders of cases: those that hold an expected.yaml, the folder itself too. Raises Unusable when there is none."""
    found = sorted(path.parent for path in folder.rglob("expected.yaml")) if folder.is_dir() else []
    if not found:
        raise Unusable(f"{folder} holds no case.", "Name a folder of folders, each with an expected.yaml.")
    return found


def expected_of(case: Path) -> Expected:
    """What a case expects. Raises Unusable naming the file."""
    try:
        written = yaml.safe_load((case / "expected.yaml").read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise Unusable(f"{case / 'expected.yaml'} cannot be read: {error}.", "Mend it.") from error
    if not isinstance(written, dict):
        raise Unusable(f"{case / 'expected.yaml'} is no mapping.", "Write root_cause, expected_fix_kind and must_mention.")
    mention = tuple(str(word) for word in written.get("must_mention") or ())
    return Expected(must_mention=mention, fix_kind=str(written.get("expected_fix_kind") or ""), object=str(written.get("object") or ""))


async def play(case: Path, catalogue: Catalogue) -> Judged:
    """One case, read and reasoned on by the rulebook, beside its answer."""
    began = time.perf_counter()
    explained = await explain([case], "", catalogue)
    return judge(case.name, expected_of(case), explained, time.perf_counter() - began)


def judge(name: str, expected: Expected, explained: Explained, seconds: float) -> Judged:
    """How an answer stands to what was expected."""
    document = explained.document()
    cause = document["cause"] or {"subject": "", "text": "", "kind": ""}
    said = f"{cause['subject']} {cause['text']}".lower()
    missing = tuple(word for word in expected.must_mention if word.lower() not in said)
    return Judged(
        case=name,
        cause_named=bool(document["cause"]) and not missing,
        object_right=_same(expected.object, str(cause["subject"])) if expected.object else None,
        fix_kind_right=document["fix_kind"] in expected.fix_kinds,
        mentioned=len(expected.must_mention) - len(missing),
        must_mention=len(expected.must_mention),
        wrong_merge_request=expected.no_merge_request and bool(document["plans"]),
        confidence=float(document["confidence"]),
        seconds=round(seconds, 3),
        fix_kind=str(document["fix_kind"]),
        expected_fix_kind=expected.fix_kind,
        kind=str(cause["kind"]),
        missing=missing,
    )


def _same(expected: str, subject: str) -> bool:
    """Whether the subject is the object, whatever container of it is named."""
    return subject == expected or re.sub(r"^([^/]+/[^/]*/[^/]+)/.*$", r"\1", subject) == expected


def summary(judged: Sequence[Judged]) -> Mapping[str, Json]:
    """As `suture eval --json` prints it."""
    asked = [one for one in judged if one.object_right is not None]
    return {
        "totals": {
            "cases": len(judged),
            "cause_named": sum(one.cause_named for one in judged),
            "object_right": sum(bool(one.object_right) for one in asked) if asked else None,
            "fix_kind_right": sum(one.fix_kind_right for one in judged),
            "must_mention": f"{sum(one.mentioned for one in judged)}/{sum(one.must_mention for one in judged)}",
            "wrong_merge_requests": sum(one.wrong_merge_request for one in judged),
            "seconds": round(sum(one.seconds for one in judged), 3),
            "tokens": 0,
            "cost": 0.0,
        },
        "confidence_bins": bins(judged),
        "cases": [asdict(one) for one in judged],
    }


def bins(judged: Sequence[Judged]) -> Sequence[Mapping[str, Json]]:
    """For each bin of confidence how many cases there are, and the fraction whose fix kind was right; None for an empty one."""
    found = []
    for low, high in itertools.pairwise(BINS):
        inside = [one for one in judged if low <= one.confidence < high or (high == BINS[-1] and one.confidence == high)]
        right = sum(one.fix_kind_right for one in inside) / len(inside) if inside else None
        found.append({"from": low, "to": high, "cases": len(inside), "right": round(right, 2) if right is not None else None})
    return found
