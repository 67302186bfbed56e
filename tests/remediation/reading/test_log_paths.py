"""Whose log a file in a tree is."""

from pathlib import PurePosixPath

import pytest

from remediation.reading.log_paths import place_of


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("mg/namespaces/farm/pods/mill-1/stone/stone/logs/current.log", ("farm", "mill-1", "stone", "")),
        ("mg/namespaces/farm/pods/mill-1/stone/stone/logs/previous.insecure.log", ("farm", "mill-1", "stone", "yes")),
        ("node/var/log/pods/farm_mill-1_5f2e/stone/3.log", ("farm", "mill-1", "stone", "")),
        ("containers/mill-1_farm_stone-0123456789abcdef.log", ("farm", "mill-1", "stone", "")),
        ("dump/farm/mill-1/logs.txt", ("farm", "mill-1", "", "")),
        ("bundle/cluster-resources/pods/logs/farm/mill-1/stone-previous.log", ("farm", "mill-1", "stone", "yes")),
    ],
)
def test_its_place_tells_who_wrote_it(path, place):
    """must-gather, a node's folders, `kubectl cluster-info dump`, a support bundle."""
    told = place_of(PurePosixPath(path))

    assert (told["namespace"], told["pod"], told.get("container", ""), told["previous"]) == place


@pytest.mark.parametrize("path", ["mill.log", "/cases/some-case/evidence/logs.txt", "case/evidence/logs/mill.log"])
def test_any_other_place_tells_nothing(path):
    """A file's own name is somebody else's to read."""
    assert place_of(PurePosixPath(path)) == {}
