"""Small repositories as text: `=== path`, then the file."""

import re
from pathlib import Path

FOLDER = Path(__file__).with_name("repos")


def unpack(name, folder):
    """Write the repository into the folder."""
    parts = re.split(r"^=== (.+)\n", (FOLDER / f"{name}.txt").read_bytes().decode(), flags=re.MULTILINE)[1:]
    for path, text in zip(parts[::2], parts[1::2], strict=True):
        there = folder / path
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(text.encode())
    return folder
