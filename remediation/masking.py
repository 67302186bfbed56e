"""Secrets out of everything that is read: what looks like a secret, and what stands beside a word that announces one.

A masked value reads `[masked:kind]`; masking twice changes nothing. Every rule begins at a literal and every repetition is bounded, so the
time grows with the text and with nothing else; a rule whose literals the text does not hold is not run.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from remediation.terms import Json

_WORDS = (
    r"pass(?:word|wd|phrase)|passwort|pwd(?!\W{1,3}/)|(?<!existing)(?<!pull)secret(?:[_-]?key(?:[_-]?base)?)?|token|credentials?"
    r"|(?:api|access|account|private|signing|encryption|master|auth|app|license)[_-]?key|(?<=[_.-])pass|(?-i:_KEY|\b[A-Z]{0,20}KEY)"
    r"|(?<=[\"'])auth(?=\\?[\"'])|connection[_-]?string"
)
_HARMLESS = r"\[masked:|<set to the|<unset>|<none>|\$[({]\w{1,80}[)}]|(?:true|false|null|none|nil|expired|invalid|missing|required)\b"
_VALUE = (
    rf'(?!\\?["\']?(?:{_HARMLESS}))'
    r'(?:\\"[^"\\\n]{1,4096}|"(?:[^"\\\n]|\\.){1,4096}|\'[^\'\n]{1,4096}|[^\s"\',;&{[\\](?:[^\s"\',;&\\]|,(?=[^\s,=:]{1,80}(?:\s|$))){0,4096})'
)
_PROSE = r'(?-i:[a-z]{1,30} [a-z"])'  # `token: unexpected end of input` announces no token

_SENSITIVE_KEY = re.compile(rf"(?:{_WORDS}|^auth|authorization|cookie|(?-i:_DSN))$", re.IGNORECASE)
_SENSITIVE_FLAG = re.compile(rf"--?[\w.-]{{0,60}}(?:{_WORDS})", re.IGNORECASE)
_REFERENCE = re.compile(rf"(?:{_HARMLESS}|$)", re.IGNORECASE)
_MASKED_PASSES = 4  # a second pass meets what the first one uncovered; more is never needed in practice
_RANDOM_FROM_BITS = 3.0  # Shannon entropy of a character: words stay below it, sixteen random characters do not

_YAML_SECRET = re.compile(r"^[ \t]*(?:- )?kind:[ \t]*Secret[ \t]*\r?$", re.MULTILINE)
_YAML_OBJECT = re.compile(r"^(?=---|[ \t]*- apiVersion:|apiVersion:)", re.MULTILINE)
_YAML_DATA = re.compile(r"(?P<indent>[ \t]*(?:- )?)(?:data|stringData):[ \t]*\r?$")
_YAML_MEMBER = re.compile(r"(?P<key>[ \t]*(?:[\w.-]{1,253}:[ \t]*)?)\S.*")
_JSON_SECRET = re.compile(r'"kind\\?"\s{0,8}:\s{0,8}\\?"Secret\\?"')
_JSON_DATA = re.compile(r'(\\?"(?:data|stringData)\\?"\s{0,40}:\s{0,40}\{)([^{}]{1,200000})(\})')
_JSON_MEMBER = re.compile(r'(\\?"[\w.-]{1,253}\\?"\s{0,20}:\s{0,20}\\?")([^"\\]{1,100000})(\\?")')


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One look of a secret. hints: lower-case literals, of which the text must hold one."""

    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    replace: str | Callable[[re.Match[str]], str]


def _rule(hints: str, pattern: str, replace: str | Callable[[re.Match[str]], str], flags: re.RegexFlag = re.IGNORECASE) -> Rule:
    return Rule(hints=tuple(hints.split()), pattern=re.compile(pattern, flags), replace=replace)


def _kind(word: str) -> str:
    return next((kind for kind in ("password", "token", "secret", "credential", "key") if kind in word.lower()), "password")


