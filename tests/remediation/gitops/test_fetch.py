"""Archives as they come, and as an enemy makes them: only regular files of the commit reach the tree."""

import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.errors import Refused, Unusable
from remediation.gitops import fetch
from remediation.gitops.fetch import unpacked
from tests.remediation.gitops.systems import archive_of


def packed(*entries):
    """Entries as (name, type, content or link); in a tar.gz."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as stream, tarfile.open(fileobj=stream, mode="w") as tar:
        for name, kind, content in entries:
            entry = tarfile.TarInfo(name)
            entry.type = kind
            data = content if kind == tarfile.REGTYPE else b""
            entry.size = len(data)
            entry.linkname = content.decode() if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def file(name, content=b"a: 1\n"):
    return name, tarfile.REGTYPE, content


def test_the_files_of_the_commit_by_their_path_in_it():
    """The folder that names project and commit is left out."""
    tree = unpacked(archive_of({"a.yaml": "a: 1\n", "sub/b.yaml": "b: 2\n"}))
    assert {path: blob.content for path, blob in tree.items()} == {"a.yaml": b"a: 1\n", "sub/b.yaml": b"b: 2\n"}


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "p/../../x.yaml", "../x.yaml", "p/..", "p//x.yaml", "p/./x.yaml", "p/" + "x" * 300, "p/.git/config", "p/sub/.GIT/hooks/x"],
)
def test_a_path_that_leads_out_is_refused_whole(name):
    """Not skipped: who sends one such path is not to be trusted with the others."""
    with pytest.raises(Unusable):
        unpacked(packed(file("p/a.yaml"), file(name)))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_links_and_devices_and_folders_are_no_files(kind):
    """An absolute link, a link out, a submodule's empty folder."""
    tree = unpacked(packed(file("p/a.yaml"), ("p/link.yaml", kind, b"/etc/passwd"), ("p/out.yaml", kind, b"../../secret.yaml")))
    assert list(tree) == ["a.yaml"]


def test_a_path_twice_and_a_file_below_a_file_are_no_commits():
    """Which of two would be meant? On disk one would take the other's place."""
    with pytest.raises(Unusable, match="Git has not"):
        unpacked(packed(file("p/a.yaml"), file("p/a.yaml", b"b: 1\n")))
    with pytest.raises(Unusable, match="below a file"):
        unpacked(packed(file("p/a.yaml"), file("p/a.yaml/b.yaml")))


def test_what_is_too_large_or_too_many_is_refused(monkeypatch):
    """A manifest counts; another large file is left out; an archive that unpacks without end is cut off."""
    assert list(unpacked(packed(file("p/a.yaml"), file("p/film.bin", b"\0" * 2_000_001)))) == ["a.yaml"]
    with pytest.raises(Refused, match="1 MB"):
        unpacked(packed(file("p/a.yaml", b"#" * 1_000_001)), largest=1_000_000)
    monkeypatch.setattr(fetch, "_LARGEST_STREAM", 1_000_000)
    with pytest.raises(Refused, match="unpacks to more"):
        unpacked(packed(file("p/film.bin", b"\0" * 3_000_000)))
    monkeypatch.setattr(fetch, "_MOST_ENTRIES", 2)
    with pytest.raises(Refused, match="more than 2 files"):
        unpacked(packed(file("p/a.yaml"), file("p/b.yaml"), file("p/c.yaml")))


def test_a_broken_archive_is_unusable():
    """Cut off, no gzip, no tar."""
    whole = archive_of({"a.yaml": "a: 1\n" * 1000})
    for broken in (b"", b"no archive", whole[: len(whole) // 2], gzip.compress(b"no tar" * 500), whole[:-20] + b"\0" * 20):
        with pytest.raises(Unusable):
            unpacked(broken)


@given(st.binary(max_size=400) | st.binary(max_size=400).map(gzip.compress))
def test_any_bytes_are_a_tree_or_unusable(archive):
    """Nothing else is raised."""
    try:
        unpacked(archive)
    except Unusable:
        return


@given(name=st.text(alphabet="ab./\\\x01é", min_size=1, max_size=12))
def test_no_path_of_a_tree_climbs(name):
    """Whatever it is called."""
    try:
        tree = unpacked(packed(file(f"p/{name}")))
    except Unusable:
        return
    assert all(not path.startswith("/") and ".." not in path.split("/") for path in tree)
