"""explain: every cause, every blind spot, and that equal things give nothing."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from lambda_assets import Snapshot, explain, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def other(tree: Path) -> Path:
    """A copy of the tree."""
    (tree / "l").symlink_to("a.txt")
    target = tree.parent / "other"
    shutil.copytree(tree, target, symlinks=True)
    return target


def _write(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda root: (root / name).write_bytes(content)


def _link(root: Path) -> None:
    (root / "l").unlink()
    (root / "l").symlink_to("b/c.txt")


def _file_for_link(root: Path) -> None:
    (root / "l").unlink()
    (root / "l").write_bytes(b"alpha\n")


@pytest.mark.parametrize(
    ("change", "key", "cause"),
    [
        (_write("a.txt", b"ALPHA\n"), "a.txt", "content"),
        (_write("b/d/e.bin", b"\x00\x01\x02\n"), "b/d/e.bin", "line-ends"),
        (_write("a.txt", b"alpha\r"), "a.txt", "line-ends"),
        (_write("new", b""), "new", "only-b"),
        (lambda root: (root / "a.txt").unlink(), "a.txt", "only-a"),
        (_link, "l", "link-text"),
        (_file_for_link, "l", "kind"),
    ],
)
def test_each_cause_is_named(
    tree: Path, other: Path, change: Callable[[Path], object], key: str, cause: str
) -> None:
    change(other)
    found = explain(tree, other)
    assert not found.same
    assert [(e.key, e.cause) for e in found.entries] == [(key, cause)]
    assert found.options == found.unseen == ()
    assert key in found.to_text()


def test_equal_trees_have_nothing_to_explain(tree: Path, other: Path) -> None:
    found = explain(tree, other)
    assert found.same
    assert found.entries == found.options == found.unseen == found.notes == ()
    assert "the hashes are equal" in found.to_text()


def _mode(root: Path) -> None:
    (root / "a.txt").chmod(0o755)


@pytest.mark.parametrize(
    ("change", "key", "aspect"),
    [
        (_mode, "a.txt", "mode"),
        (_write("a.txt", b"alpha\r\n"), "a.txt", "line-ends"),
        (lambda root: (root / "hollow" / "deep").mkdir(parents=True), "hollow", "empty-directory"),
        (lambda root: (root / "empty").rmdir(), "empty", "empty-directory"),
    ],
)
def test_what_the_hash_does_not_see_is_named(
    tree: Path, other: Path, change: Callable[[Path], object], key: str, aspect: str
) -> None:
    change(other)
    found = explain(tree, other)
    assert found.same
    assert found.entries == ()
    assert [(u.key, u.aspect) for u in found.unseen] == [(key, aspect)]


def test_invalid_utf8_that_the_hash_folds_is_named(tree: Path, other: Path) -> None:
    (tree / "a.txt").write_bytes(b"\xff")
    (other / "a.txt").write_bytes(b"\xef\xbf\xbd")
    found = explain(tree, other)
    assert found.same
    assert [(u.key, u.aspect) for u in found.unseen] == [("a.txt", "bytes")]


def test_options_that_differ_are_named(tree: Path) -> None:
    found = explain(
        snapshot(tree, extra_hash="x", exclude=["b"]), snapshot(tree, ignore_mode="git")
    )
    assert [(o.name, o.a, o.b, o.hashed) for o in found.options] == [
        ("extra_hash", "x", "", True),
        ("ignore_mode", "glob", "git", True),
        ("exclude", ["b"], [], False),
    ]
    assert [(e.key, e.cause) for e in found.entries] == [
        ("b/c.txt", "only-b"),
        ("b/d/e.bin", "only-b"),
    ]


def test_a_live_side_is_hashed_with_the_options_of_the_saved_one(tree: Path) -> None:
    file = tree.parent / "s.json"
    snapshot(tree, exclude=["b"], extra_hash="x", raw=True).save(file)
    assert explain(file, tree).same
    assert explain(tree, Snapshot.load(file)).same
    assert not explain(file, tree, extra_hash="y").same


def test_without_raw_digests_it_says_what_could_not_be_told(tree: Path, other: Path) -> None:
    (other / "b/d/e.bin").write_bytes(b"\x00\x01\x02\n")
    found = explain(snapshot(tree), other)
    assert [e.cause for e in found.entries] == ["content"]
    assert any("A was taken without raw digests" in note for note in found.notes)


def test_two_files_with_one_key_are_two_entries(tree: Path) -> None:
    (tree / "b\\c.txt").write_bytes(b"1")
    found = explain(snapshot(tree, raw=True), snapshot(tree, exclude=["b\\\\c.txt"], raw=True))
    assert [(e.key, e.cause) for e in found.entries] == [("b/c.txt", "only-a")]


def test_what_git_does_not_track_is_said(tree: Path, other: Path) -> None:
    (tree / ".gitignore").write_text("*.log\n")
    subprocess.run(["git", "init", "-q", tree], check=True)
    subprocess.run(["git", "-C", tree, "add", "."], check=True)
    (tree / "x.log").touch()
    (tree / "y.txt").touch()
    (tree / "z.pyc").touch()
    found = explain(snapshot(tree, exclude=[".git"], raw=True), other)
    notes = {e.key: e.notes for e in found.entries}
    assert notes == {
        ".gitignore": (),
        "x.log": ("ignored by git",),
        "y.txt": ("untracked by git",),
        "z.pyc": ("untracked by git", "Python byte code"),
    }


def test_outside_a_work_tree_nothing_is_said_about_git(
    tree: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "x").touch()
    assert explain(tree, other).entries[0].notes == ()
    monkeypatch.setenv("PATH", "")
    assert explain(tree, other).entries[0].notes == ()


def test_the_json_document(tree: Path, other: Path) -> None:
    (other / "a.txt").write_bytes(b"x")
    document = explain(tree, other).document()
    assert (document["schema"], document["same"]) == (1, False)
    assert document["entries"] == [
        {"key": "a.txt", "cause": "content", "a": "6 bytes", "b": "1 bytes", "notes": ()}
    ]
