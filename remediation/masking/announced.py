"""What stands beside a word that announces it: variables, flags, assignments, prose, commands."""

import re
from collections.abc import Sequence

from remediation.masking.rule import Rule, counts, if_random, kind_of, rule
from remediation.masking.words import PROSE, VALUE, VARIABLE, WORDS

_QUOTE = re.compile(r"\\?[\"']")


def _named(match: re.Match[str]) -> str:
    """An opening quote is kept, so that what is JSON stays JSON."""
    if counts(match["word"], match["value"]):
        return match[0]
    quote = _QUOTE.match(match["value"])
    return f"{match['before']}{quote[0] if quote else ''}[masked:{kind_of(match['word'])}]"


BLOCK = re.compile(  # `password: |` and the lines that are deeper than it
    rf"^(?P<before>(?P<indent>[ ]{{0,80}})(?:- )?[\"']?[\w.-]{{0,80}}?(?P<word>{WORDS})[\"']?: [|>][+-]?\d?[ \t]{{0,8}}\r?\n)"
    r"(?:(?P=indent)[ ]{1,80}\S[^\n]*(?:\n(?=(?P=indent)[ ]{1,80}\S)|(?=\n)|\Z)){1,500}",
    re.IGNORECASE | re.MULTILINE,
)
ANNOUNCED: Sequence[Rule] = (
    rule(  # an environment variable of a manifest, as YAML and as JSON
        "value",
        rf"(?P<before>\bname\\?[\"']?:[ \t]{{0,8}}\\?[\"']?[\w.-]{{0,80}}?(?P<word>{WORDS}|{VARIABLE})\\?[\"']?,?[ \t]{{0,4}}\r?\n?"
        rf"[ \t]{{0,80}}\\?[\"']?value\\?[\"']?:[ \t]{{0,8}})(?P<value>{VALUE})",
        _named,
    ),
    rule(  # a flag and its value
        "",
        rf"(?P<before>(?<![\w-])--?[\w.-]{{0,40}}?(?P<word>{WORDS})[ \t]{{1,4}})(?!-)(?P<value>{VALUE})",
        _named,
        needs=r"-(?<![\w-]-)-?[\w.]|--[\w.]",
    ),
    rule(  # `word = value` and `word: value`
        "",
        rf"(?P<before>(?P<word>{WORDS})(?:\\?[\"']|\](?=[ \t]{{0,8}}=))?[ \t]{{0,40}}"
        rf"(?::=|=>?|%3[ad]|:(?![ \t]{{0,60}}{PROSE}))[ \t]{{0,60}})(?P<value>{VALUE})",
        _named,
        at_word=True,
    ),
    rule("=", rf"(?P<before>(?P<word>{VARIABLE})=)(?P<value>{VALUE})", _named, at_word=True),
    rule(
        "pass: pw:",
        rf"(?P<before>^[ \t]{{0,80}}(?:- )?(?P<word>(?-i:pass|pw)):[ \t]{{1,8}})(?P<value>{VALUE})(?=[ \t]*\r?$)",
        _named,
        re.IGNORECASE | re.MULTILINE,
    ),
    rule(  # `word:` and its value on the line below, alone
        "",
        rf"(?P<before>^[ \t]{{0,80}}(?:- )?[\"']?[\w.-]{{0,80}}?(?P<word>{WORDS})[\"']?:[ \t]{{0,8}}\r?\n[ \t]{{1,80}})"
        rf"(?![\w./-]{{1,100}}:(?:\s|$)|- |#)(?P<value>{VALUE})(?=[ \t]*\r?$)",
        _named,
        re.IGNORECASE | re.MULTILINE,
        needs=r":[ \t]{0,8}\r?\n",
    ),
    rule(  # an XML element
        "</",
        rf"(?P<before><[\w.:-]{{0,40}}?(?P<word>{WORDS})>)(?!\[masked:)(?P<value>[^<\s][^<\n]{{0,4096}})(?=</)",
        lambda match: f"{match['before']}[masked:{kind_of(match['word'])}]",
    ),
    rule(  # SQL, and prose that quotes it
        "password identified",
        r"(?P<before>\b(?:with(?: encrypted)? password|identified by(?: password)?)[ \t]{1,4})(?![\"']?\[masked:)"
        r"(?P<value>'[^'\n]{1,512}'|\"[^\"\n]{1,512}\"|(?=[a-z]{0,60}[\d!@#$%^&*])[^\s\"';,\[]{3,256})(?P<word>)",
        _named,
    ),
    rule(  # prose that quotes it: a passphrase may be words
        "pass",
        rf"(?P<before>(?P<word>pass(?:word|wd|phrase)|passwort)[ \t]{{1,4}}(?=\\?[\"']))(?P<value>{VALUE})",
        _named,
        at_word=True,
    ),
    rule(  # a random string that a word announces
        "",
        rf"(?P<before>\b(?P<word>{WORDS}|key)\b[^\w\n]{{1,4}}(?:(?:is|was|of|with|value)[^\w\n]{{1,3}})?)(?P<value>[\w+/=.-]{{16,512}})",
        if_random,
        at_word=True,
    ),
)
COMMANDS: Sequence[Rule] = (
    rule(
        "redis-cli sshpass docker podman nerdctl helm crane skopeo oras",
        r"(?P<before>\b(?:redis-cli\b[^\n|;]{0,200}?\s-a|sshpass\s{1,4}-p|(?:docker|podman|nerdctl|helm|crane|skopeo|oras)\s[^\n|;]{0,40}?\blogin\b"
        r"[^\n|;]{0,200}?\s-p)[ =]?)(?!\[masked:|-)[^\s]{1,256}",
        r"\g<before>[masked:password]",
        at_hint=True,
    ),
    rule(
        "mysql mariadb",
        r"(?P<before>\b(?:mysql|mariadb)\w{0,12}\b[^\n|;]{0,200}?\s-p)(?!\[masked:)[^\s-][^\s]{0,256}",
        r"\g<before>[masked:password]",
        at_hint=True,
    ),
    rule(
        "curl",
        r"(?P<before>\bcurl\b[^\n|;]{0,200}?\s(?:-u|--user)[ =][\"']?[\w.@-]{1,64}:)(?!\[masked:)[^\s\"']{1,256}",
        r"\g<before>[masked:password]",
        at_hint=True,
    ),
)
