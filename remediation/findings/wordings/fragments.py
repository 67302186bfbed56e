"""Pieces that stand in many patterns: a variable, a host with or without a port, words of lack, a flag that is on."""

VAR = r"[`'\"]?(?P<variable>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{4,}[A-Z0-9_]*)[`'\"]?"
LONG_VAR = r"[`'\"]?(?P<variable>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)[`'\"]?"
HOST = r"[`'\"(]?(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9])[`'\")]?"
TO = r"(?P<host>[A-Za-z0-9][A-Za-z0-9._-]{0,252}):(?P<port>\d{2,5})(?!\.\d)"  # `ipv4:10.0.0.1:80` is no host of that name
FQDN = r"(?<![\w.-])(?P<host>[\w.-]{1,253})"  # at the beginning of a pattern: tried once a word, not once a letter
LACKS = (
    r"(?:is |are |was |were )?(?:not set|undefined|missing|required|not defined|not found|empty|unset|must be set|must be provided|"
    r"not provided|not present|not specified|invalid: empty)"
)
FLAG_ON = r"(?i:\bfeature[ _-]?flag\b[^\n]{0,60}(?:\b(?:enabled|activated)|(?:\b(?:is|was|to|turned|switched) |[=:] ?)\"?(?:on|true))\b)"
