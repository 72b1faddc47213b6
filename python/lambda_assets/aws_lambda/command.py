"""Run the command of ``Code.from_custom_command`` (spec api, section 8).

The options have the names and units of Node's ``spawnSync``, as upstream. Different on purpose: the output is
shown and has no limit, the working directory and the environment are the current ones, and an unknown option is an error.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import threading
from typing import IO, TYPE_CHECKING, Any

from lambda_assets.echo import echo
from lambda_assets.errors import OptionError, OptionTypeError, ValidationError
from lambda_assets.filesystem.options import path_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Accepted, without a meaning here: there is no limit, output is bytes, and windows are not opened.
_WITHOUT_MEANING = {"encoding", "maxBuffer", "windowsHide"}
_KNOWN = {"cwd", "env", "gid", "input", "killSignal", "shell", "stdio", "timeout", "uid"}
_STREAMS = {"pipe": subprocess.PIPE, "ignore": subprocess.DEVNULL, "inherit": None}


def run(command: Sequence[str], options: Mapping[str, Any] | None = None) -> None:
    """Run a command to its end; what it says goes to stderr as it comes, and into the error if it fails.

    Args:
        command: The program and its arguments.
        options: ``cwd``, ``env`` (instead of the environment), ``shell`` (a bool or a program), ``input``,
            ``stdio`` (``pipe``, ``inherit`` or ``ignore``), ``timeout`` (milliseconds), ``killSignal``, ``uid``, ``gid``.

    Raises:
        ValidationError: There is no command, it can't be run, it fails, or it takes too long.
        OptionError: An option is unknown or has a wrong value.
    """
    program, *arguments = _words(command)
    chosen = _checked(options or {})
    timeout = chosen.get("timeout")
    with_input = chosen.get("input")
    shell = chosen.get("shell")
    argv: list[str] = [program, *arguments]
    if shell:
        argv = [shell if isinstance(shell, str) else "/bin/sh", "-c", " ".join(argv)]
    try:
        process = subprocess.Popen(argv, **_how(chosen))  # noqa: S603  the user's command
    except OSError as error:
        raise _not_run(argv[0], error.errno or 0) from error
    except (TypeError, ValueError) as error:
        raise OptionTypeError(f"command can't be run: {error}: {command!r}") from error
    try:
        out, err = _to_its_end(process, with_input, timeout / 1000 if timeout else None)
    except subprocess.TimeoutExpired as error:
        process.send_signal(chosen.get("killSignal", signal.SIGTERM))
        process.wait()
        raise ValidationError(
            f"Failed to execute custom command: Error: spawnSync {argv[0]} ETIMEDOUT",
            "FailedToExecuteCustomCommand",
        ).with_hint(f"it ran longer than {timeout} ms: {command!r}") from error
    except BaseException:
        process.kill()
        process.wait()
        raise
    _check_status(program, process.returncode, out, err, argv)


def _to_its_end(
    process: subprocess.Popen[bytes], data: str | bytes | None, seconds: float | None
) -> tuple[bytes | None, bytes | None]:
    """Wait for a process and return what it said; whoever holds its output open when it is stopped is not waited for."""
    out, err = (
        None if stream is None else _Listener(stream) for stream in (process.stdout, process.stderr)
    )
    if process.stdin is not None:
        text = data.encode() if isinstance(data, str) else data or b""
        threading.Thread(target=_feed, args=(process.stdin, text), daemon=True).start()
    process.wait(seconds)
    return (out.everything() if out else None), (err.everything() if err else None)


class _Listener(threading.Thread):
    """Shows what a process says and keeps it."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self.heard = bytearray()
        self._stream = stream
        self.start()

    def everything(self) -> bytes:
        """What it said, once it has ended."""
        self.join()
        return bytes(self.heard)

    def run(self) -> None:
        with self._stream:
            echo(self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        while chunk := os.read(self._stream.fileno(), 1 << 16):
            self.heard += chunk
            yield chunk


def _feed(stream: IO[bytes], data: bytes) -> None:
    # A command may end without having read it.
    with contextlib.suppress(BrokenPipeError), stream:
        stream.write(data)


def _words(command: Sequence[str]) -> list[str]:
    if isinstance(command, (str, bytes)):
        raise OptionTypeError("command must be a sequence of texts, not one text").with_hint(
            "['sh', '-c', command]"
        )
    words = [path_text(word, "command") for word in command]
    if not words:
        raise ValidationError(
            'command must contain at least one argument. For example, ["node", "buildFile.js"].',
            "CommandMustContainArgument",
        )
    if not words[0]:
        raise ValidationError(
            "The argument 'file' cannot be empty. Received ''", "ERR_INVALID_ARG_VALUE"
        )
    return words


def _checked(options: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(options) - _KNOWN - _WITHOUT_MEANING)
    if unknown:
        raise OptionError(f"unknown command option {unknown[0]!r}").with_hint(
            "the options are " + ", ".join(sorted(_KNOWN))
        )
    chosen = {name: value for name, value in options.items() if value is not None}
    timeout = chosen.get("timeout", 0)
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or timeout < 0:
        raise OptionTypeError(f"timeout must be a number of milliseconds, not {timeout!r}")
    if not isinstance(chosen.get("input", ""), (str, bytes)):
        kind = type(chosen["input"]).__name__
        raise OptionTypeError(f"input must be str or bytes, not {kind}")
    stdio = chosen.get("stdio", "pipe")
    if not isinstance(stdio, str) or stdio not in _STREAMS:
        raise OptionError(f"unknown stdio {stdio!r}").with_hint("use " + ", ".join(_STREAMS))
    name = chosen.get("killSignal")
    if isinstance(name, str):
        try:
            chosen["killSignal"] = signal.Signals[name]
        except KeyError:
            raise OptionError(f"unknown killSignal {name!r}").with_hint("such as SIGTERM") from None
    return chosen


def _how(chosen: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the process, in Python's words."""
    stream = _STREAMS[chosen.get("stdio", "pipe")]
    how: dict[str, Any] = {"stdin": stream, "stdout": stream, "stderr": stream}
    if "input" in chosen:
        how["stdin"] = subprocess.PIPE
    names = {"cwd": "cwd", "env": "env", "uid": "user", "gid": "group"}
    return how | {ours: chosen[theirs] for theirs, ours in names.items() if theirs in chosen}


def _not_run(program: str, number: int) -> ValidationError:
    # As upstream, a missing working directory is shown as a missing program.
    name = errno.errorcode.get(number, str(number))
    return ValidationError(
        f"Failed to execute custom command: Error: spawnSync {program} {name}",
        "FailedToExecuteCustomCommand",
    ).with_hint("the program or its working directory can't be used")


def _check_status(
    program: str, status: int, out: bytes | None, err: bytes | None, argv: list[str]
) -> None:
    if status == 0:
        return
    shown = "null" if status < 0 else str(status)
    raise ValidationError(
        f"{program} exited with status: {shown}\n\nstdout: {_text(out)}\n\nstderr: {_text(err)}",
        "CommandExitedWithNonZeroStatus",
    ).with_hint(f"the whole command was {argv!r}")


def _text(output: bytes | None) -> str:
    return "undefined" if output is None else output.decode("utf-8", "replace").strip()
