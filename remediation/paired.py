"""Addresses in two variables: `DB_HOST` says the host, and `DB_PORT` its port."""

import re
from collections.abc import Iterator, Mapping

_HOST = re.compile(r"(?P<what>\w*?)_?(?:HOST|HOSTNAME|ADDR|ADDRESS|SERVER|SERVICE)", re.IGNORECASE)
_PORT = re.compile(r"(?P<what>\w*?)_?PORT", re.IGNORECASE)
_LEADS = re.compile(r"(?P<host>[a-z][a-z0-9-]*)(?:\.(?P<namespace>[a-z0-9-]+)(?:\.svc[\w.]*)?)?")


def paired(values: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Each variable that is named as a port, with the host and namespace (empty for none) that the variable beside it says.

    values: of the variables of one container, by name.
    """
    hosts = {
        m["what"].upper(): lead for name, value in values.items() if (m := _HOST.fullmatch(name)) and (lead := _LEADS.fullmatch(value))
    }
    for name in values:
        match = _PORT.fullmatch(name)
        if match and (lead := hosts.get(match["what"].upper())):
            yield name, lead["host"], lead["namespace"] or ""
