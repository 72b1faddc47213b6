"""``content_digest``: the same for a source and its copy, another for whatever a copy would show (spec copy)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from lambda_assets import _core, errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def change_content(tree: Path) -> None:
    (tree / "a.txt").write_bytes(b"alphA\n")


def change_mode(tree: Path) -> None:
    (tree / "a.txt").chmod(0o755)


def remove_directory(tree: Path) -> None:
    (tree / "empty").rmdir()


def add_directory(tree: Path) -> None:
    (tree / "empty" / "more").mkdir()


def change_link(tree: Path) -> None:
    (tree / "link").unlink()
    (tree / "link").symlink_to("b/d")


def make_file_of_link(tree: Path) -> None:
    (tree / "link").unlink()
    (tree / "link").write_bytes(b"alpha\n")


def rename_file(tree: Path) -> None:
    (tree / "a.txt").rename(tree / "A.txt")


def fold_line_ends(tree: Path) -> None:
    (tree / "b" / "c.txt").write_bytes(b"charlie\n")


@pytest.fixture
def linked(tree: Path) -> Path:
    (tree / "link").symlink_to("a.txt")
    return tree


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        change_content, change_mode, remove_directory, add_directory, change_link, make_file_of_link,
        rename_file, fold_line_ends,
    ],
)  # fmt: skip
def test_everything_that_a_copy_shows_counts(
    linked: Path, change: Callable[[Path], None], exact: bool, tmp_path: Path
) -> None:
    cache = _core.CacheDir(tmp_path / "cache", uid=os.geteuid())
    before = _core.content_digest(linked, follow="never", exact=exact, cache=cache)
    change(linked)
    assert _core.content_digest(linked, follow="never", exact=exact, cache=cache) != before


def test_line_ends_that_moved_count_only_to_the_byte(tree: Path) -> None:
    file = tree / "lines.txt"
    file.write_bytes(b"a\r\nb\n")
    before = [_core.content_digest(tree, exact=exact) for exact in (True, False)]
    file.write_bytes(b"a\nb\r\n")
    after = [_core.content_digest(tree, exact=exact) for exact in (True, False)]
    assert after[0] != before[0]
    assert after[1] == before[1]


def test_what_is_left_out_does_not_count(tree: Path) -> None:
    before = _core.content_digest(tree, exclude=["b"])
    (tree / "b" / "more").write_bytes(b"x")
    assert _core.content_digest(tree, exclude=["b"]) == before
    assert _core.content_digest(tree) != before


def test_a_tree_behind_a_link_is_judged_as_a_copy_judges_it(tmp_path: Path) -> None:
    (tmp_path / "real" / "tree").mkdir(parents=True)
    (tmp_path / "real" / "beside").write_bytes(b"real")
    (tmp_path / "beside").write_bytes(b"given")
    (tmp_path / "real" / "tree" / "link").symlink_to("../beside")
    (tmp_path / "given").symlink_to("real/tree")
    _core.copy_directory(tmp_path / "given", tmp_path / "copy")
    assert (tmp_path / "copy" / "link").read_bytes() == b"given"
    copy = _core.content_digest(tmp_path / "copy", follow="never")
    assert _core.content_digest(tmp_path / "given", of_copy=True) == copy


def test_links_count_as_a_copy_has_them(linked: Path, tmp_path: Path) -> None:
    (linked / "long").symlink_to("./b/../a.txt")
    _core.copy_directory(linked, tmp_path / "copy")
    copy = _core.content_digest(tmp_path / "copy", follow="never")
    assert _core.content_digest(linked, of_copy=True) == copy
    assert _core.content_digest(linked) != copy


def test_a_file_is_a_tree_of_its_own(tree: Path) -> None:
    one, other = (_core.content_digest(tree / name) for name in ("a.txt", "b/c.txt"))
    assert one != other
    (tree / "copy").write_bytes(b"alpha\n")
    (tree / "copy").chmod((tree / "a.txt").stat().st_mode)
    assert _core.content_digest(tree / "copy") == one


def test_nothing_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(errors.AssetNotFoundError, match="nowhere"):
        _core.content_digest(tmp_path / "nowhere")
