"""A small honest Git repository in memory: real object ids, commits, branches, three-way merges by file."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

FILE_MODE = "100644"
EMPTY: dict[str, str] = {}


class Conflict(Exception):
    """Two sides changed one file in different ways; the argument is its path."""


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who wrote a commit."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Commit:
    """One commit. `files` is the whole flattened tree: path → blob id; `at` is aware, UTC, whole seconds."""

    id: str
    parents: tuple[str, ...]
    files: dict[str, str]
    message: str
    author: Author
    at: datetime

    @property
    def title(self) -> str:
        """First line of the message."""
        return self.message.split("\n", 1)[0]


@dataclass(frozen=True, kw_only=True)
class FileDiff:
    """How one file differs between two trees; `text` is the unified diff without file headers, as GitLab shows it."""

    old_path: str
    new_path: str
    kind: str  # new, deleted, renamed, changed
    text: str


@dataclass
class Repository:
    """Blobs by id, commits by id, branches by name."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)

    def commit(
        self, branch: str, files: dict[str, bytes], message: str, *, author: Author, parents: tuple[str, ...], at: datetime
    ) -> Commit:
        """Store a whole tree as a new commit and move `branch` onto it."""
        tree = {path: self._store("blob", content) for path, content in files.items()}
        return self._commit(branch, tree, message, author=author, parents=parents, at=at)

    def resolve(self, ref: str) -> Commit | None:
        """The commit that a branch, a full id or an unambiguous id prefix (7 or more characters) names."""
        ref = ref.removeprefix("refs/heads/")
        commit_id = self.branches.get("main" if ref == "HEAD" else ref, ref)
        if commit_id in self.commits:
            return self.commits[commit_id]
        found = [c for i, c in self.commits.items() if i.startswith(commit_id)] if len(commit_id) >= 7 else []  # noqa: PLR2004
        return found[0] if len(found) == 1 else None

    def contents(self, commit: Commit) -> dict[str, bytes]:
        """Path → bytes of the whole tree."""
        return {path: self.blobs[blob] for path, blob in commit.files.items()}

    def ancestors(self, start: str) -> list[str]:
        """The commit and everything reachable from it, newest first."""
        seen, queue = {start}, [start]
        for commit_id in queue:
            fresh = [p for p in self.commits[commit_id].parents if p not in seen]
            seen.update(fresh)
            queue += fresh
        order = {commit_id: n for n, commit_id in enumerate(self.commits)}
        return sorted(queue, key=lambda i: order[i], reverse=True)

    def merge_base(self, left: str, right: str) -> str | None:
        """The newest common ancestor."""
        known = set(self.ancestors(right))
        return next((i for i in self.ancestors(left) if i in known), None)

    def last_commit_of(self, path: str, head: Commit) -> Commit | None:
        """The newest first-parent-or-merged commit that changed `path`, seen from `head`."""
        return next((c for i in self.ancestors(head.id) if self._touched(c := self.commits[i], path)), None)

    def log(self, head: Commit, path: str | None = None, *, first_parent: bool = False) -> list[Commit]:
        """Commits reachable from `head`, newest first, only those that touched `path` when one is given."""
        commits = list(self._first_parents(head)) if first_parent else [self.commits[i] for i in self.ancestors(head.id)]
        return [c for c in commits if path is None or self._touched(c, path, first_parent=first_parent)]

    def _first_parents(self, head: Commit) -> Iterator[Commit]:
        """The commit, and what each had before it on its own branch."""
        yield head
        while head.parents:
            head = self.commits[head.parents[0]]
            yield head

    def diff(self, old: dict[str, str], new: dict[str, str]) -> list[FileDiff]:
        """Differences between two flattened trees, by path."""
        gone = {p: b for p, b in old.items() if p not in new}
        born = {p: b for p, b in new.items() if p not in old}
        renamed = {p: next(o for o, b in gone.items() if b == blob) for p, blob in born.items() if blob in gone.values()}
        diffs = [FileDiff(old_path=o, new_path=n, kind="renamed", text="") for n, o in renamed.items()]
        diffs += [self._difference(p, b, None) for p, b in gone.items() if p not in renamed.values()]
        diffs += [self._difference(p, None, b) for p, b in born.items() if p not in renamed]
        diffs += [self._difference(p, b, new[p]) for p, b in old.items() if p in new and new[p] != b]
        return sorted(diffs, key=lambda d: d.new_path)

    def merged_files(self, ours: str, theirs: str, base: str | None = None) -> dict[str, str]:
        """The tree of a three-way merge, file by file. Raises Conflict naming the file that both sides changed."""
        base = base or self.merge_base(ours, theirs)
        old = self.commits[base].files if base else EMPTY
        mine, other = self.commits[ours].files, self.commits[theirs].files
        merged: dict[str, str] = {}
        for path in sorted(old.keys() | mine.keys() | other.keys()):
            choice = _choose(old.get(path), mine.get(path), other.get(path), path)
            if choice is not None:
                merged[path] = choice
        return merged

    def merge(self, source: str, target: str, message: str, author: Author, at: datetime) -> Commit:
        """Merge branch `source` into branch `target` with a merge commit. Raises Conflict."""
        ours, theirs = self.branches[target], self.branches[source]
        return self._commit(target, self.merged_files(ours, theirs), message, author=author, parents=(ours, theirs), at=at)

    def revert(self, branch: str, commit: Commit, message: str, author: Author, at: datetime) -> Commit:
        """Undo `commit` (against its first parent) on `branch`. Raises Conflict when later commits changed it again."""
        head = self.branches[branch]
        parent = commit.parents[0]
        files = self.merged_files(head, parent, base=commit.id)
        return self._commit(branch, files, message, author=author, parents=(head,), at=at)

    def snapshot(self) -> dict[str, Any]:
        """JSON-able form; blobs are latin-1 text, so that every byte survives."""
        return {
            "blobs": [content.decode("latin-1") for content in self.blobs.values()],
            "branches": self.branches,
            "commits": [_commit_dump(c) for c in self.commits.values()],
        }

    def restore(self, dump: dict[str, Any]) -> None:
        """Take over what `snapshot` returned."""
        for text in dump["blobs"]:
            self._store("blob", text.encode("latin-1"))
        self.branches = dict(dump["branches"])
        self.commits = {c["id"]: _commit_load(c) for c in dump["commits"]}

    def _commit(self, branch: str, tree: dict[str, str], message: str, *, author: Author, parents: tuple[str, ...], at: datetime) -> Commit:
        at = at.astimezone(UTC).replace(microsecond=0)
        who = f"{author.name} <{author.email}> {int(at.timestamp())} +0000"
        lines = [f"tree {tree_id(tree)}", *(f"parent {p}" for p in parents), f"author {who}", f"committer {who}"]
        commit_id = object_id("commit", ("\n".join(lines) + "\n\n" + message).encode())
        files = dict(sorted(tree.items()))
        commit = Commit(id=commit_id, parents=parents, files=files, message=message, author=author, at=at)
        self.commits[commit_id] = commit
        self.branches[branch] = commit_id
        return commit

    def _store(self, kind: str, content: bytes) -> str:
        blob = object_id(kind, content)
        self.blobs[blob] = content
        return blob

    def _touched(self, commit: Commit, path: str, *, first_parent: bool = False) -> bool:
        parents = [self.commits[p].files for p in commit.parents[: 1 if first_parent else None]] or [EMPTY]
        return all(_under(path, parent) != _under(path, commit.files) for parent in parents)

    def _difference(self, path: str, old: str | None, new: str | None) -> FileDiff:
        kind = "new" if old is None else "deleted" if new is None else "changed"
        before, after = (self.blobs[b] if b else b"" for b in (old, new))
        return FileDiff(old_path=path, new_path=path, kind=kind, text=unified(before, after))


