"""What looks like a secret by itself: keys, tokens, passwords in addresses, headers. Provider's prefixes are public knowledge."""

import re
from collections.abc import Sequence

from remediation.masking.rule import Rule, if_random, rule
from remediation.masking.words import PROSE

_PORT = r"(?:\d{1,5}|\$\{\w{1,80}\}|\$\(\w{1,80}\))"
# What is surely a host: a name with a dot or a port. One word may as well be the rest of a password.
_HOST = rf"(?:(?:[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,9}}|\[[0-9a-f:]{{2,45}}\])(?::{_PORT})?|[\w-]{{1,63}}:{_PORT})"


def _if_opaque(match: re.Match[str]) -> str:
    """`?code=4/0AX4XfWh` is a secret, `?code=404` and `?key=user-42` are not."""
    value = match["value"]
    words = re.fullmatch(r"[a-z0-9]+(?:[-._:][a-z0-9]+)+", value)
    opaque = not words and re.search(r"\d", value) and re.search(r"[A-Za-z]", value)
    return f"{match['before']}[masked:key]" if opaque else match[0]


def _if_coded(match: re.Match[str]) -> str:
    """A bearer token mixes cases or holds a digit or a sign; `basic authentication` does not."""
    return f"{match['before']}[masked:bearer]" if re.search(r"[a-z][A-Z]|[\d=_.]", match["value"]) else match[0]