def _named(match: re.Match[str]) -> str:
    """An opening quote is kept, so that what is JSON stays JSON."""
    quote = re.match(r"\\?[\"']|", match["value"])
    return f"{match['before']}{quote[0] if quote else ''}[masked:{_kind(match['word'])}]"


def _if_random(match: re.Match[str]) -> str:
    return f"{match['before']}[masked:{_kind(match['word'])}]" if _random(match["value"]) else match[0]


def _if_coded(match: re.Match[str]) -> str:
    """A bearer token mixes cases or holds a digit or a sign; `basic authentication` does not."""
    return f"{match['before']}[masked:bearer]" if re.search(r"[a-z][A-Z]|[\d=_.]", match["value"]) else match[0]


def _random(value: str) -> bool:
    """Whether this is a random string and not a name of words (`db-credentials-v2`), of which Kubernetes is full."""
    words = re.fullmatch(r"/?[a-z0-9]+(?:[-./_][a-z0-9]+)+/?", value)
    if words or not (re.search(r"\d", value) and re.search(r"[A-Za-z]", value)):
        return False
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
    return bits >= _RANDOM_FROM_BITS


_SHAPES: Sequence[Rule] = (
    _rule(
        "-----begin",
        r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?:[^-]|-(?!----)){0,20000}-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|(?:\\[rn]|[a-z0-9+/=\s]){0,20000})",
        "[masked:private_key]",
    ),
    _rule("akia asia", r"(?<![a-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![a-z0-9])", "[masked:aws_key]"),
    _rule("xox xapp-", r"(?<![a-z0-9])(?:xox[a-z]|xapp)[-.][a-z0-9.-]{10,300}", "[masked:slack_token]"),
    _rule("hooks.slack.com", r"(?<=hooks\.slack\.com)/(?:services|workflows|triggers)/[a-z0-9/_+-]{8,250}", "/[masked:slack_token]"),
    _rule("gl gr1348941", r"(?<![a-z0-9])(?:gl(?:[a-z]{1,6})-|GR1348941)[a-z0-9_-]{20,300}", "[masked:gitlab_token]"),
    _rule("gh github_pat_", r"(?<![a-z0-9])(?:gh[opusr]_[a-z0-9]{30,255}|github_pat_[a-z0-9_]{22,255})", "[masked:github_token]"),
    _rule("eyj", r"(?<![\w-])eyJ[\w-]{8,4096}\.[\w-]{8,8192}(?:\.[\w-]{0,4096}){0,3}", "[masked:jwt]"),
    _rule(
        "sk- k_live_ k_test_ aiza npm_ hf_ hvs. hvb. sg. pypi- dop_v1_ ya29.",
        r"(?<![a-z0-9])(?:sk-[\w-]{20,250}|[rs]k_(?:live|test)_[a-z0-9]{16,250}|AIza[\w-]{35}|npm_[a-z0-9]{36}|hf_[a-z0-9]{30,60}"
        r"|hv[sb]\.[\w-]{20,250}|SG\.[\w-]{16,40}\.[\w-]{16,80}|pypi-[\w-]{40,250}|dop_v1_[a-f0-9]{64}|ya29\.[\w-]{20,500})",
        "[masked:api_key]",
    ),
    _rule(
        "://",
        r"(?<=://)(?P<user>[^\s/@:'\"<>]{0,256}):(?!\[masked:|\d{1,5}/)[^\s'\"<>]{1,512}?@"
        r"(?=[^\s@'\"<>]{0,512}(?:[/:?,;\s'\"<>\\]|$))",  # the last @ before the host: a password may hold one
        r"\g<user>:[masked:password]@",
    ),
    _rule(
        "@tcp( @unix( @(",
        r"(?<![\w.\[-])(?P<user>[\w.-]{1,64}):(?!\[masked:)[^\s\"'@]{1,256}@(?=(?:tcp|unix)?\()",
        r"\g<user>:[masked:password]@",
    ),
    _rule(
        "authorization",
        rf"(?P<before>authorization\\?[\"']?[ \t]{{0,8}}[:=][ \t]{{0,8}}\\?[\"']?(?!{_PROSE})(?:[a-z]{{1,20}}[ \t]{{1,4}})?)"
        r"(?!\[masked:|realm=)[\w.~+/=:-]{6,8192}",
        r"\g<before>[masked:authorization]",
    ),
    _rule("bearer basic", r"(?P<before>\b(?:bearer|basic)[ \t]{1,4})(?!realm=)(?P<value>[\w.~+/=-]{8,8192})", _if_coded),
    _rule(
        "cookie",
        r"(?P<before>\bcookie\\?[\"']?[ \t]{0,8}[:=][ \t]{0,8}\\?[\"']?)(?!\[masked:)[^\s\"'][^\n\"']{0,8192}",
        r"\g<before>[masked:cookie]",
    ),
)
_STEMS = ("pass", "pwd", "secret", "token", "credential", "key", "auth", "connection", "_dsn")
_ANNOUNCED: Sequence[Rule] = (
    _rule(  # an environment variable of a manifest, as YAML and as JSON
        " ".join(_STEMS),
        rf"(?P<before>\bname\\?[\"']?:[ \t]{{0,8}}\\?[\"']?[\w.-]{{0,80}}?(?P<word>{_WORDS}|(?-i:_DSN))\\?[\"']?,?[ \t]{{0,4}}\r?\n?"
        rf"[ \t]{{0,80}}\\?[\"']?value\\?[\"']?:[ \t]{{0,8}})(?P<value>{_VALUE})",
        _named,
    ),
    _rule(  # a flag and its value
        " ".join(_STEMS),
        rf"(?P<before>(?<![\w-])--[\w.-]{{0,40}}?(?P<word>{_WORDS})[ \t]{{1,4}})(?!-)(?P<value>{_VALUE})",
        _named,
    ),
    _rule(  # `word = value` and `word: value`
        " ".join(_STEMS),
        rf"(?P<before>(?P<word>{_WORDS})\\?[\"']?[ \t]{{0,40}}(?::=|=>?|:(?![ \t]{{0,60}}{_PROSE}))[ \t]{{0,60}})(?P<value>{_VALUE})",
        _named,
    ),
    _rule(  # a random string that a word announces
        " ".join(_STEMS),
        rf"(?P<before>\b(?P<word>{_WORDS}|key)\b[^\w\n]{{1,4}}(?:(?:is|was|of|with|value)[^\w\n]{{1,3}})?)(?P<value>[\w+/=.-]{{16,512}})",
        _if_random,
    ),
)
_COMMANDS: Sequence[Rule] = (
    _rule(
        "mysql mariadb",
        r"(?P<before>\b(?:mysql|mariadb)\w{0,12}\b[^\n|;]{0,200}?\s-p)(?!\[masked:)[^\s-][^\s]{0,256}",
        r"\g<before>[masked:password]",
    ),
    _rule(
        "curl",
        r"(?P<before>\bcurl\b[^\n|;]{0,200}?\s(?:-u|--user)[ =][\"']?[\w.@-]{1,64}:)(?!\[masked:)[^\s\"']{1,256}",
        r"\g<before>[masked:password]",
    ),
)

