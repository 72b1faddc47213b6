"""zip_directory: what is in an archive, the same bytes each time, and nothing left behind by a failure."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import socket
import stat
import struct
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import (
    ArchiveError,
    AssetIOError,
    AssetNotADirectoryError,
    AssetNotFoundError,
    AssetPermissionError,
    ExternalLinkError,
    FileSystem,
    OptionError,
    OptionTypeError,
    PatternError,
    SymlinkFollowMode,
    _core,
)
from lambda_assets.archive import ZipReport, zip_directory
from support.trees import random_tree

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "".join(f"line {number}\n" for number in range(20_000)).encode()
# Of the tree below at level 6: what changes it is a new version of the encoder, and that needs a release note.
GOLDEN = "8c2a8b05317756c92840d02adeeffa2902f6e39e482dc7f437caae22c7ea7cb4"


def members(archive: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of each entry, in the order of the archive."""
    with zipfile.ZipFile(archive) as file:
        assert file.testzip() is None
        return {
            info.filename: (info.external_attr >> 16, file.read(info)) for info in file.infolist()
        }


def names(archive: Path) -> list[str]:
    """Names in the order of the archive, duplicates included."""
    with zipfile.ZipFile(archive) as file:
        return file.namelist()


def build(root: Path, *, backwards: bool = False) -> Path:
    """A tree of everything that an archive treats in its own way."""
    files = {
        "Z": b"",
        "a.txt": b"alpha\n",
        "a/b": b"nested\n",
        "big.txt": TEXT,
        "run.sh": b"#!/bin/sh\n",
        "ä/\U0001f600": b"emoji\n",
        "ä/\uff21": b"wide\n",
    }
    for name in sorted(files, reverse=backwards):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])
    (root / "run.sh").chmod(0o744)
    (root / "empty").mkdir()
    return root


def test_an_archive_says_of_each_file_what_stock_says(tmp_path: Path) -> None:
    report = zip_directory(build(tmp_path / "tree"), tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        infos = archive.infolist()
    # Byte order of UTF-8, which is not that of a fingerprint; nothing for directories.
    assert [info.filename for info in infos] == [
        "Z",
        "a.txt",
        "a/b",
        "big.txt",
        "run.sh",
        "ä/\uff21",
        "ä/\U0001f600",
    ]
    for info in infos:
        assert info.date_time == (1980, 1, 1, 0, 0, 0)
        assert (info.create_system, info.create_version, info.extract_version) == (3, 63, 20)
        assert info.flag_bits == 0x800
        assert (info.extra, info.comment, info.internal_attr) == (b"", b"", 0)
        mode = 0o100755 if info.filename == "run.sh" else 0o100644
        assert info.external_attr == mode << 16
        deflated = info.filename == "big.txt"
        assert info.compress_type == (zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED)
    size = (tmp_path / "out.zip").stat().st_size
    digest = hashlib.sha256((tmp_path / "out.zip").read_bytes()).hexdigest()
    assert report == ZipReport(
        path=str(tmp_path / "out.zip"),
        size=size,
        sha256=digest,
        files=7,
        content_size=len(TEXT) + 6 + 7 + 10 + 6 + 5,
    )


def test_the_bytes_are_those_of_this_release(tmp_path: Path) -> None:
    assert zip_directory(build(tmp_path / "tree"), tmp_path / "out.zip").sha256 == GOLDEN


@pytest.mark.parametrize("level", range(13))
def test_every_level_gives_the_files_back(tmp_path: Path, level: int) -> None:
    report = zip_directory(build(tmp_path / "tree"), tmp_path / "out.zip", level=level)
    assert members(tmp_path / "out.zip")["big.txt"] == (0o100644, TEXT)
    assert (report.size > len(TEXT)) == (level == 0)


def test_unzip_restores_content_and_modes(tmp_path: Path) -> None:
    tree = build(tmp_path / "tree")
    zip_directory(tree, tmp_path / "out.zip")
    subprocess.run(
        ["unzip", "-q", "out.zip", "-d", "back"], cwd=tmp_path, check=True, capture_output=True
    )
    for path in (path for path in tree.rglob("*") if path.is_file()):
        back = tmp_path / "back" / path.relative_to(tree)
        assert back.read_bytes() == path.read_bytes()
        executable = stat.S_IMODE(path.stat().st_mode) & 0o111
        assert stat.S_IMODE(back.stat().st_mode) == (0o755 if executable else 0o644)
    assert not (tmp_path / "back" / "empty").exists()


def test_threads_repetition_creation_order_times_umask_and_place_change_nothing(
    tmp_path: Path,
) -> None:
    first = build(tmp_path / "tree")
    digests = {
        zip_directory(first, tmp_path / f"{jobs}-{run}.zip", jobs=jobs).sha256
        for jobs in (1, 2, 5)
        for run in range(3)
    }
    second = build(tmp_path / "elsewhere" / "other", backwards=True)
    for path in second.rglob("*"):
        os.utime(path, (1, 1))
    for name in ("a.txt", "big.txt"):
        (second / name).chmod(0o600)
    digests.add(zip_directory(second, tmp_path / "second.zip").sha256)
    assert len(digests) == 1


def test_an_empty_directory_is_an_empty_archive(tmp_path: Path) -> None:
    (tmp_path / "tree" / "empty").mkdir(parents=True)
    report = zip_directory(tmp_path / "tree", tmp_path / "out.zip")
    assert (report.files, report.size) == (0, 22)
    assert members(tmp_path / "out.zip") == {}


def links(tmp_path: Path) -> Path:
    """A tree with one link of each kind."""
    root = tmp_path / "tree"
    (root / "d" / "sub").mkdir(parents=True)
    (root / "f").write_text("file\n")
    (root / "d" / "sub" / "x").write_text("x\n")
    (root / "d" / "y.pyc").write_text("y\n")
    (root / "d" / "up").symlink_to("..")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "o").write_text("outside\n")
    for name, target in {
        "to-file": "f",
        "to-dir": "d",
        "to-link": "to-file",
        "through-link": "to-dir/sub/x",
        "absolute": str(root / "f"),
        "nowhere": "missing",
        "out": "../outside",
        "self": ".",
    }.items():
        (root / name).symlink_to(target)
    return root


