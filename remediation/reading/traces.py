"""Many lines that say one thing: stack traces with their causes, panics, and messages that go on below their first line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_FRAME = re.compile(
    r"^\s+at \S|^\s+File \"|^\s+\.\.\. \d+ (?:more|common)|^goroutine \d+|^\s+\S+\.go:\d+|^#\d+ |^\s+#\d+ |^\s+from \S+:\d+|"
    r"^\s+\d+: (?:0x)?[\w:<]|^Stack ?trace:|^stack backtrace:|^note: run with|^\s+thrown in |^--- End of |^\s+--- End of |"
    r"^created by \S|^\s*\^+\s*$|^[\w.*/()-]+\([^)]{0,300}\)$|^\s+[~^]+\s*$|^\t+/"
)
_CAUSE = re.compile(
    r"^\s*(?:Caused by|Suppressed|Cause|\[cause\]|caused by)\b ?:?|^\s*---> |"
    r"^.{0,60}?\b(?:DETAIL|HINT|CONTEXT):  "  # PostgreSQL's
)
_CHAINED = ("During handling of the above exception", "The above exception was the direct cause")
_TRACEBACK = "Traceback (most recent call last)"
_LEVEL = re.compile(r"\b(?:FATAL|CRITICAL|ERROR|SEVERE|WARN(?:ING)?|INFO|DEBUG|[Ee]rror|fatal)\b")
_OPENS = ("fail:", "crit:", "Unhandled", "Uncaught", "panic", "Exception")
_REPORT = " REPORT==== "  # the head of a message of Erlang's, which begins below it
_MOST_PARTS = 8
_LONGEST = 4000
_LONGEST_PART = 600


@dataclass
class _Held:
    """What was read of one message.

    frames: inside the frames of a Python traceback.  traced: it has had one.  chained: another one follows.  expects: lines at the margin
    that still belong to it.
    """

    parts: list[str] = field(default_factory=list)
    frames: bool = False
    traced: bool = False
    chained: bool = False
    expects: int = 0

    def add(self, text: str) -> None:
        """The first parts and the last one: a trace names its true cause first or last."""
        part = text.strip()[:_LONGEST_PART]
        if len(self.parts) < _MOST_PARTS:
            self.parts.append(part)
        else:
            self.parts[-1] = part

    def __str__(self) -> str:
        return "; ".join(self.parts) or _TRACEBACK


def joined(lines: Sequence[str]) -> Iterator[str]:
    """One text a message. Frames are left away; every cause, and what an indented line adds, stays with its beginning."""
    held: _Held | None = None
    gap = False
    for line in lines:
        if not line.strip():
            gap = True
            continue
        if held is None or _begins(line, held) or not _belongs(line, held, gap=gap):
            if held is not None:
                yield str(held)
            held = _begun(line)
        gap = False
    if held is not None:
        yield str(held)


def _begins(line: str, held: _Held) -> bool:
    """Whether the line is plainly a message of its own: most lines are, and need no closer look."""
    return line[0] in "0123456789[{" and not held.frames and not held.expects and ":  " not in line[:90]


def _begun(line: str) -> _Held:
    if line.startswith(_TRACEBACK):
        return _Held(frames=True, traced=True)
    text = line.rstrip()[:_LONGEST]
    telling = "panicked at" in text or "validation error" in text or _REPORT in text
    return _Held(parts=[text], expects=_more_after(text) if telling else 0)


def _more_after(text: str) -> int:
    """How many lines at the margin still tell of it."""
    return 3 if "validation error" in text or _REPORT in text else 1 if text.endswith(":") else 0


def _belongs(line: str, held: _Held, *, gap: bool) -> bool:
    """Whether the line goes on with what is held, into which it is taken."""
    if gap:
        held.expects = 0
    if line.startswith((*_CHAINED, _TRACEBACK)):
        return _chains(line, held, gap=gap)
    if held.frames:
        return _of_traceback(line, held)
    if _CAUSE.match(line):
        held.add(line)
        return True
    return _FRAME.match(line) is not None or _adds(line, held, gap=gap)


def _chains(line: str, held: _Held, *, gap: bool) -> bool:
    """Whether a traceback goes on with the message before it, or with the traceback that led to it."""
    if line.startswith(_CHAINED):
        held.chained = True
        return held.traced
    held.frames = held.chained or not (gap or held.traced)
    held.traced, held.chained = held.traced or held.frames, False
    return held.frames


def _of_traceback(line: str, held: _Held) -> bool:
    """Frames are indented; what stands at the margin is the exception."""
    if line[0] not in " \t":
        held.frames = False
        held.add(line)
        held.expects = _more_after(line.rstrip())
    return True


def _adds(line: str, held: _Held, *, gap: bool) -> bool:
    """Text below a message of trouble adds to it; other indented text, as of a banner, is a message of its own."""
    if line[0] not in " \t":
        adds = held.expects > 0
        held.expects -= adds
    else:
        first = held.parts[0] if held.parts else ""
        adds = bool(_LEVEL.search(first[:160])) or held.traced or held.expects > 0 or line[0] == "\t" or len(held.parts) > 1
        adds = not gap and (adds or first.startswith(_OPENS) or first.endswith((":", "{", "[", "(")))
    if adds:
        held.add(line)
    return adds
