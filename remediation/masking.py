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
    r"|(?<=[\"'])(?:auth|pass|pw)(?=\\?[\"'])|connection[_-]?string|requirepass|masterauth"
    r"|(?:db|smtp|mail|user|root|admin|redis|mysql|ldap|bind|ftp)(?:pass|pw)|(?<=[_.-])pw|(?<![a-z])(?:pass|pw)(?==)"
)
_VARIABLE = (  # what only an environment variable is called: PASSWORD_1, API_KEY_PROD, TOKENS, REDIS_AUTH
    r"(?-i:(?:PASS(?:WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|CREDENTIAL|(?:API|ACCESS|PRIVATE|SECRET|AUTH|SIGNING|ENCRYPTION)_?KEY)"
    r"(?:S|S?_?V?\d{1,3}|_(?:OLD|NEW|PREV|PREVIOUS|NEXT|CURRENT|PROD|PRODUCTION|STAGING|DEV|TEST|LIVE|BACKUP|PRIMARY|SECONDARY))"
    r"|(?<=_)AUTH|(?<=_)PAT|(?<![A-Z])DSN)"
)
_HARMLESS = r"\[masked:|<set to the|<unset>|<none>|\$[({]\w{1,80}[)}]|(?:true|false|null|none|nil|expired|invalid|missing|required)\b"
_VALUE = (
    rf'(?!\\?["\']?(?:{_HARMLESS})|[|>][+-]?\d?[ \t]{{0,8}}(?:\r?\n|\Z))'
    r'(?:\\"[^"\\\n]{1,4096}|"(?:[^"\\\n]|\\.){1,4096}|\'[^\'\n]{1,4096}|[^\s"\',;&{[\\](?:[^\s"\',;&\\]|,(?=[^\s,=:]{1,80}(?:\s|$))){0,4096})'
)
_PROSE = r'(?-i:[a-z]{1,30} [a-z"])'  # `token: unexpected end of input` announces no token

_SENSITIVE_KEY = re.compile(
    rf"(?:(?:{_WORDS})s?|^auth|^pass|^pw|authorization|cookie|{_VARIABLE}|client-key-data|\.docker(?:cfg|configjson))$", re.IGNORECASE
)
_COUNTED = re.compile(r"\w*s(?![a-z])\w*", re.IGNORECASE)  # `tokens: 1200`, `pass=12`: a plural beside a number counts things
_SENSITIVE_FLAG = re.compile(rf"--?[\w.-]{{0,60}}(?:{_WORDS})", re.IGNORECASE)
_REFERENCE = re.compile(rf"(?:{_HARMLESS}|$)", re.IGNORECASE)
_HOLDERS = frozenset({"value", "raw", "plain", "plaintext", "current", "data"})
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


def _counts(word: str, value: str) -> bool:
    return bool(_COUNTED.fullmatch(word)) and value.isdigit() and len(value) < len("1000000")


def _named(match: re.Match[str]) -> str:
    """An opening quote is kept, so that what is JSON stays JSON."""
    if _counts(match["word"], match["value"]):
        return match[0]
    quote = re.match(r"\\?[\"']|", match["value"])
    return f"{match['before']}{quote[0] if quote else ''}[masked:{_kind(match['word'])}]"


def _if_random(match: re.Match[str]) -> str:
    return f"{match['before']}[masked:{_kind(match['word'])}]" if _random(match["value"]) else match[0]