_HINTS = {hint for rule in (*_SHAPES, *_COMMANDS, *_ANNOUNCED) for hint in rule.hints}


def mask(text: str) -> str:
    """The text with every secret that we know the look of replaced by `[masked:kind]`. Idempotent."""
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):  # ten times as quick as one pattern of them all
        return text
    for _ in range(_MASKED_PASSES):
        before, text = text, _pass(text)
        if text == before:
            break
    return text


def _pass(text: str) -> str:
    lowered = text.lower()
    text = _apply((*_SHAPES, *_COMMANDS), text, lowered)
    if any(stem in lowered for stem in _STEMS):
        text = "\n".join(_apply(_ANNOUNCED, part, part.lower()) for part in _announcing(text))
    if "secret" in lowered and "data" in lowered and "kind" in lowered:
        text = _secret_manifests(text)
    return text


def _apply(rules: Sequence[Rule], text: str, lowered: str) -> str:
    for rule in rules:
        if any(hint in lowered for hint in rule.hints):
            text = rule.pattern.sub(rule.replace, text)
    return text


def _announcing(text: str) -> Iterator[str]:
    """The lines, those with an announcing word together with the line below it, where its value may stand; the others by themselves."""
    together: list[str] = []
    announced = False
    for line in text.split("\n"):
        lowered = line.lower()
        announces = any(stem in lowered for stem in _STEMS)
        if together and not announced and not announces:
            yield "\n".join(together)
            together = []
        together.append(line)
        announced = announces
    yield "\n".join(together)


