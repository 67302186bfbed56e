"""The record's file: can it be opened, at which schema is it, can it grow, and is it as it was written."""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence

from bot.checks.tried import Tried, fine, wrong
from memory.audit import Flaw, audit
from memory.database import open_reader, sqlite_path
from memory.migrate import NEWEST, revision

SYSTEM = "database"
LEAST_FREE_MB = 200


async def tried(url: str) -> Sequence[Tried]:
    """A line, and one for each place where the record was changed from outside.

    Raises UnsupportedDatabase, and Unreachable for a file that cannot be read.
    """
    unfit = await asyncio.to_thread(_place, url)
    return [unfit] if unfit is not None else await _record(url)


def _place(url: str) -> Tried | None:
    """What is wrong with where it stands; None when nothing is."""
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
    return None


async def _record(url: str) -> Sequence[Tried]:
    path = sqlite_path(url)
    if not path.exists():
        return [fine(SYSTEM, f"{path} is not there yet; `suture serve` makes it")]
    reader = open_reader(url)
    try:
        schema = await reader.read(revision)
        if schema != NEWEST:
            return [fine(SYSTEM, f"{path}, schema {schema or 'none'}; `suture serve` brings it to {NEWEST}")]
        flaws = await audit(reader)
    finally:
        reader.close()
    if not flaws:
        return [fine(SYSTEM, f"{path}, schema {schema}; every chain holds")]
    return [fine(SYSTEM, f"{path}, schema {schema}"), *(_changed(flaw) for flaw in flaws)]


def _changed(flaw: Flaw) -> Tried:
    return wrong(
        SYSTEM,
        f"The record was changed from outside. {flaw.chain}, row {flaw.seq}: {flaw.what}",
        "Find out who wrote to the file, and restore it from a backup; what the chain covers cannot be trusted.",
    )
