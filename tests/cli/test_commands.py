"""The command as people and programs meet it: text, JSON, exit codes, nothing but data on stdout."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import __version__, snapshot

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT = "b9772a914cbc8257030430410c603e13945920433d499adf70b13fd68205ab2f"
FILE = "3dd6a5f2ac1d57aafb20c2a25d0b2c3b43e33789e4d01b333ffa4732c5a09ad9"
GIT = "40ea47b20c1182dcb37c3098de42a99e94a9d6ed34f61f33efb3544f4f36d873"
NOTHING = "1ebc9d3ac2033816c4abb63e4afd69d350b4aba8704cc9236b82ea520b74f4b0"


def run(*arguments: object, cwd: Path | None = None, **environment: str) -> tuple[int, str, str]:
    """Run the command; exit code, stdout, stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "lambda_assets", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stdout, done.stderr


def document(*arguments: object, code: int = 0) -> dict[str, Any]:
    """Run the command with --json; the one document on stdout."""
    got, out, _ = run(*arguments, "--json")
    assert got == code
    parsed: dict[str, Any] = json.loads(out)
    assert parsed["schema"] == 1
    return parsed


def test_one_path_prints_the_bare_hash(tree: Path) -> None:
    assert run("hash", tree) == (0, f"{DEFAULT}\n", "")


def test_several_paths_print_lines_and_an_error_does_not_stop_the_others(tree: Path) -> None:
    code, out, err = run("hash", "tree", "nope", "tree/a.txt", cwd=tree.parent)
    assert (code, out) == (1, f"{DEFAULT}  tree\n{FILE}  tree/a.txt\n")
    assert err == f"lambda-assets: error: no such file or directory: '{tree.parent}/nope'\n"


@pytest.mark.parametrize(
    ("options", "digest"),
    [
        (("--follow", "external", "--ignore-mode", "glob", "--extra-hash", ""), DEFAULT),
        (("--ignore-mode", "git"), GIT),
        (("--exclude", "*"), NOTHING),
        (("--exclude", "b", "--exclude", "a.txt"), NOTHING),
        (("--exclude", "*", "--exclude", "!*", "--exclude", "!b/**"), DEFAULT),
        (("--no-cache", "--jobs", "1"), DEFAULT),
    ],
)
def test_options_reach_the_hash(tree: Path, options: tuple[str, ...], digest: str) -> None:
    assert run("hash", *options, tree)[1] == f"{digest}\n"


def test_patterns_from_options_and_files_keep_their_order(tree: Path) -> None:
    rules = tree.parent / "rules"
    rules.write_text("# comment\n\n*\n")
    assert run("hash", "--exclude-from", rules, tree)[1] == f"{NOTHING}\n"
    rules.write_text("!b\n!b/**\n!a.txt\n")
    assert run("hash", "--exclude", "*", "--exclude-from", rules, tree)[1] == f"{DEFAULT}\n"
    assert run("hash", "--exclude-from", rules, "--exclude", "*", tree)[1] == f"{NOTHING}\n"


def test_gitignore_leaves_out_what_git_ignores(tree: Path) -> None:
    (tree / ".gitignore").write_text("/b/\n")
    code, out, _ = run("ls", "--gitignore", tree)
    assert (code, out) == (0, ".gitignore\na.txt\n")
    code, _, err = run("hash", "--gitignore", "--ignore-mode", "glob", tree)
    assert code == 2
    assert err.endswith("hint: leave out --ignore-mode\n")


def test_hash_json_is_one_document_with_the_errors_in_it(tree: Path) -> None:
    found = document("hash", tree, tree / "nope", code=1)
    assert found["algorithm"].startswith("cdk-")
    good, bad = found["results"]
    assert good == {"path": str(tree), "fingerprint": DEFAULT}
    assert bad["fingerprint"] is None
    assert bad["error"]["code"] == "not-found"


def test_timings_name_phases_and_slowest_files(tree: Path) -> None:
    code, out, err = run("hash", "--timings", "--no-cache", tree)
    assert (code, out) == (0, f"{DEFAULT}\n")
    for text in ("3 files", "3 read", "total", "slowest files:", "b/c.txt"):
        assert text in err
    found = document("hash", "--timings", tree)["results"][0]
    assert found["counts"]["files"] == 3
    assert found["timings"]["total"] > 0


