"""from_custom_command: real commands, and what is said when they fail."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import OptionError, OptionTypeError, ValidationError
from lambda_assets.aws_lambda import command

if TYPE_CHECKING:
    from pathlib import Path


def test_the_command_runs_at_once_without_a_shell(tmp_path: Path) -> None:
    command.run(["touch", f"{tmp_path}/$HOME x"])
    assert os.listdir(tmp_path) == ["$HOME x"]


def test_options_are_those_of_spawn_sync(tmp_path: Path) -> None:
    command.run(
        ["cat > out; echo $X >> out"],
        {"cwd": tmp_path, "env": {"X": "1", "PATH": os.defpath}, "shell": True, "input": "é\n"},
    )
    assert (tmp_path / "out").read_text(encoding="utf-8") == "é\n1\n"


@pytest.mark.parametrize(
    ("words", "options", "text"),
    [
        (
            [],
            {},
            'command must contain at least one argument. For example, ["node", "buildFile.js"].',
        ),
        (
            ["sh", "-c", "echo o1 '\no2'; printf ' ERR ' >&2; exit 3"],
            {},
            "sh exited with status: 3\n\nstdout: o1 \no2\n\nstderr: ERR",
        ),
        (["sh", "-c", "kill -9 $$"], {}, "sh exited with status: null\n\nstdout: \n\nstderr: "),
        (
            ["sh", "-c", "exit 1"],
            {"stdio": "ignore"},
            "sh exited with status: 1\n\nstdout: undefined\n\nstderr: undefined",
        ),
        (
            ["no-such-program"],
            {},
            "Failed to execute custom command: Error: spawnSync no-such-program ENOENT",
        ),
        (
            ["true"],
            {"cwd": "/nonexistent"},
            "Failed to execute custom command: Error: spawnSync true ENOENT",
        ),
        (
            ["sleep", "5"],
            {"timeout": 50},
            "Failed to execute custom command: Error: spawnSync sleep ETIMEDOUT",
        ),
    ],
)
def test_failures_read_as_upstream(words: list[str], options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        command.run(words, options)
    assert str(caught.value) == text


def test_wrong_options_are_named() -> None:
    with pytest.raises(OptionError, match="unknown command option 'cdw'"):
        command.run(["true"], {"cdw": "/"})
    with pytest.raises(OptionTypeError, match="command must be a sequence"):
        command.run("true")
    with pytest.raises(OptionTypeError, match="timeout must be a number"):
        command.run(["true"], {"timeout": "1"})


def test_output_has_no_limit() -> None:
    command.run(["sh", "-c", "head -c 3000000 /dev/zero"])


def test_output_is_shown_as_it_comes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    seen = tmp_path / "seen"
    running = threading.Thread(
        target=command.run,
        args=(
            ["sh", "-c", f"echo é; echo err >&2; until [ -e {seen} ]; do sleep 0.05; done; echo 2"],
        ),
    )
    running.start()
    said = ""
    while len(said) < len("é\nerr\n"):
        out, err = capfd.readouterr()
        assert out == ""
        said += err
    seen.touch()
    running.join()
    assert sorted(said.splitlines()) == ["err", "é"]
    assert capfd.readouterr() == ("", "2\n")


def test_what_a_command_started_is_not_waited_for_once_it_took_too_long() -> None:
    began = time.monotonic()
    with pytest.raises(ValidationError, match="ETIMEDOUT"):
        command.run(["sh", "-c", "sleep 5; true"], {"timeout": 50})
    assert time.monotonic() - began < 3


def test_a_command_need_not_read_its_input() -> None:
    command.run(["true"], {"input": "x" * 1_000_000})