def mask_object(obj: Json) -> Json:
    """A copy of any JSON without secrets: Secret data, values of sensitive variables, flags and keys, and what `mask` finds in a string."""
    if isinstance(obj, str):
        return mask(obj)
    if isinstance(obj, Mapping):
        return _mask_mapping(obj)
    if isinstance(obj, list | tuple):
        return _mask_items(obj)
    return obj


def _mask_mapping(obj: Mapping[str, Json]) -> dict[str, Json]:
    secret = obj.get("kind") == "Secret"
    name = obj.get("name")
    variable = isinstance(name, str) and isinstance(obj.get("value"), str) and _is_sensitive(name)
    masked: dict[str, Json] = {}
    for key, value in obj.items():
        if secret and key in {"data", "stringData"} and isinstance(value, Mapping):
            masked[key] = dict.fromkeys(value, "[masked:secret_data]")
        elif isinstance(value, str) and ((variable and key == "value") or _is_sensitive(str(key))):
            masked[key] = _inline(value, str(name) if variable else str(key))
        else:
            masked[key] = mask_object(value)
    return masked


def _mask_items(items: Sequence[Json]) -> list[Json]:
    """`["--password", "x"]`: what follows a sensitive flag is its value."""
    masked: list[Json] = []
    previous: Json = None
    for item in items:
        flagged = isinstance(previous, str) and isinstance(item, str) and _SENSITIVE_FLAG.fullmatch(previous) and not item.startswith("-")
        masked.append(_inline(item, previous) if flagged else mask_object(item))
        previous = item
    return masked


@lru_cache(maxsize=4096)
def _is_sensitive(name: str) -> bool:
    return _SENSITIVE_KEY.search(name) is not None


def _inline(value: str, name: str) -> str:
    return value if _REFERENCE.match(value) else f"[masked:{_kind(name)}]"


def _secret_manifests(text: str) -> str:
    """Data of Secrets that were printed as JSON or YAML; in JSON only what is base64, since a list may hold ConfigMaps too."""
    if _JSON_SECRET.search(text):
        text = _JSON_DATA.sub(lambda block: block[1] + _JSON_MEMBER.sub(_if_base64, block[2]) + block[3], text)
    if _YAML_SECRET.search(text):
        text = "".join(_yaml_secret(part) if _YAML_SECRET.search(part) else part for part in _YAML_OBJECT.split(text))
    return text


def _if_base64(member: re.Match[str]) -> str:
    coded = len(member[2]) % 4 == 0 and re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", member[2])
    return f"{member[1]}[masked:secret_data]{member[3]}" if coded else member[0]


def _yaml_secret(manifest: str) -> str:
    masked: list[str] = []
    block = math.inf  # the indentation of the `data:` that we are inside of
    for line in manifest.split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        if line.strip() and indent <= block:
            block = math.inf
        masked.append(_YAML_MEMBER.sub(r"\g<key>[masked:secret_data]", line) if line.strip() and indent > block else line)
        if opening := _YAML_DATA.match(line):
            block = len(opening["indent"])
    return "\n".join(masked)
