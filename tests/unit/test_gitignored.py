"""gitignored: the very decisions of git, as patterns of the CDK."""

from __future__ import annotations

import os
import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from lambda_assets import FileSystem, IgnoreMode, NotExpressibleError, gitignored
from lambda_assets.filesystem.gitrules import GitRules

if TYPE_CHECKING:
    from pathlib import Path

TREES = int(os.environ.get("LAMBDA_ASSETS_TEST_SCALE", "1")) * 60

NAMES = [
    b"a", b"b", b"foo", b"ab", b"afoo", b"\xc3\xa9", b"a ", b" a", b"a\t", b"#a", b"!a", b"[a", b"x*y",
    b"\\a", b".a", b"a.b", b"-", b"c", b"a\nb", b"$", b"(", b"]", b"1", b"a\r", b"{a,b}", b"b+",
]  # fmt: skip
PIECES = [
    b"*", b"**", b"?", b"/", b"/", b"a", b"b", b"foo", b"[ab]", b"[!a]", b"[^b]", b"[a-c]", b"[[:alpha:]]",
    b"[]a]", b"[a", b"\\a", b"\\*", b" ", b"\t", b".", b"\xc3\xa9", b"!", b"#", b"[a/b]", b"**/", b"/**", b"\\",
    b"[\\]]", b"[z-a]", b"-", b"[[:foo:]]", b"[[:digit:]-a]", b"\r", b"[a-]", b"[--0]", b"$", b"(", b"\\ ", b"[!/]",
]  # fmt: skip


def _lines(rng: random.Random, count: int) -> bytes:
    lines = []
    for _ in range(count):
        line = b"".join(rng.choices(PIECES, k=rng.randint(1, 4))) + rng.choice([b"", b"", b"/"])
        lines.append(rng.choice([b"", b"", b"!"]) + line)
    return b"\n".join(lines) + rng.choice([b"\n", b"", b"\r\n"])


def _grow(rng: random.Random, directory: bytes, depth: int) -> None:
    if rng.random() < (0.9 if depth == 0 else 0.4):
        with open(directory + b"/.gitignore", "wb") as file:
            file.write(_lines(rng, rng.randint(1, 4)))
    for name in rng.sample(NAMES, rng.randint(2, 6)):
        path = directory + b"/" + name
        if depth < 3 and rng.random() < 0.5:
            os.mkdir(path)
            _grow(rng, path, depth + 1)
        elif rng.random() < 0.1:
            os.symlink(b"a", path)
        else:
            with open(path, "wb"):
                pass


def _git(root: bytes, *arguments: str) -> set[bytes]:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "-C", root, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, env=environment)
    return {name for name in done.stdout.split(b"\0") if name}


def _files(root: bytes) -> set[bytes]:
    found = set()
    for directory, directories, files in os.walk(root):
        if b".git" in directories:
            directories.remove(b".git")
        links = [d for d in directories if os.path.islink(os.path.join(directory, d))]
        found |= {os.path.relpath(os.path.join(directory, f), root) for f in [*files, *links]}
    return found


@pytest.mark.parametrize("number", range(TREES))
def test_random_trees_keep_what_git_keeps(tmp_path: Path, number: int) -> None:
    root = os.fsencode(tmp_path / "root")
    os.mkdir(root)
    _git(root, "init", "-q")
    seed = f"gitignored/{number}"  # the whole tree follows from it
    _grow(random.Random(seed), root, 0)
    kept = _git(root, "ls-files", "-z", "--others", "--exclude-standard")
    ignored = _git(root, "ls-files", "-z", "--others", "--ignored", "--exclude-standard")
    assert kept | ignored == _files(root)
    found = gitignored(os.fsdecode(root))
    copy = tmp_path / "copy"
    options = {"exclude": found.exclude, "ignore_mode": found.ignore_mode, "follow": "never"}
    FileSystem.copy_directory(os.fsdecode(root), copy, options)
    assert _files(os.fsencode(copy)) == kept, seed


@pytest.mark.parametrize(
    ("files", "exclude"),
    [
        ({".gitignore": "*.log\n", "x.log": "", "d/y.log": "", "d/z": ""}, ("/x.log", "/d/y.log")),
        ({".gitignore": "/build/\n", "build/a": "", "d/build/a": ""}, ("/build",)),
        ({".gitignore": "d\n!d/keep\n", "d/keep": ""}, ("/d",)),
        ({".gitignore": "*.x\n", "d/.gitignore": "!a.x\n", "d/a.x": "", "b.x": ""}, ("/b.x",)),
        ({"d/.gitignore": "/a\n", "d/a": "", "a": ""}, ("/d/a",)),
        ({"a": ""}, ()),
        ({".git/config": "", "d/.git": "", "a": ""}, ("/.git", "/d/.git")),
        ({".gitignore": "*\\[*\n", "w[*]x": "", "ok": ""}, ("/w\\[\\*]x",)),
        ({".gitignore": "\ufeffa\r\nb", "a": "", "b": ""}, ("/a", "/b")),
    ],
)
def test_the_list_is_compact_and_literal(
    tmp_path: Path, files: dict[str, str], exclude: tuple[str, ...]
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, newline="")
    found = gitignored(tmp_path)
    assert set(found.exclude) == set(exclude)
    assert found.ignore_mode is IgnoreMode.GIT


def test_names_that_differ_in_case_only_cannot_be_told_apart(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("foo\n")
    (tmp_path / "foo").touch()
    (tmp_path / "FOO").touch()
    with pytest.raises(NotExpressibleError, match="FOO") as caught:
        gitignored(tmp_path)
    assert caught.value.filename == "FOO"


def test_a_question_mark_is_fine_until_it_hits_another_name(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("q\\?x\n")
    (tmp_path / "q?x").touch()
    assert gitignored(tmp_path).exclude == ("/q?x",)
    (tmp_path / "qax").touch()
    with pytest.raises(NotExpressibleError, match="qax"):
        gitignored(tmp_path)


def test_only_files_inside_the_directory_count(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "a").touch()
    (tmp_path / "rules").write_text("*\n")
    (inner / ".gitignore").symlink_to("../rules")  # git does not follow it either
    assert gitignored(inner).exclude == ()


def test_fifos_named_gitignore_do_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".gitignore")
    assert gitignored(tmp_path).exclude == ()


def test_errors_name_the_path(tree: Path) -> None:
    with pytest.raises(FileNotFoundError):
        gitignored(tree / "nope")
    with pytest.raises(NotADirectoryError):
        gitignored(tree / "a.txt")


@pytest.mark.parametrize(
    ("pattern", "path", "directory", "hit"),
    [
        ("foo/", "foo", False, False),
        ("foo/", "foo", True, True),
        ("foo/**", "foo", True, False),
        ("foo/**", "foo/a/b", False, True),
        ("foo**/bar", "fooa/b/bar", False, True),
        ("****/a", "x/a", False, True),
        ("a/**/b", "a/b", False, True),
        ("[[:alpha:]]", "é", False, False),
        ("[!a]", "b", False, True),
        ("[a/b]", "b", False, True),
        ("[a/b]", "x/b", False, False),
        ("a\\", "a", False, False),
        ("a\t", "a\t", False, True),
        ("a  ", "a", False, True),
        ("a\\ ", "a ", False, True),
        ("??", "é", False, True),
        ("/", "a", True, False),
    ],
)
def test_rows_of_git_check_ignore(pattern: str, path: str, *, directory: bool, hit: bool) -> None:
    rule = GitRules(pattern.encode()).decide(path.encode(), directory=directory)
    assert (rule is not None) is hit
