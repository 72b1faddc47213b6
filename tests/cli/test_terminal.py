"""What a terminal shows and a pipe does not."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from lambda_assets.cli import terminal
from lambda_assets.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

# Work that takes as long as it must: the callback is what a native call would call.
_PROGRAM = """
import time
from lambda_assets.cli import terminal
from lambda_assets.settings import Settings
with terminal.progress(Settings.resolve(), "hashing") as report:
    if report is None:
        print("nobody looks")
    else:
        report(10, 1, 1 << 20, 1 << 21)
        terminal._PATIENCE = 0.0
        report(1200, 600, 1 << 20, 1 << 21)
"""


def _in_terminal(*command: str, **environment: str) -> str:
    master, slave = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k not in {"CI", "NO_COLOR"}}
    env |= {"TERM": "xterm", "COLUMNS": "100", **environment}
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env) as process:
        os.close(slave)
        shown = b""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and select.select([master], [], [], 30)[0]:
            try:
                block = os.read(master, 4096)
            except OSError:  # the other end is closed
                break
            shown += block
        process.wait(timeout=30)
    os.close(master)
    return shown.decode()


_STEPS = """
from lambda_assets.cli import terminal
from lambda_assets.settings import Settings
with terminal.steps(Settings.resolve(), "staging", 5) as watch:
    if watch is None:
        print("nobody looks")
    else:
        watch(1, ["early"])
        terminal._PATIENCE = 0.0
        watch(2, ["api", "[red]site"])
"""


def test_steps_are_drawn_with_the_names_of_what_is_under_way() -> None:
    shown = _in_terminal(sys.executable, "-c", _STEPS)
    assert "2 of 5: api, [red]site" in shown
    assert "early" not in shown
    assert "nobody looks" in _in_terminal(sys.executable, "-c", _STEPS, CI="1")


def test_a_bar_is_drawn_once_the_patience_is_over() -> None:
    shown = _in_terminal(sys.executable, "-c", _PROGRAM)
    assert "600 of 1,200 files, 1.0 MiB" in shown
    assert "1 of 10 files" not in shown


@pytest.mark.parametrize("variable", ["CI", "LAMBDA_ASSETS_NO_PROGRESS"])
def test_no_bar_where_it_is_switched_off(variable: str) -> None:
    assert _in_terminal(sys.executable, "-c", _PROGRAM, **{variable: "1"}).strip() == "nobody looks"


def test_no_bar_in_a_pipe() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("nobody looks\n", "")


def test_colours_on_a_terminal_only_and_not_with_no_color(tree: Path) -> None:
    command = (sys.executable, "-m", "lambda_assets", "ls", "--why", str(tree))
    assert "\x1b[32m+\x1b[0m a.txt" in _in_terminal(*command)
    assert "\x1b" not in _in_terminal(*command, NO_COLOR="1")
    assert b"\x1b" not in subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 << 20, "5.0 MiB"), (3 << 40, "3.0 TiB")],
)
def test_sizes(count: int, text: str) -> None:
    assert terminal.size(count) == text


def test_notices_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    notice = ("code", "something")
    terminal._said.clear()
    terminal.say_notices([notice, notice], Settings.resolve({}, "linux"))
    assert capsys.readouterr().err == "lambda-assets: notice: something\n"
