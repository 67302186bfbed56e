"""Values drawn from evidence by code: pure functions, one concern a file, named by `x-source` in a remedy's parameters and listed here."""

from collections.abc import Mapping

from remediation.drawing.basis import Basis, Source

__all__ = ["SOURCES", "Basis", "Source"]

SOURCES: Mapping[str, Source] = {}