FOLLOWED = [
    "absolute",
    "d/sub/x",
    "d/y.pyc",
    "f",
    "out/o",
    "through-link",
    "to-dir/sub/x",
    "to-dir/y.pyc",
    "to-file",
    "to-link",
]


@pytest.mark.parametrize("follow", [None, "EXTERNAL", "ALWAYS"])
def test_links_are_what_they_lead_to(tmp_path: Path, follow: str | None) -> None:
    report = zip_directory(links(tmp_path), tmp_path / "out.zip", follow=follow)
    assert names(tmp_path / "out.zip") == FOLLOWED
    got = members(tmp_path / "out.zip")
    assert got["through-link"] == (0o100644, b"x\n")
    assert got["to-link"] == got["absolute"] == got["f"]
    # nowhere, self, d/up, and once more to-dir/up.
    assert (report.links, report.skipped) == (0, 4)


def test_never_keeps_links(tmp_path: Path) -> None:
    report = zip_directory(links(tmp_path), tmp_path / "out.zip", follow=SymlinkFollowMode.NEVER)
    got = members(tmp_path / "out.zip")
    assert (report.files, report.links, report.skipped) == (3, 9, 0)
    assert got["to-dir"] == (0o120777, b"d")
    assert got["absolute"] == (0o120777, b"f"), "an absolute link into the tree moves with it"
    assert got["out"] == (0o120777, b"../outside")
    subprocess.run(
        ["unzip", "-q", "out.zip", "-d", "back"], cwd=tmp_path, check=True, capture_output=True
    )
    assert (tmp_path / "back" / "to-dir" / "sub" / "x").read_text() == "x\n"


def test_block_external_refuses_what_leaves_the_directory(tmp_path: Path) -> None:
    root = links(tmp_path)
    with pytest.raises(ExternalLinkError, match="outside"):
        zip_directory(root, tmp_path / "out.zip", follow=SymlinkFollowMode.BLOCK_EXTERNAL)
    assert sorted(os.listdir(tmp_path)) == ["outside", "tree"]
    (root / "out").unlink()
    zip_directory(root, tmp_path / "out.zip", follow=SymlinkFollowMode.BLOCK_EXTERNAL)
    assert names(tmp_path / "out.zip") == [name for name in FOLLOWED if name != "out/o"]


def test_what_is_excluded_is_not_reached_through_a_link(tmp_path: Path) -> None:
    zip_directory(links(tmp_path), tmp_path / "out.zip", exclude=["f", "d/sub", "out"])
    assert names(tmp_path / "out.zip") == ["d/y.pyc", "to-dir/y.pyc"]


