"""FileSystem: values of the real library, and every documented error."""

from __future__ import annotations

import os
import pickle
import socket
import stat
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from lambda_assets import (
    AssetError,
    AssetNotADirectoryError,
    AssetNotFoundError,
    CopyOptions,
    ExternalLinkError,
    FileSystem,
    FingerprintOptions,
    IgnoreMode,
    OptionError,
    OptionTypeError,
    PatternError,
    SpecialFileError,
    SymlinkFollowMode,
)

# Digests of aws-cdk-lib 2.275.0.
DEFAULT = "b9772a914cbc8257030430410c603e13945920433d499adf70b13fd68205ab2f"
NEVER = "9b5fa882898d916bc94bac4c7e8796bcb1f85480583f5d4cffdaef96d410ddae"
GIT = "40ea47b20c1182dcb37c3098de42a99e94a9d6ed34f61f33efb3544f4f36d873"
DOCKER = "335a245b260f9ec3b3b35bca00aee6a7f3f4703c10ad903c8c21d6bf8961f0ee"
SALT = "9521c760c9af07d565ecc6315d4855a1480475c443a354fc052a7fb9d2e03a8e"
FILE = "3dd6a5f2ac1d57aafb20c2a25d0b2c3b43e33789e4d01b333ffa4732c5a09ad9"
NOTHING = "1ebc9d3ac2033816c4abb63e4afd69d350b4aba8704cc9236b82ea520b74f4b0"


class TheirMode(Enum):
    """Stands in for an enum of aws_cdk, whose members are told by class and member name."""

    GIT = "GIT"


TheirMode.__name__ = "IgnoreMode"


@pytest.mark.parametrize(
    ("options", "digest"),
    [
        ({}, DEFAULT),
        ({"extra_hash": None, "exclude": None, "follow": None, "ignore_mode": None}, DEFAULT),
        ({"extra_hash": ""}, DEFAULT),
        ({"extra_hash": "salt"}, SALT),
        ({"follow": SymlinkFollowMode.NEVER}, NEVER),
        ({"follow": "NEVER"}, NEVER),
        ({"follow": "never"}, NEVER),
        ({"ignore_mode": IgnoreMode.GLOB}, DEFAULT),
        ({"ignore_mode": IgnoreMode.GIT}, GIT),
        ({"ignore_mode": TheirMode.GIT}, GIT),
        ({"ignore_mode": IgnoreMode.DOCKER}, DOCKER),
        ({"exclude": ["*"]}, NOTHING),
        ({"exclude": ("*",)}, NOTHING),
        ({"exclude": []}, DEFAULT),
    ],
)
def test_options_give_the_digest_of_the_real_library(
    tree: Path, options: dict[str, Any], digest: str
) -> None:
    assert FileSystem.fingerprint(tree, **options) == digest


