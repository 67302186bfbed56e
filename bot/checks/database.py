"""The record's file: can it be opened, at which schema is it, can it grow."""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.checks.tried import Tried, fine, wrong
from memory.database import open_reader, sqlite_path
from memory.migrate import NEWEST, revision

SYSTEM = "database"
LEAST_FREE_MB = 200


async def tried(url: str) -> Sequence[Tried]:
    """One line. Raises UnsupportedDatabase, and Unreachable for a file that cannot be read."""
    return [await asyncio.to_thread(_tried, url)]


def _tried(url: str) -> Tried:
    path = sqlite_path(url)
    folder = path.absolute().parent
    if not folder.is_dir():
        return wrong(SYSTEM, f"There is no folder {folder}.", "Make it, or set DATABASE_URL to a file elsewhere.")
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"suture")
    except OSError as refused:
        return wrong(SYSTEM, f"{folder} cannot be written: {refused.strerror}.", "Give Suture's user the right to write there.")
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < LEAST_FREE_MB:
        return wrong(SYSTEM, f"{folder} has {free_mb} MB left.", "Make room: an alert that cannot be stored is refused.")
    return _schema(path, url)


def _schema(path: Path, url: str) -> Tried:
    if not path.exists():
        return fine(SYSTEM, f"{path} is not there yet; `suture serve` makes it")
    reader = open_reader(url)
    try:
        now, newest = reader.read_now(revision), NEWEST
    finally:
        reader.close()
    if now == newest:
        return fine(SYSTEM, f"{path}, schema {now}")
    return fine(SYSTEM, f"{path}, schema {now or 'none'}; `suture serve` brings it to {newest}")