def _if_opaque(match: re.Match[str]) -> str:
    """`?code=4/0AX4XfWh` is a secret, `?code=404` and `?key=user-42` are not."""
    value = match["value"]
    words = re.fullmatch(r"[a-z0-9]+(?:[-._:][a-z0-9]+)+", value)
    opaque = not words and re.search(r"\d", value) and re.search(r"[A-Za-z]", value)
    return f"{match['before']}[masked:key]" if opaque else match[0]


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
    _rule(  # the same in base64; certificates and public keys are no secrets
        "ls0tls1crudjti",
        r"(?-i:LS0tLS1CRUdJTi(?!BDRVJU|BQVUJMSUM))[a-z0-9+/_-]{8,20000}={0,2}",
        "[masked:private_key]",
    ),
    _rule(
        "client-key-data .dockerc",
        r"(?P<before>(?:client-key-data|\.docker(?:cfg|configjson))\\?[\"']?:[ \t]{0,8}\\?[\"']?)(?!\[masked:)[a-z0-9+/_-]{4,20000}={0,2}",
        r"\g<before>[masked:secret_data]",
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
        "whsec_ shp glsa_ glc_ dapi nrak- lin_api_ secret_ dp. pul- sq0 age-secret-key-",
        r"(?<![a-z0-9_])(?:whsec_[a-z0-9+/=]{16,100}|shp(?:at|ca|pa|ss)_[a-f0-9]{32}|gl(?:sa|c)_[a-z0-9_+/=]{20,400}|dapi[a-f0-9]{32}"
        r"|NRAK-[a-z0-9]{20,40}|lin_api_[a-z0-9]{30,60}|secret_[a-z0-9]{40,60}|dp\.[a-z]{2,5}\.[a-z0-9]{30,60}|pul-[a-f0-9]{40}"
        r"|sq0[a-z]{3}-[\w-]{20,60}|AGE-SECRET-KEY-1[a-z0-9]{40,70})",
        "[masked:api_key]",
    ),
    _rule("s.", r"(?<![\w.])s\.(?=[a-z]{0,23}\d)[a-zA-Z0-9]{24}(?![\w.])", "[masked:token]", re.NOFLAG),
    _rule(":aa", r"(?<![\w])(?:bot)?\d{8,10}:AA[\w-]{30,40}(?![\w-])", "[masked:token]", re.NOFLAG),
    _rule(
        "/api/webhooks/ webhook.office.com",
        r"(?P<before>discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/|webhook\.office\.com/)(?!\[masked:)[\w/@.-]{8,400}",
        r"\g<before>[masked:token]",
    ),
    _rule(
        "sig= signature=",
        r"(?P<before>(?:[?&]|\\u0026|&amp;)(?:sig|signature|x-(?:amz|goog)-signature)=)(?!\[masked:)[\w%.~+/=-]{6,2000}",
        r"\g<before>[masked:key]",
    ),
    _rule("?key= &key= ?code= &code=", r"(?P<before>[?&](?:key|code)=)(?P<value>[\w%.~+/:-]{8,2000})", _if_opaque),
    _rule("aws4-hmac", r"AWS4-HMAC-SHA256[ \t]{1,4}Credential=[^\n\"']{1,4096}", "[masked:authorization]"),
    _rule(
        "digest username",
        r"Digest[ \t]{1,4}(?=username)(?:\w{1,20}=(?:\\?\"[^\"\n]{0,512}\"|[^\s,\"]{1,512}),?[ \t]{0,4}){1,20}",
        "[masked:authorization]",
    ),
    _rule("://", r"(?P<before>://)(?P<word>)(?P<value>[\w.~%+-]{16,256})(?=@[\w\[])", _if_random),
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
_STEMS = ("pass", "pw", "secret", "token", "credential", "key", "auth", "connection", "dsn", "_pat", "identified by")
_BLOCK = re.compile(  # `password: |` and the lines that are deeper than it
    rf"^(?P<before>(?P<indent>[ ]{{0,80}})(?:- )?[\"']?[\w.-]{{0,80}}?(?P<word>{_WORDS})[\"']?: [|>][+-]?\d?[ \t]{{0,8}}\r?\n)"
    r"(?:(?P=indent)[ ]{1,80}\S[^\n]*(?:\n(?=(?P=indent)[ ]{1,80}\S)|(?=\n)|\Z)){1,500}",
    re.IGNORECASE | re.MULTILINE,
)
_ANNOUNCED: Sequence[Rule] = (
    _rule(  # an environment variable of a manifest, as YAML and as JSON
        " ".join(_STEMS),
        rf"(?P<before>\bname\\?[\"']?:[ \t]{{0,8}}\\?[\"']?[\w.-]{{0,80}}?(?P<word>{_WORDS}|{_VARIABLE})\\?[\"']?,?[ \t]{{0,4}}\r?\n?"
        rf"[ \t]{{0,80}}\\?[\"']?value\\?[\"']?:[ \t]{{0,8}})(?P<value>{_VALUE})",
        _named,
    ),
    _rule(  # a flag and its value
        " ".join(_STEMS),
        rf"(?P<before>(?<![\w-])--?[\w.-]{{0,40}}?(?P<word>{_WORDS})[ \t]{{1,4}})(?!-)(?P<value>{_VALUE})",
        _named,
    ),
    _rule(  # `word = value` and `word: value`
        " ".join(_STEMS),
        rf"(?P<before>(?P<word>{_WORDS})(?:\\?[\"']|\](?=[ \t]{{0,8}}=))?[ \t]{{0,40}}"
        rf"(?::=|=>?|%3[ad]|:(?![ \t]{{0,60}}{_PROSE}))[ \t]{{0,60}})(?P<value>{_VALUE})",
        _named,
    ),
    _rule(" ".join(_STEMS), rf"(?P<before>(?P<word>{_VARIABLE})=)(?P<value>{_VALUE})", _named),
    _rule(
        "pass pw",
        rf"(?P<before>^[ \t]{{0,80}}(?:- )?(?P<word>(?-i:pass|pw)):[ \t]{{1,8}})(?P<value>{_VALUE})(?=[ \t]*\r?$)",
        _named,
        re.IGNORECASE | re.MULTILINE,
    ),
    _rule(  # `word:` and its value on the line below, alone
        " ".join(_STEMS),
        rf"(?P<before>^[ \t]{{0,80}}(?:- )?[\"']?[\w.-]{{0,80}}?(?P<word>{_WORDS})[\"']?:[ \t]{{0,8}}\r?\n[ \t]{{1,80}})"
        rf"(?![\w./-]{{1,100}}:(?:\s|$)|- |#)(?P<value>{_VALUE})(?=[ \t]*\r?$)",
        _named,
        re.IGNORECASE | re.MULTILINE,
    ),
    _rule(  # an XML element
        "</",
        rf"(?P<before><[\w.:-]{{0,40}}?(?P<word>{_WORDS})>)(?!\[masked:)(?P<value>[^<\s][^<\n]{{0,4096}})(?=</)",
        lambda match: f"{match['before']}[masked:{_kind(match['word'])}]",
    ),
    _rule(  # SQL, and prose that quotes it
        "password identified",
        r"(?P<before>\b(?:with(?: encrypted)? password|identified by(?: password)?)[ \t]{1,4})(?![\"']?\[masked:)"
        r"(?P<value>'[^'\n]{1,512}'|\"[^\"\n]{1,512}\"|(?=[a-z]{0,60}[\d!@#$%^&*])[^\s\"';,\[]{3,256})(?P<word>)",
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
        "redis-cli sshpass login",
        r"(?P<before>\b(?:redis-cli\b[^\n|;]{0,200}?\s-a|sshpass\s{1,4}-p|(?:docker|podman|nerdctl|helm|crane|skopeo|oras)\s[^\n|;]{0,40}?\blogin\b"
        r"[^\n|;]{0,200}?\s-p)[ =]?)(?!\[masked:|-)[^\s]{1,256}",
        r"\g<before>[masked:password]",
    ),
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
        if ": |" in text or ": >" in text:
            text = _BLOCK.sub(lambda block: f"{block['before']}{block['indent']}  [masked:{_kind(block['word'])}]", text)
        text = "\n".join(map(_announced, _announcing(text)))
    if "secret" in lowered and "data" in lowered and "kind" in lowered:
        text = _secret_manifests(text)
    return text


def _apply(rules: Sequence[Rule], text: str, lowered: str) -> str:
    for rule in rules:
        if any(hint in lowered for hint in rule.hints):
            text = rule.pattern.sub(rule.replace, text)
    return text


def _announced(part: str) -> str:
    lowered = part.lower()
    return _apply(_ANNOUNCED, part, lowered) if any(stem in lowered for stem in _STEMS) else part


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
        elif isinstance(value, Mapping | list) and _is_sensitive(str(key)):
            masked[key] = mask_object(_emptied(value, str(key)))
        else:
            masked[key] = mask_object(value)
    return masked


def _emptied(value: Json, key: str) -> Json:
    """What a sensitive key holds, without its secrets: `{"value": "x"}`, `["x"]`. A list of `secrets` names objects of the cluster."""
    if isinstance(value, Mapping):
        return {name: _inline(inner, key) if name in _HOLDERS and isinstance(inner, str) else inner for name, inner in value.items()}
    if key.lower().endswith("secrets"):
        return value
    return [_inline(item, key) if isinstance(item, str) else item for item in value]


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
    return value if _REFERENCE.match(value) or _counts(name, value) else f"[masked:{_kind(name)}]"


def _secret_manifests(text: str) -> str:
    """Data of Secrets that were printed as JSON or YAML; in JSON only what is base64, since a list may hold ConfigMaps too."""
    if _JSON_SECRET.search(text):
        text = _JSON_DATA.sub(_without_data, text)
    if _YAML_SECRET.search(text):
        text = "".join(_yaml_secret(part) if _YAML_SECRET.search(part) else part for part in _YAML_OBJECT.split(text))
    return text


def _without_data(block: re.Match[str]) -> str:
    """Only a Secret has `stringData`, and nothing of it is in base64."""
    written = "stringData" in block[1]
    return block[1] + _JSON_MEMBER.sub(r"\1[masked:secret_data]\3" if written else _if_base64, block[2]) + block[3]


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