SHAPES: Sequence[Rule] = (
    rule(
        "-----begin",
        r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?:[^-]|-(?!----)){0,20000}-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|(?:\\[rn]|[a-z0-9+/=\s]){0,20000})",
        "[masked:private_key]",
        at_hint=True,
    ),
    rule(  # the same in base64; certificates and public keys are no secrets
        "ls0tls1crudjti",
        r"(?-i:LS0tLS1CRUdJTi(?!BDRVJU|BQVUJMSUM))[a-z0-9+/_-]{8,20000}={0,2}",
        "[masked:private_key]",
        at_hint=True,
    ),
    rule(
        "client-key-data .dockerc",
        r"(?P<before>(?:client-key-data|\.docker(?:cfg|configjson))\\?[\"']?:[ \t]{0,8}\\?[\"']?)(?!\[masked:)[a-z0-9+/_-]{4,20000}={0,2}",
        r"\g<before>[masked:secret_data]",
        at_hint=True,
    ),
    rule("akia asia", r"(?<![a-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![a-z0-9])", "[masked:aws_key]", at_hint=True),
    rule("xox xapp", r"(?<![a-z0-9])(?:xox[a-z]|xapp)[-.][a-z0-9.-]{10,300}", "[masked:slack_token]", at_hint=True),
    rule("hooks.slack.com", r"(?<=hooks\.slack\.com)/(?:services|workflows|triggers)/[a-z0-9/_+-]{8,250}", "/[masked:slack_token]"),
    rule("gl gr1348941", r"(?<![a-z0-9])(?:gl(?:[a-z]{1,6})-|GR1348941)[a-z0-9_-]{20,300}", "[masked:gitlab_token]", at_hint=True),
    rule(
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"(?<![a-z0-9])(?:gh[opusr]_[a-z0-9]{30,255}|github_pat_[a-z0-9_]{22,255})",
        "[masked:github_token]",
        at_hint=True,
    ),
    rule("eyj", r"(?<![\w-])eyJ[\w-]{8,4096}\.[\w-]{8,8192}(?:\.[\w-]{0,4096}){0,3}", "[masked:jwt]", at_hint=True),
    rule(
        "sk- sk_ rk_ aiza npm_ hf_ hvs. hvb. sg. pypi- dop_v1_ ya29.",
        r"(?<![a-z0-9])(?:sk-[\w-]{20,250}|[rs]k_(?:live|test)_[a-z0-9]{16,250}|AIza[\w-]{35}|npm_[a-z0-9]{36}|hf_[a-z0-9]{30,60}"
        r"|hv[sb]\.[\w-]{20,250}|SG\.[\w-]{16,40}\.[\w-]{16,80}|pypi-[\w-]{40,250}|dop_v1_[a-f0-9]{64}|ya29\.[\w-]{20,500})",
        "[masked:api_key]",
        at_hint=True,
    ),
    rule(
        "whsec_ shp glsa_ glc_ dapi nrak- lin_api_ secret_ dp. pul- sq0 age-secret-key-",
        r"(?<![a-z0-9_])(?:whsec_[a-z0-9+/=]{16,100}|shp(?:at|ca|pa|ss)_[a-f0-9]{32}|gl(?:sa|c)_[a-z0-9_+/=]{20,400}|dapi[a-f0-9]{32}"
        r"|NRAK-[a-z0-9]{20,40}|lin_api_[a-z0-9]{30,60}|secret_[a-z0-9]{40,60}|dp\.[a-z]{2,5}\.[a-z0-9]{30,60}|pul-[a-f0-9]{40}"
        r"|sq0[a-z]{3}-[\w-]{20,60}|AGE-SECRET-KEY-1[a-z0-9]{40,70})",
        "[masked:api_key]",
        at_hint=True,
    ),
    rule("s.", r"(?<![\w.])s\.(?=[a-z]{0,23}\d)[a-zA-Z0-9]{24}(?![\w.])", "[masked:token]", re.NOFLAG, at_hint=True),
    rule(":aa", r"(?<![\w])(?:bot)?\d{8,10}:AA[\w-]{30,40}(?![\w-])", "[masked:token]", re.NOFLAG),
    rule(
        "/api/webhooks/ webhook.office.com",
        r"(?P<before>discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/|webhook\.office\.com/)(?!\[masked:)[\w/@.-]{8,400}",
        r"\g<before>[masked:token]",
    ),
    rule(
        "sig= signature=",
        r"(?P<before>(?:[?&]|\\u0026|&amp;)(?:sig|signature|x-(?:amz|goog)-signature)=)(?!\[masked:)[\w%.~+/=-]{6,2000}",
        r"\g<before>[masked:key]",
    ),
    rule("key= code=", r"(?P<before>(?<=[?&])(?:key|code)=)(?P<value>[\w%.~+/:-]{8,2000})", _if_opaque, at_hint=True),
    rule("aws4-hmac", r"AWS4-HMAC-SHA256[ \t]{1,4}Credential=[^\n\"']{1,4096}", "[masked:authorization]", at_hint=True),
    rule(
        "digest",
        r"Digest[ \t]{1,4}(?=username)(?:\w{1,20}=(?:\\?\"[^\"\n]{0,512}\"|[^\s,\"]{1,512}),?[ \t]{0,4}){1,20}",
        "[masked:authorization]",
        at_hint=True,
    ),
    rule("://", r"(?P<before>://)(?P<word>)(?P<value>[\w.~%+-]{16,256})(?=@[\w\[])", if_random, at_hint=True),
    rule(
        "://",
        rf"(?<=://)(?!{_HOST}[/?#])(?P<user>[^\s/@:'\"<>]{{0,256}}):(?!\[masked:)[^\s'\"<>]{{1,512}}?@"
        r"(?=[^\s@'\"<>]{0,512}(?:[/:?,;\s'\"<>\\]|$))"
        # To the last @, for a password may hold one, and a slash; not to that of a path, a package or a digest.
        rf"(?:(?!{_HOST}/)[^\s@'\"<>?#,]{{1,512}}(?<!/)@(?!sha\d))*",
        r"\g<user>:[masked:password]@",
    ),
    rule(
        "@tcp( @unix( @(",
        r"(?<![\w.\[-])(?P<user>[\w.-]{1,64}):(?!\[masked:)[^\s\"'@]{1,256}@(?=(?:tcp|unix)?\()",
        r"\g<user>:[masked:password]@",
    ),
    rule(
        "authorization",
        rf"(?P<before>authorization\\?[\"']?[ \t]{{0,8}}[:=][ \t]{{0,8}}\\?[\"']?(?!{PROSE})(?:[a-z]{{1,20}}[ \t]{{1,4}})?)"
        r"(?!\[masked:|realm=)[\w.~+/=:-]{6,8192}",
        r"\g<before>[masked:authorization]",
        at_hint=True,
    ),
    rule("bearer basic", r"(?P<before>\b(?:bearer|basic)[ \t]{1,4})(?!realm=)(?P<value>[\w.~+/=-]{8,8192})", _if_coded, at_hint=True),
    rule(
        "cookie",
        r"(?P<before>\bcookie\\?[\"']?[ \t]{0,8}[:=][ \t]{0,8}\\?[\"']?)(?!\[masked:)[^\s\"'][^\n\"']{0,8192}",
        r"\g<before>[masked:cookie]",
        at_hint=True,
    ),
)
