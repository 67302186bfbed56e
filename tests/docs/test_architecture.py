"""The page of the architecture: the rooms that it names are there, and none is left out."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_room_of_remediation_stands_in_its_table():
    """Each folder has a line; each module that is named exists."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("## The rooms of remediation")[2].partition("\n## ")[0]
    named = {name for line in table.splitlines() for name in re.findall(r"`([a-z]+/?)`", line.split("|")[1] if "|" in line else "")}
    folders = {f"{path.parent.name}/" for path in (ROOT / "remediation").glob("*/__init__.py")}

    assert folders - named == set()
    assert [name for name in named - folders if not (ROOT / "remediation" / f"{name}.py").exists()] == []