def test_a_file_root_and_every_spelling_of_a_path(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FileSystem.fingerprint(str(tree / "a.txt")) == FILE
    assert FileSystem.fingerprint(f"{tree}/a.txt/") == FILE
    monkeypatch.chdir(tree)
    for spelling in ("", ".", "./", "b/..", f"{tree}/"):
        assert FileSystem.fingerprint(spelling) == DEFAULT


def test_lone_surrogates_of_an_extra_hash_become_replacement_characters(tree: Path) -> None:
    def digest(text: str) -> str:
        return FileSystem.fingerprint(tree, extra_hash=text)

    assert digest("a\ud800b") == digest("a\ufffdb")
    assert digest("a\ud800") == digest("a\ufffd")
    assert digest("\udc00\ud800") == digest("\ufffd\ufffd")
    assert digest("\ud83d\ude00") == digest("\U0001f600")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"exclude": "abc"}, TypeError, "not one string"),
        ({"exclude": b"abc"}, TypeError, "not one string"),
        ({"exclude": {"a"}}, TypeError, "must have an order"),
        ({"exclude": 5}, TypeError, "sequence of patterns"),
        ({"exclude": [Path("a")]}, TypeError, "exclude pattern 1 must be str"),
        ({"exclude": ["a", "\ud800"]}, ValueError, "exclude pattern 2 holds a lone surrogate"),
        ({"extra_hash": 5}, TypeError, "extra_hash must be str"),
        ({"extra_hash": 0}, TypeError, "extra_hash must be str"),
        ({"follow": True}, TypeError, "follow must be"),
        ({"follow": "sometimes"}, ValueError, "unknown follow 'sometimes'"),
        ({"follow": ""}, ValueError, "unknown follow ''"),
        ({"follow": IgnoreMode.GIT}, TypeError, "follow must be"),
        ({"ignore_mode": "hg"}, ValueError, "unknown ignore_mode 'hg'"),
    ],
)
def test_wrong_options_are_told_apart(
    tree: Path, options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        FileSystem.fingerprint(tree, **options)
    assert isinstance(caught.value, kind)
    assert isinstance(caught.value, OptionTypeError) is (kind is TypeError)


def test_a_single_string_for_exclude_comes_with_a_hint(tree: Path) -> None:
    with pytest.raises(TypeError) as caught:
        FileSystem.fingerprint(tree, exclude="*.pyc")
    assert caught.value.hint == "exclude=['*.pyc']"  # type: ignore[attr-defined]
    assert caught.value.__notes__ == ["hint: exclude=['*.pyc']"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a\0b", ValueError),
        ("\ud800", ValueError),
        (b"a", TypeError),
        (5, TypeError),
        (None, TypeError),
    ],
)
def test_wrong_paths_are_told_apart(path: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        FileSystem.fingerprint(path)
    assert isinstance(caught.value, OptionError)


def test_a_missing_path_is_a_file_not_found_error(tree: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        FileSystem.fingerprint(tree / "nope")
    assert isinstance(caught.value, AssetNotFoundError)
    assert caught.value.filename == str(tree / "nope")
    assert caught.value.code == "not-found"


def test_a_dangling_link_as_root_is_a_file_not_found_error(tree: Path) -> None:
    (tree.parent / "dangling").symlink_to("nowhere")
    with pytest.raises(FileNotFoundError):
        FileSystem.fingerprint(tree.parent / "dangling")


def test_a_path_below_a_file_is_a_not_a_directory_error(tree: Path) -> None:
    with pytest.raises(NotADirectoryError) as caught:
        FileSystem.fingerprint(tree / "a.txt" / "x")
    assert isinstance(caught.value, AssetNotADirectoryError)


def test_a_link_loop_as_root_is_an_os_error(tree: Path) -> None:
    (tree.parent / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="loop") as caught:
        FileSystem.fingerprint(tree.parent / "loop")
    assert isinstance(caught.value, AssetError)


def test_a_fifo_and_a_socket_as_root_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(SpecialFileError):
        FileSystem.fingerprint(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        with pytest.raises(OSError, match="s") as caught:
            FileSystem.fingerprint(tmp_path / "s")
    assert isinstance(caught.value, AssetError)


def test_a_fifo_behind_a_followed_link_is_refused_unless_ignored(tree: Path) -> None:
    os.mkfifo(tree.parent / "fifo")
    (tree / "l").symlink_to("../fifo")
    with pytest.raises(SpecialFileError) as caught:
        FileSystem.fingerprint(tree)
    assert caught.value.filename == str(tree / "l")
    assert FileSystem.fingerprint(tree, exclude=["l"]) == DEFAULT


def test_a_name_that_is_not_utf8_is_not_found(tree: Path) -> None:
    with open(os.fsencode(tree) + b"/b\xff", "wb"):
        pass
    with pytest.raises(FileNotFoundError) as caught:
        FileSystem.fingerprint(tree)
    assert caught.value.hint == "rename it, or exclude it"  # type: ignore[attr-defined]
    assert FileSystem.fingerprint(tree, exclude=["b\ufffd"]) == DEFAULT


@pytest.mark.parametrize(
    ("mode", "pattern"), [("glob", "x" * 65_537), ("docker", "a["), ("git", "\ud7ff(?")]
)
def test_patterns_at_the_edge_are_pattern_errors_or_fine(
    tree: Path, mode: str, pattern: str
) -> None:
    if mode == "git":  # a parenthesis is no syntax there
        FileSystem.fingerprint(tree, exclude=[pattern], ignore_mode=mode)
        return
    with pytest.raises(PatternError) as caught:
        FileSystem.fingerprint(tree, exclude=["ok", pattern], ignore_mode=mode)
    assert isinstance(caught.value, ValueError)
    assert caught.value.index == 1


def test_a_regex_that_could_backtrack_without_end_gives_an_answer_or_an_error(tree: Path) -> None:
    (tree / ("a" * 60)).touch()
    plain = FileSystem.fingerprint(tree, ignore_mode="docker")
    try:
        assert FileSystem.fingerprint(tree, exclude=["(a+)+b"], ignore_mode="docker") == plain
    except PatternError as error:
        assert error.pattern == "(a+)+b"  # noqa: PT017  either is right, a hang is not


def test_errors_survive_pickling(tree: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        FileSystem.fingerprint(tree / "nope")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is AssetNotFoundError
    assert (copy.filename, copy.op) == (caught.value.filename, caught.value.op)  # type: ignore[attr-defined]


def test_a_digest_is_never_stale(tree: Path) -> None:
    file = tree / "a.txt"
    before = file.stat()
    for _ in range(2):
        assert FileSystem.fingerprint(tree) == DEFAULT
    file.write_bytes(b"ALPHA\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert FileSystem.fingerprint(tree) != DEFAULT


@pytest.mark.parametrize("options", [None, {}, CopyOptions(), FingerprintOptions()])
def test_copy_directory_takes_structs_as_classes_and_dicts(tree: Path, options: Any) -> None:
    target = tree.parent / "copy"
    assert FileSystem.copy_directory(tree, target, options) is None
    assert FileSystem.fingerprint(target) == DEFAULT
    assert (target / "empty").is_dir()


@pytest.mark.parametrize(
    "options", [{"exclude": ["b"]}, CopyOptions(exclude=["b"]), {"exclude": ("b",), "follow": None}]
)
def test_copy_directory_leaves_out_what_is_excluded(tree: Path, options: Any) -> None:
    target = tree.parent / "copy"
    FileSystem.copy_directory(str(tree), str(target), options)
    assert sorted(os.listdir(target)) == ["a.txt", "empty"]


def test_copy_directory_keeps_modes_and_takes_a_root(tree: Path) -> None:
    (tree / "a.txt").chmod(0o741)
    target = tree.parent / "copy"
    FileSystem.copy_directory(tree, target, {"exclude": ["tree/b"]}, root_dir=tree.parent)
    assert stat.S_IMODE((target / "a.txt").stat().st_mode) == 0o741
    assert not (target / "b").exists()


VIRTUAL = "/sys/kernel/mm/transparent_hugepage/enabled"


@pytest.mark.skipif(not os.path.exists(VIRTUAL), reason="no such virtual file here")
@pytest.mark.parametrize("copy", [FileSystem.copy_directory, FileSystem.fingerprint_and_copy])
def test_a_virtual_file_that_claims_another_size_is_copied_as_it_reads(
    tree: Path, tmp_path: Path, copy: Any
) -> None:
    assert os.stat(VIRTUAL).st_size > len(Path(VIRTUAL).read_bytes())
    (tree / "virtual").symlink_to(VIRTUAL)
    copy(tree, tmp_path / "out")
    assert (tmp_path / "out" / "virtual").read_bytes() == Path(VIRTUAL).read_bytes()


def test_copy_directory_blocks_external_links(tree: Path) -> None:
    (tree / "l").symlink_to("../outside")
    options = {"follow": SymlinkFollowMode.BLOCK_EXTERNAL}
    with pytest.raises(ExternalLinkError) as caught:
        FileSystem.copy_directory(tree, tree.parent / "copy", options)
    assert caught.value.filename == str(tree / "l")
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("options", [{"exlude": []}, ["b"], "b", CopyOptions])
def test_copy_options_of_a_wrong_shape_are_type_errors(tree: Path, options: Any) -> None:
    with pytest.raises(TypeError):
        FileSystem.copy_directory(tree, tree.parent / "copy", options)
    assert not (tree.parent / "copy").exists()


def test_one_pass_hashes_and_copies(tree: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"exclude": ["*.txt"], "extra_hash": "salt"}
    for name in ("read", "cached"):
        digest = FileSystem.fingerprint_and_copy(tree, tmp_path / name, **options)
        assert digest == FileSystem.fingerprint(tree, **options)
    FileSystem.copy_directory(tree, tmp_path / "apart", {"exclude": ["*.txt"]})
    apart = sorted(path.relative_to(tmp_path / "apart") for path in (tmp_path / "apart").rglob("*"))
    assert apart
    for name in ("read", "cached"):
        here = tmp_path / name
        assert sorted(path.relative_to(here) for path in here.rglob("*")) == apart


def test_one_pass_into_its_own_source_hashes_what_was_there(tree: Path) -> None:
    (tree / "out").mkdir()
    (tree / "out" / "old").write_text("old")
    before = FileSystem.fingerprint(tree)
    assert FileSystem.fingerprint_and_copy(tree, tree / "out") == before
    assert sorted(os.listdir(tree / "out")) == sorted({*os.listdir(tree), "old"} - {"out"})


def test_one_pass_that_fails_leaves_nothing(tree: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tree / "link").symlink_to(tmp_path / "pipe")
    with pytest.raises(SpecialFileError):
        FileSystem.fingerprint_and_copy(tree, tmp_path / "out")
    assert not [name for name in os.listdir(tmp_path) if name == "out" or name.startswith(".")]


def test_one_pass_wants_a_directory(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(AssetNotADirectoryError):
        FileSystem.fingerprint_and_copy(tree / "a.txt", tmp_path / "out")


def test_structs_compare_and_show_their_fields() -> None:
    assert CopyOptions(exclude=["a"]) == CopyOptions(exclude=["a"])
    assert CopyOptions() != FingerprintOptions()
    assert (
        repr(CopyOptions(exclude=["a"]))
        == "CopyOptions(exclude=['a'], follow=None, ignore_mode=None)"
    )


def test_is_empty(tree: Path) -> None:
    assert FileSystem.is_empty(tree / "empty") is True
    assert FileSystem.is_empty(str(tree)) is False
    with pytest.raises(FileNotFoundError):
        FileSystem.is_empty(tree / "nope")
    with pytest.raises(NotADirectoryError):
        FileSystem.is_empty(tree / "a.txt")


def test_mkdtemp_makes_a_private_directory_in_tmpdir() -> None:
    made = FileSystem.mkdtemp("lambda-assets-test-")
    try:
        assert os.path.dirname(made) == FileSystem.tmpdir == os.path.realpath(FileSystem.tmpdir)
        assert os.path.basename(made).startswith("lambda-assets-test-")
        assert stat.S_IMODE(os.stat(made).st_mode) == 0o700
    finally:
        os.rmdir(made)
    with pytest.raises(FileNotFoundError):
        FileSystem.mkdtemp("no-such-directory/x")
