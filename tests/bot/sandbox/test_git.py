"""Git in memory: real ids, honest merges and diffs."""

import subprocess
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.git import Author, Conflict, Repository, object_id, unified

ALICE = Author(name="Alice", email="alice@shop.example")
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def repository():
    made = Repository()
    made.commit("main", {"a.yaml": b"one\ntwo\n", "deep/er/b.yaml": b"x: 1\n"}, "first", author=ALICE, parents=(), at=AT)
    return made


def on(repository, branch, start, **files):
    """Commit whole files on top of another branch's head."""
    head = repository.commits[repository.branches[start]]
    tree = repository.contents(head) | {name.replace("__", "/") + ".yaml": text for name, text in files.items()}
    return repository.commit(branch, tree, f"change {sorted(files)}", author=ALICE, parents=(head.id,), at=AT)


def test_ids_are_those_that_git_itself_computes(repository, tmp_path):
    """The bot may compute blob ids, and compare them with what the API says."""
    environment = {"GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": "alice@shop.example", "GIT_COMMITTER_NAME": "Alice"}
    environment |= {"GIT_COMMITTER_EMAIL": "alice@shop.example", "GIT_AUTHOR_DATE": f"{int(AT.timestamp())} +0000"}
    environment |= {"GIT_COMMITTER_DATE": f"{int(AT.timestamp())} +0000", "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    head = repository.commits[repository.branches["main"]]
    for path, content in repository.contents(head).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)

    def git(*words):
        return subprocess.run(["git", *words], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True).stdout

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "--cleanup=verbatim", "-m", "first")
    raw = git("cat-file", "commit", "HEAD").removesuffix("\n")
    assert git("rev-parse", "HEAD^{tree}").strip() in raw
    assert git("rev-parse", "HEAD:deep/er/b.yaml").strip() == head.files["deep/er/b.yaml"]
    assert head.id == object_id("commit", raw.encode())


def test_changes_of_different_files_are_merged(repository):
    """Main moved on elsewhere: the fix still goes in, and nothing of main is lost."""
    on(repository, "fix", "main", a=b"one\n2\n")
    on(repository, "main", "main", other=b"new\n")
    merged = repository.merge("fix", "main", "Merge", ALICE, AT)
    assert repository.contents(merged) == {"a.yaml": b"one\n2\n", "deep/er/b.yaml": b"x: 1\n", "other.yaml": b"new\n"}
    assert len(merged.parents) == 2


def test_changes_of_one_file_on_both_sides_are_a_conflict(repository):
    """A merge that would need a person is refused, naming the file."""
    on(repository, "fix", "main", a=b"one\n2\n")
    on(repository, "main", "main", a=b"1\ntwo\n")
    with pytest.raises(Conflict, match=r"a\.yaml"):
        repository.merged_files(repository.branches["main"], repository.branches["fix"])


def test_a_revert_gives_the_bytes_from_before(repository):
    """And refuses when somebody changed the file since."""
    before = repository.contents(repository.commits[repository.branches["main"]])
    changed = on(repository, "main", "main", a=b"one\n2\n")
    on(repository, "main", "main", other=b"new\n")
    undone = repository.revert("main", changed, "Revert", ALICE, AT)
    assert repository.contents(undone) == before | {"other.yaml": b"new\n"}
    on(repository, "main", "main", a=b"three\n")
    with pytest.raises(Conflict):
        repository.revert("main", changed, "Revert", ALICE, AT)


def test_the_last_commit_of_a_file_is_the_one_that_changed_it(repository):
    """A merge that only carries it along does not count."""
    on(repository, "fix", "main", a=b"one\n2\n")
    fix = repository.branches["fix"]
    on(repository, "main", "main", other=b"new\n")
    head = repository.merge("fix", "main", "Merge", ALICE, AT)
    assert repository.last_commit_of("a.yaml", head).id == fix
    assert repository.last_commit_of("nowhere.yaml", head) is None


def test_a_rename_is_told_from_a_deletion_and_a_birth(repository):
    """As GitLab tells it."""
    old = {"a.yaml": object_id("blob", b"one\ntwo\n")}
    diff = repository.diff(old, {"b.yaml": old["a.yaml"]})
    assert [(d.kind, d.old_path, d.new_path) for d in diff] == [("renamed", "a.yaml", "b.yaml")]


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_diff_lines_of_any_two_files_begin_as_git_s_do(before, after):
    """Binary content has no text; everything else is hunks."""
    for line in unified(before, after).splitlines():
        assert not line or line[0] in "@+- \\" or "\r" in unified(before, after) or not line.isascii() or not line.isprintable()


def test_a_missing_last_newline_is_said():
    """Otherwise two different files look the same."""
    assert unified(b"a", b"a\n").count("\\ No newline at end of file") == 1


def test_what_was_saved_is_what_is_loaded(repository):
    """Every byte of every blob survives JSON."""
    repository.commit("raw", {"x.bin": bytes(range(256))}, "bytes", author=ALICE, parents=(), at=AT)
    again = Repository()
    again.restore(repository.snapshot())
    assert again == repository