def test_a_saved_snapshot_is_explained_elsewhere(tree: Path) -> None:
    file = tree.parent / "s.json"
    assert run("hash", "--raw", "--save", file, "--exclude", "*.pyc", tree)[:2] == (
        0,
        f"{DEFAULT}\n",
    )
    assert run("explain", file, tree)[0] == 0
    (tree / "a.txt").write_bytes(b"x")
    code, out, _ = run("explain", file, tree)
    assert code == 3
    assert "  ~ a.txt  content: 6 bytes in A, 1 bytes in B\n" in out
    found = document("explain", file, tree, code=3)
    assert (found["same"], found["entries"][0]["cause"]) == (False, "content")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("hash", "--save", "x", ".", "."), "hint: run the command for each path"),
        (("hash", "--raw", "."), "hint: --raw --save FILE"),
        (("explain", "--gitignore", ".", "."), "hint: compare snapshots"),
        (("hash", "--ignore-mode", "hg", "."), "invalid choice"),
        (("hash", "--jobs", "x", "."), "is no number of threads"),
        (("hash",), "PATH"),
        ((), "COMMAND"),
        (("frobnicate",), "invalid choice"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(
    tree: Path, arguments: tuple[str, ...], hint: str
) -> None:
    code, out, err = run(*arguments, cwd=tree)
    assert (code, out) == (2, "")
    assert hint in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("name", "value"), [("LAMBDA_ASSETS_JOBS", "many"), ("LAMBDA_ASSETS_LOG", "loud")]
)
def test_a_wrong_variable_is_exit_code_2_and_named(tree: Path, name: str, value: str) -> None:
    code, out, err = run("hash", tree, **{name: value})
    assert (code, out) == (2, "")
    assert name in err


def test_a_failure_has_no_traceback_unless_asked_for(tree: Path) -> None:
    code, out, err = run("ls", tree / "nope")
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    _, _, err = run("ls", tree / "nope", LAMBDA_ASSETS_LOG="debug")
    assert "Traceback" in err


def test_an_invalid_pattern_is_named_with_a_hint(tree: Path) -> None:
    code, _, err = run("hash", "--ignore-mode", "docker", "--exclude", "a[", tree)
    assert code == 1
    assert "a[" in err
    assert "hint: " in err


def test_without_a_home_there_is_one_notice_and_a_hash(tree: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in {"HOME", "XDG_CACHE_HOME"}}
    del environment["LAMBDA_ASSETS_CACHE_DIR"]
    command = [sys.executable, "-m", "lambda_assets", "hash", tree, tree]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == f"{DEFAULT}  {tree}\n" * 2
    assert done.stderr.count("no digest cache: HOME is not set") == 1
    environment["LAMBDA_ASSETS_LOG"] = "error"
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stderr == ""


def test_ls_lists_files_and_links(tree: Path) -> None:
    (tree / "l").symlink_to("a.txt")
    (tree / "new\nline").touch()
    assert run("ls", tree)[1] == "a.txt\nb/c.txt\nb/d/e.bin\nl -> a.txt\nnew\\nline\n"
    keys = [entry["key"] for entry in document("ls", tree)["entries"]]
    assert keys == ["a.txt", "b/c.txt", "b/d/e.bin", "l", "new\nline"]


def test_ls_why_names_the_pattern_that_decided(tree: Path) -> None:
    os.mkfifo(tree / "z")
    options = ("--exclude", "*.bin", "--exclude", "b", "--exclude", "a.*", "--exclude", "!a.txt")
    assert run("ls", "--why", *options, tree)[1] == (
        "+ a.txt  pattern 4 '!a.txt'\n- b/  pattern 2 'b'\n"
        "- z  (special file: never part of an asset)\n"
    )
    first = document("ls", "--why", *options, tree)["entries"][0]
    assert first["pattern"] == {"number": 4, "text": "!a.txt"}
    assert first["included"] is True