def object_id(kind: str, content: bytes) -> str:
    """Git's own id of an object."""
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


def tree_id(files: dict[str, str]) -> str:
    """Git's own id of the tree that these files make."""
    entries: list[tuple[str, bytes]] = []
    folders: dict[str, dict[str, str]] = {}
    for path, blob in files.items():
        head, _, rest = path.partition("/")
        if rest:
            folders.setdefault(head, {})[rest] = blob
        else:
            entries.append((head, f"{FILE_MODE} {head}\0".encode() + bytes.fromhex(blob)))
    # Git sorts a folder as if its name ended in a slash
    entries += [(f"{n}/", f"40000 {n}\0".encode() + bytes.fromhex(tree_id(f))) for n, f in folders.items()]
    return object_id("tree", b"".join(entry for _, entry in sorted(entries)))


def unified(before: bytes, after: bytes) -> str:
    """The unified diff of two texts without file headers; empty for binary content, as GitLab answers."""
    try:
        old, new = before.decode(), after.decode()
    except UnicodeDecodeError:
        return ""
    lines = list(difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), n=3))[2:]
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _choose(base: str | None, mine: str | None, other: str | None, path: str) -> str | None:
    if other in (mine, base):
        return mine
    if mine == base:
        return other
    raise Conflict(path)


def _under(path: str, files: dict[str, str]) -> dict[str, str]:
    if path in files:
        return {path: files[path]}
    prefix = path.rstrip("/") + "/"
    return {p: b for p, b in files.items() if p.startswith(prefix)}


def _commit_dump(commit: Commit) -> dict[str, Any]:
    author = {"name": commit.author.name, "email": commit.author.email}
    return {**vars(commit), "parents": list(commit.parents), "author": author, "at": commit.at.isoformat()}


def _commit_load(dump: dict[str, Any]) -> Commit:
    at, author = datetime.fromisoformat(dump["at"]), Author(**dump["author"])
    return Commit(**{**dump, "parents": tuple(dump["parents"]), "author": author, "at": at})