def test_links_in_circles_end(tmp_path: Path) -> None:
    for name, target in {"a/l": "../b", "b/m": "../a", "c": "c", "e": "g", "g": "e"}.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    (tmp_path / "tree" / "a" / "f").write_text("f")
    zip_directory(tmp_path / "tree", tmp_path / "out.zip")
    assert names(tmp_path / "out.zip") == ["a/f", "b/m/f"]


def copied_then_followed(copy: Path) -> dict[str, bytes]:
    """What a tool finds that walks a copy and follows each link in it, circles left out.

    A link that the copy kept although the kernel can follow it out of the copy goes over ``..`` behind another link: it
    leads nowhere by the CDK's rules, which take that away in the text.
    """
    found: dict[str, bytes] = {}
    top = os.path.realpath(copy)

    def visit(path: str, name: str, above: tuple[str, ...]) -> None:
        real = os.path.realpath(path)
        if real in above:
            return
        for entry in os.listdir(path):
            inner, place = f"{name}/{entry}" if name else entry, os.path.join(path, entry)
            if os.path.commonpath([top, os.path.realpath(place)]) != top:
                continue
            if os.path.isdir(place):
                visit(place, inner, (*above, real))
            elif os.path.isfile(place):
                with open(place, "rb") as file:
                    found[inner.replace("\\", "/")] = file.read()

    visit(str(copy), "", ())
    return found


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_random_trees_hold_what_a_followed_copy_holds(
    tmp_path: Path, seed: int, scale: float
) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    compared = 0
    for number in range(int(60 * scale)):
        place = tmp_path / str(number)
        place.mkdir()
        root = random_tree(rng, undecodable=0, links=4).build(place) / "root"
        for follow in ("external", "always"):
            exclude = rng.choice([(), ("*.txt",), ("a*", "!ab")])
            copy, archive = place / f"copy-{follow}", place / f"{follow}.zip"
            try:
                copy.mkdir()
                _core.copy_directory(root, copy, follow=follow, exclude=exclude)
                expected = copied_then_followed(copy)
                zip_directory(root, archive, follow=follow, exclude=exclude)
            except (AssetIOError, ArchiveError):
                continue  # names that can't be opened, or not be told apart
            got = {name: content for name, (_, content) in members(archive).items()}
            assert got == expected, (number, follow, exclude)
            compared += 1
    assert compared > 10 * scale