def test_ls_du_shows_the_biggest_first(tree: Path) -> None:
    (tree / "b" / "big").write_bytes(b"x" * 5000)
    lines = run("ls", "--du", "--limit", "3", tree)[1].splitlines()
    assert lines == ["   4.9 KiB  .", "   4.9 KiB  b/", "   4.9 KiB  b/big"]
    usage = document("ls", "--du", tree)["usage"]
    assert usage[0] == {"key": "", "kind": "directory", "bytes": 5020}
    assert len(usage) == 7


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            ("--exclude", "b/"),
            ("pattern-never: pattern 1 'b/' can never match in GLOB", "'b' matches"),
        ),
        (("--exclude", "/a.txt"), ("pattern-never", "'a.txt' matches here")),
        (("--exclude", "./b/c.txt"), ("pattern-never", "'b/c.txt' matches here")),
        (("--exclude", "A.TXT"), ("pattern-unused", "matches here")),
        (("--exclude", "nothing"), ("pattern-unused: pattern 1 'nothing' matches nothing",)),
        (
            ("--exclude", "b", "--exclude", "!b/c.txt"),
            ("pattern-blocked: pattern 2", "'!b', 'b/*', '!b/c.txt'"),
        ),
        (
            ("--ignore-mode", "docker", "--exclude", "c.txt"),
            ("pattern-unused", "'**/c.txt' matches"),
        ),
        (
            ("--ignore-mode", "git", "--exclude", "A.TXT"),
            ("dialect-git: GIT mode leaves out 'a.txt'",),
        ),
        (
            ("--ignore-mode", "docker", "--exclude", "A.TXT"),
            ("dialect-docker: DOCKER mode leaves out",),
        ),
    ],
)
def test_ls_lint_finds_dead_patterns_and_suggests_what_works(
    tree: Path, options: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    code, out, _ = run("ls", "--lint", *options, tree)
    assert code == 3
    for text in expected:
        assert text in out


def test_ls_lint_finds_volatile_content_and_odd_links(tree: Path) -> None:
    (tree / "__pycache__").mkdir()
    (tree / "__pycache__" / "a.pyc").touch()
    (tree / ".DS_Store").touch()
    (tree / "abs").symlink_to(tree / "a.txt")
    (tree / "dangling").symlink_to("nowhere")
    (tree / "out").symlink_to("../tree")
    found = document("ls", "--lint", "--follow", "never", tree, code=3)["findings"]
    assert {(f["code"], *f["paths"]) for f in found} == {
        ("volatile", "__pycache__/a.pyc"),
        ("volatile", ".DS_Store"),
        ("link-absolute", "abs"),
        ("link-dangling", "dangling"),
    }
    (tree / "out").unlink()
    (tree / "out").symlink_to("../../" + tree.parent.name)
    found = document("ls", "--lint", "--follow", "never", tree, code=3)["findings"]
    assert ("link-outside", ["out"]) in [(f["code"], f["paths"]) for f in found]


def test_ls_lint_of_a_clean_asset_is_silent(tree: Path) -> None:
    assert run("ls", "--lint", "--exclude", "b", tree) == (0, "", "")


def test_cache_info_clear_and_verify(tree: Path) -> None:
    assert document("cache", "info")["files"] == []
    run("hash", tree)
    stamp = time.time() - 100
    for path in (tree / "a.txt", tree / "b" / "c.txt"):
        os.utime(path, (stamp, stamp))
    info = document("cache", "info")
    assert info["in_use"] is True
    assert info["directory"] == os.environ["LAMBDA_ASSETS_CACHE_DIR"]
    assert run("cache", "verify") == (0, "no problems\n", "")
    assert run("cache", "verify", tree) == (0, "no problems\n", "")
    assert document("cache", "verify", tree)["problems"] == []
    removed = document("cache", "clear")["removed"]
    assert removed == len(info["files"])
    assert document("cache", "info")["files"] == []
    _, out, _ = run("cache", "info", LAMBDA_ASSETS_NO_CACHE="1")
    assert "not used: LAMBDA_ASSETS_NO_CACHE is set" in out


def test_cache_verify_finds_damage(tree: Path) -> None:
    for path in (tree, tree / "b", tree / "b" / "d"):
        for file in path.iterdir():
            os.utime(file, (1, 1))
    time.sleep(0.1)
    directory = os.environ["LAMBDA_ASSETS_CACHE_DIR"]
    os.makedirs(f"{directory}/digests-v1", mode=0o700, exist_ok=True)
    os.chmod(f"{directory}/digests-v1", 0o700)
    damaged = f"{directory}/digests-v1/{'0' * 32}.digests"
    with open(damaged, "wb") as file:
        file.write(b"nonsense")
    os.chmod(damaged, 0o600)
    code, out, _ = run("cache", "verify")
    assert code == 3
    assert damaged in out


def test_version_names_rules_and_back_end() -> None:
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith(f"lambda-assets {__version__} (rules cdk-")


@pytest.mark.parametrize("command", [(), ("hash",), ("ls",), ("explain",), ("cache",)])
def test_help_has_examples(command: tuple[str, ...]) -> None:
    code, out, err = run(*command, "--help", COLUMNS="100")
    assert (code, err) == (0, "")
    assert "examples:\n  lambda-assets " in out


def test_a_reader_that_stops_is_no_error(tree: Path) -> None:
    for number in range(3000):
        (tree / f"file-with-a-rather-long-name-{number:06}").touch()
    command = [sys.executable, "-m", "lambda_assets", "ls", tree]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_an_interrupt_is_exit_code_130_without_a_traceback(tree: Path) -> None:
    (tree / "everything").symlink_to("/")
    command = [
        sys.executable,
        "-m",
        "lambda_assets",
        "hash",
        "--follow",
        "always",
        "--no-cache",
        # The portable back end can't refuse to wait for a file of the kernel that has nothing to say.
        "--exclude",
        "everything/proc",
        tree,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(1)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            begin = time.monotonic()
            out, err = process.communicate(timeout=20)
            assert time.monotonic() - begin < 10
            assert (process.returncode, out) == (130, b"")
            assert err == b"lambda-assets: interrupted\n"
        else:  # something below / can't be read: also an answer, and a named one
            _, err = process.communicate()
            assert b"error: " in err


def test_a_loaded_snapshot_equals_the_one_of_the_api(tree: Path) -> None:
    file = tree.parent / "s.json"
    run("hash", "--save", file, tree)
    assert json.loads(file.read_text())["fingerprint"] == snapshot(tree).fingerprint
