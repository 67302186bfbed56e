"""A report cut into what was pasted into it: fenced blocks under their headings, files behind each other, each a text of its own."""

import re
from collections.abc import Iterator, Sequence

from remediation.reading.command import command_in, dumped_in

_FENCE = re.compile(r"(?P<mark>```+|~~~+)[ \t]*(?P<form>[\w+.-]{0,20})[^`\n]{0,80}$")
_RULED = re.compile(  # `==> NAME <==`, `=== NAME ===`, `--- NAME`, `# ---- NAME ----`, `##### NAME #####`, `*** NAME ***`
    r"(?:[#;/]{1,2} ?)?(?P<rule>[=#*_~-])(?P=rule){1,79}[>\s]\s{0,4}(?P<name>[^\s=#*_~-][^\n]{0,120}?)(?:\s{0,4}[<\s](?P=rule){2,80})?\s*$"
)
_FILE = re.compile(r"[\w./-]{0,100}\w\.(?:ya?ml|json|txt|logs?|out|csv|tsv|md)\b")
_SHOWN = re.compile(
    r"(?i:\b(?:logs?|events?|describe|description|manifests?|ya?ml|json|stdout|stderr|output)\b)|\bget [a-z]{2,20}\b|\b(?:kubectl|oc) [a-z]"
)
_INLINE = re.compile(r"`((?:sudo )?(?:kubectl|oc|k) [^`\n]{1,300})`")
_MARKUP = re.compile(r"[`*_#<>]|</?\w{1,10}>")
_PROMPT = re.compile(
    r"(?:\(\w{1,40}\) )?(?:\[?[\w.-]{1,60}@[\w.-]{1,80}[^$#\n]{0,80}[$#]|[$%❯➜»]) ?(?P<name>(?:\./)?[a-z][\w./-]{0,60}(?: [^\n]{0,300})?)$"
)
_VIEWED = re.compile(r"[$#%❯➜»] ?(?:sudo )?(?:cat|less|more|head|tail|bat|zcat|jq|yq)(?: |$)")
_DOCUMENT = re.compile(r"[{\[]|---|(?:apiVersion|kind|items):")
_WORD = re.compile(r"[A-Za-z0-9][\w.-]{0,200}")
_LOG = re.compile(r"(?i:\b(?:logs?|stdout|stderr|stern|journalctl|dmesg)\b)")
_USUAL = frozenset({  # words of a heading that name nobody
    "a", "an", "and", "are", "as", "at", "below", "cat", "command", "console", "container", "deployment", "describe", "description",
    "docker", "for", "from", "get", "here", "in", "is", "its", "json", "kubectl", "last", "less", "lines", "log", "logs", "more",
    "namespace", "oc", "of", "on", "output", "pod", "pods", "previous", "service", "sh", "shows", "some", "tail", "text", "the", "this",
    "what", "yaml"
})  # fmt: skip
_LONGEST = 80
_ABOVE = 3  # lines over a block in which its name is looked for


def pieces(text: str, name: str) -> Sequence[tuple[str, str]]:
    """(name, text) of each piece in their order; the text as it is, under the name of its file, where nothing in it says more.

    A name is the heading, or the command, above a piece; what stands around the fenced blocks is a piece, too.
    """
    cut = [*_fenced(text.split("\n"))] if "```" in text or "~~~" in text else []
    if len(cut) < 2 and _may_be_ruled(text):  # noqa: PLR2004 - the one block is all of it
        cut = [*_ruled(text.split("\n"))]
    return [(title or name, "\n".join(lines)) for title, lines in cut] if any(title for title, _ in cut) else [(name, text)]


def _fenced(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Blocks between fences, each named by what stands above it; and the prose around them in one piece."""
    prose, block, mark, title, since = list[str](), list[str](), "", "", 0
    for line in lines:
        fence = _FENCE.match(line)
        if mark and line.strip() == mark:
            yield title, block
            mark, since = "", len(prose)
        elif mark:
            block.append(line)
        elif fence:
            mark = fence["mark"]
            title, block = _headed(prose[since:], fence["form"])
        else:
            prose.append(line)
    if mark and block:
        yield title, block  # never closed
    if any(map(str.strip, prose)):
        yield "", prose


def _headed(prose: Sequence[str], form: str) -> tuple[str, list[str]]:
    """What a block is called by the lines above it, and its first line: the command among them that printed it."""
    above = [line for line in prose if line.strip()][-_ABOVE:]
    for line in reversed(above):
        bare = _MARKUP.sub("", line).strip()
        shown = next((one for one in (*_INLINE.findall(line), bare) if command_in(one)), None)
        if shown is not None:
            return called(bare, form), [shown]
    return called(_MARKUP.sub("", above[-1]) if above else "", form), []


def called(heading: str, form: str = "") -> str:
    """The name of a file with what stands below a heading: the file that it names, else its words but those that any heading has.

    form: of a fenced block, such as yaml or log; empty where it does not say.
    """
    files = _FILE.findall(heading)
    if files:
        return str(files[-1])
    words = [word for word in _WORD.findall(heading) if word.lower() not in _USUAL]
    return f"{'-'.join(words)[:_LONGEST] or 'pasted'}.{'log' if _LOG.search(f'{heading} {form}') else 'txt'}"


def _may_be_ruled(text: str) -> bool:
    return any(rule in text for rule in ("==", "--", "##", "**", "__", "~~", "$ ", "# ", "% ", "❯", "➜", "»"))


def _ruled(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """What stands between ruled lines that name a file or what is shown, and between the commands at a shell's prompt."""
    heading, piece = "", list[str]()
    for line in lines:
        if _begins(line):
            yield from _piece(heading, piece)
            heading, piece = line, []
        else:
            piece.append(line)
    yield from _piece(heading, piece)


def _begins(line: str) -> bool:
    """Whether a piece begins below this line."""
    if line[:1] in "=#*_~-;/" and not dumped_in(line) and (ruled := _RULED.match(line)):
        return _FILE.fullmatch(ruled["name"].strip()) is not None or _SHOWN.search(ruled["name"]) is not None
    return ("$" in line[:200] or "#" in line[:200] or line[:1] in "%❯➜»") and _PROMPT.match(line) is not None


def _piece(heading: str, lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """What was shown below a heading; with the command in that, where it says more than which file is shown."""
    told = next((line for line in lines if line.strip()), "")
    if not heading or not told:
        yield from [("", lines)] if told else ()
        return
    ruled = _RULED.match(heading)
    shown = ruled["name"].strip() if ruled else heading
    of_kubectl = command_in(shown) is not None
    says = of_kubectl or (ruled is None and not _VIEWED.search(shown) and not _DOCUMENT.match(told))
    prompt = _PROMPT.match(shown)
    yield called(prompt["name"] if prompt else shown), [shown, *lines] if says else lines
