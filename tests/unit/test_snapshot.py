"""Snapshots: what they hold, what survives saving, what a changed document is worth."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import FileSystem, Snapshot, SnapshotError, snapshot

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT = "b9772a914cbc8257030430410c603e13945920433d499adf70b13fd68205ab2f"


def test_entries_stand_in_hash_order_with_what_is_hashed(tree: Path) -> None:
    (tree / "l").symlink_to("a.txt")
    taken = snapshot(tree, raw=True)
    assert [(e.key, e.kind, e.size, e.raw_size, e.link) for e in taken.entries] == [
        ("a.txt", "file", 6, 6, None),
        ("b/c.txt", "file", 8, 9, None),
        ("b/d/e.bin", "file", 5, 5, None),
        ("l", "link", 0, 0, "a.txt"),
    ]
    assert taken.root == os.path.realpath(tree)
    assert (taken.counts["files"], taken.counts["links"]) == (3, 1)
    assert taken.entries[1].blake3 != taken.entries[1].blake3_lf
    assert taken.entries[0].blake3 == taken.entries[0].blake3_lf
    assert set(taken.timings) >= {"total", "walk_and_hash"}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"extra_hash": "sal\u20act"},
        {"follow": "always", "ignore_mode": "git", "exclude": ["b"]},
        {"ignore_mode": "docker", "raw": True},
    ],
)
def test_the_fingerprint_can_be_recomputed(tree: Path, options: dict[str, Any]) -> None:
    (tree / "l").symlink_to("a.txt")
    taken = snapshot(tree, **options)
    options.pop("raw", None)
    assert taken.recompute() == taken.fingerprint == FileSystem.fingerprint(tree, **options)


def test_a_file_root_has_one_entry_with_an_empty_key(tree: Path) -> None:
    taken = snapshot(tree / "a.txt")
    assert [entry.key for entry in taken.entries] == [""]
    assert taken.recompute() == taken.fingerprint


def test_saving_and_loading_keeps_everything_that_belongs_to_the_tree(tree: Path) -> None:
    taken = snapshot(tree, raw=True, exclude=["*.pyc"], extra_hash="x")
    file = tree.parent / "s.json"
    taken.save(file)
    loaded = Snapshot.load(str(file))
    assert loaded == taken
    assert loaded.live is False
    assert Snapshot.from_json(taken.to_json()) == taken
    assert json.loads(file.read_text())["schema"] == 1
    assert sorted(os.listdir(tree.parent)) == ["s.json", "tree"]


def test_a_tree_with_undecodable_root_can_be_saved(tree: Path) -> None:
    odd = os.fsdecode(os.fsencode(tree) + b"\xff")
    os.rename(tree, odd)
    taken = snapshot(odd)
    taken.save(os.path.join(os.path.dirname(odd), "s.json"))
    assert Snapshot.load(os.path.join(os.path.dirname(odd), "s.json")) == taken


def _set(document: dict[str, Any], *path: Any, value: Any) -> None:
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("fingerprint",), "0" * 64),
        (("entries", 0, "key"), "b.txt"),
        (("entries", 0, "size"), 7),
        (("entries", 0, "size"), True),
        (("entries", 0, "sha256"), "0" * 64),
        (("entries", 0, "kind"), "link"),
        (("entries", 0, "kind"), "directory"),
        (("entries", 0), None),
        (("entries",), []),
        (("options", "extra_hash"), "x"),
        (("options", "extra_hash"), "\ud800"),
        (("options", "follow"), "never"),
        (("options", "follow"), "unknown"),
        (("options", "ignore_mode"), "git"),
        (("options", "exclude"), "abc"),
        (("options",), None),
        (("schema",), 2),
        (("kind",), "other"),
        (("root",), None),
    ],
)
def test_a_changed_document_is_found_out(tree: Path, path: tuple[Any, ...], value: Any) -> None:
    document = json.loads(snapshot(tree).to_json())
    _set(document, *path, value=value)
    with pytest.raises(SnapshotError):
        Snapshot.from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '{"kind": 1}'])
def test_what_is_no_snapshot_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a snapshot") as caught:
        Snapshot.from_json(text)
    assert isinstance(caught.value, SnapshotError)


def test_loading_names_the_file(tree: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Snapshot.load(tree / "nope")
    with pytest.raises(SnapshotError, match=r"a\.txt"):
        Snapshot.load(tree / "a.txt")
    (tree / "bin").write_bytes(b"\xff\xfe")
    with pytest.raises(SnapshotError, match="is not text"):
        Snapshot.load(tree / "bin")


def test_a_failed_save_leaves_nothing_behind(tree: Path) -> None:
    (tree / "dir.json").mkdir()
    before = sorted(os.listdir(tree))
    with pytest.raises(OSError, match="dir") as caught:
        snapshot(tree).save(tree / "dir.json")
    assert caught.value.filename == str(tree / "dir.json")
    assert sorted(os.listdir(tree)) == before
    with pytest.raises(FileNotFoundError):
        snapshot(tree).save(tree / "no" / "s.json")
