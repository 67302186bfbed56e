"""The data of Secrets that were printed as JSON or YAML."""

import math
import re

_YAML_SECRET = re.compile(r"^[ \t]*(?:- )?kind:[ \t]*Secret[ \t]*\r?$", re.MULTILINE)
_YAML_OBJECT = re.compile(r"^(?=---|[ \t]*- apiVersion:|apiVersion:)", re.MULTILINE)
_YAML_DATA = re.compile(r"(?P<indent>[ \t]*(?:- )?)(?:data|stringData):[ \t]*\r?$")
_YAML_MEMBER = re.compile(r"(?<![ \t])(?P<key>[ \t]*(?:[\w.-]{1,253}:[ \t]*)?)\S.*")
_JSON_SECRET = re.compile(r'"kind\\?"\s{0,8}:\s{0,8}\\?"Secret\\?"')
_JSON_DATA = re.compile(r'(\\?"(?:data|stringData)\\?"\s{0,40}:\s{0,40}\{)([^{}]{1,200000})(\})')
_JSON_MEMBER = re.compile(r'(\\?"[\w.-]{1,253}\\?"\s{0,20}:\s{0,20}\\?")([^"\\]{1,100000})(\\?")')


def without_secret_data(text: str) -> str:
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