def test_more_entries_than_the_old_format_counts(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    for directory in range(70):
        (root / str(directory)).mkdir(parents=True)
        for file in range(1000):
            os.close(os.open(root / str(directory) / str(file), os.O_CREAT | os.O_WRONLY))
    report = zip_directory(root, tmp_path / "out.zip")
    assert report.files == 70_000
    assert zip_directory(root, tmp_path / "again.zip", jobs=1).sha256 == report.sha256
    got = names(tmp_path / "out.zip")
    assert len(got) == len(set(got)) == 70_000
    assert got == sorted(got)
    tail = (tmp_path / "out.zip").read_bytes()[-42:]
    assert tail[:4] == b"PK\x06\x07"
    assert struct.unpack("<HH", tail[28:32]) == (0xFFFF, 0xFFFF)
    done = subprocess.run(["unzip", "-tq", tmp_path / "out.zip"], check=False, capture_output=True)
    assert done.returncode == 0, done.stdout


def test_a_file_over_the_bound_is_stored(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    for name, size in {"at": 256 << 20, "over": (256 << 20) + 1}.items():
        with open(tmp_path / "tree" / name, "wb") as file:
            file.truncate(size)
    report = zip_directory(tmp_path / "tree", tmp_path / "out.zip", level=1)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        at, over = archive.infolist()
        assert archive.testzip() is None
    assert (at.compress_type, over.compress_type) == (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)
    assert over.compress_size == over.file_size == (256 << 20) + 1
    with open(tmp_path / "out.zip", "rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == report.sha256


def test_the_archive_is_no_part_of_itself(tmp_path: Path) -> None:
    root = build(tmp_path / "tree")
    first = zip_directory(root, root / "out.zip")
    second = zip_directory(root, root / "out.zip")
    assert (first.sha256, first.files) == (second.sha256, 7)
    assert "out.zip" not in names(root / "out.zip")
    assert sorted(path.name for path in root.iterdir() if path.name.startswith(".")) == []


def test_names_that_two_readers_would_place_differently_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "a\\b").write_text("1")
    zip_directory(root, tmp_path / "out.zip")
    assert names(tmp_path / "out.zip") == ["a/b"]
    (root / "a").mkdir()
    (root / "a" / "b").write_text("2")
    with pytest.raises(ArchiveError, match="'a/b' can't be a name") as error:
        zip_directory(root, tmp_path / "out.zip")
    assert (error.value.code, error.value.hint) == ("archive", "rename it, or exclude it")
    assert names(tmp_path / "out.zip") == ["a/b"], "the old archive is still there"
    for name in ("..\\up", "\\top", "a\\\\b"):
        other = tmp_path / "other"
        other.mkdir()
        (other / name).write_text("3")
        with pytest.raises(ArchiveError, match="another place"):
            zip_directory(other, tmp_path / "no.zip")
        shutil.rmtree(other)
    assert sorted(os.listdir(tmp_path)) == ["out.zip", "tree"]


def test_special_files_are_left_out(tmp_path: Path) -> None:
    root = build(tmp_path / "tree")
    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "socket"))
        (root / "to-fifo").symlink_to(root / "fifo")
        report = zip_directory(root, tmp_path / "out.zip", follow="ALWAYS")
    assert (report.files, report.skipped) == (7, 1)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"level": 13}, OptionError, "level must be 0 to 12, not 13"),
        ({"level": -1}, OptionError, "level must be 0 to 12, not -1"),
        ({"level": "6"}, OptionTypeError, "level must be int, not str"),
        ({"level": True}, OptionTypeError, "level must be int, not bool"),
        ({"jobs": -1}, OptionError, "jobs must be 0 or more, not -1"),
        ({"target": ""}, OptionError, "target must not be empty"),
        ({"target": 3}, OptionTypeError, "target must be str or os.PathLike"),
        ({"follow": "sometimes"}, OptionError, "unknown follow"),
        ({"exclude": ["[" * 70_000]}, PatternError, "pattern"),
        ({"directory": "nope"}, AssetNotFoundError, "nope"),
        ({"directory": "tree/a.txt"}, AssetNotADirectoryError, "a.txt"),
        ({"target": "nope/out.zip"}, AssetNotFoundError, "nope"),
        ({"target": "tree/a.txt/out.zip"}, AssetNotADirectoryError, "a.txt"),
        ({"target": "tree"}, AssetIOError, "Is a directory"),
    ],
)
def test_bad_input(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    build(tmp_path / "tree")
    monkeypatch.chdir(tmp_path)
    arguments = {"directory": "tree", "target": "out.zip", **options}
    with pytest.raises(error, match=message):
        zip_directory(**arguments)
    assert os.listdir(tmp_path) == ["tree"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    root = build(tmp_path / "tree")
    before = zip_directory(root, tmp_path / "out.zip").sha256
    (root / "z").symlink_to("/proc/self/mem")
    with pytest.raises((AssetIOError, AssetPermissionError)):
        zip_directory(root, tmp_path / "out.zip")
    assert hashlib.sha256((tmp_path / "out.zip").read_bytes()).hexdigest() == before
    assert sorted(os.listdir(tmp_path)) == ["out.zip", "tree"]


def test_the_archive_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    root = build(tmp_path / "tree")
    before = os.umask(0o027)
    try:
        zip_directory(root, tmp_path / "out.zip")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.zip").stat().st_mode) == 0o640


def test_progress_counts_every_file(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    for number in range(40):
        (root / str(number)).write_bytes(random.Random(number).randbytes(100_000) * 20)
    calls: list[tuple[int, int, int, int]] = []
    zip_directory(
        root, tmp_path / "out.zip", level=12, progress=lambda *counts: calls.append(counts)
    )
    assert calls
    assert calls == sorted(calls)
    assert calls[-1][0] == 40
    assert 0 < calls[-1][2] <= 40 * 2_000_000


def test_excludes_choose_what_a_fingerprint_hashes(tmp_path: Path) -> None:
    root = build(tmp_path / "tree")
    exclude = ["*", "!*.txt"]
    zip_directory(root, tmp_path / "out.zip", exclude=exclude)
    assert names(tmp_path / "out.zip") == ["a.txt", "big.txt"]
    shutil.unpack_archive(tmp_path / "out.zip", tmp_path / "back")
    assert FileSystem.fingerprint(tmp_path / "back") == FileSystem.fingerprint(
        root, exclude=exclude
    )
