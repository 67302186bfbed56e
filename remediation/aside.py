"""Findings worked out aside from the loop: of 500 pods they take a third of a second, and so does the first import of the rules."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from remediation.terms import Evidence, Finding, Target

_one = ThreadPoolExecutor(max_workers=1, thread_name_prefix="findings")  # one at a time: what finders keep is for one reader


async def find_aside(evidence: Sequence[Evidence], target: Target) -> tuple[Finding, ...]:
    """`findings.find`, while the loop goes on. The way to the thread and back takes 0.1 ms."""
    return await asyncio.get_running_loop().run_in_executor(_one, _find, evidence, target)


def _find(evidence: Sequence[Evidence], target: Target) -> tuple[Finding, ...]:
    from remediation.findings import find  # noqa: PLC0415 - four megabytes of rules, for who has an incident

    return find(evidence, target)
