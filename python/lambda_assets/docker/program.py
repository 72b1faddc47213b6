"""The command ``docker``, or what ``CDK_DOCKER`` names in its place (spec staging, sections 9 and 10).

Images are built, and files copied out of them, with the command: only it has BuildKit with its contexts and cache
options, and the rules of ``docker cp`` for source and target. Containers that bundle are run through the engine's
interface (:mod:`lambda_assets.docker.engine`), which alone tells what has to be cleaned up after each failure.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
from typing import TYPE_CHECKING

from lambda_assets.errors import EngineError, ValidationError
from lambda_assets.settings import cdk_variable

if TYPE_CHECKING:
    from collections.abc import Sequence

_STDERR = 2
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
#: Options whose value may be a secret: ``docker`` takes the name alone too, and then asks its environment.
_WITH_VALUES = ("--env", "--build-arg")
_CACHES = ("--cache-from", "--cache-to")
_SECRET = re.compile(r"([^,=]*(?:secret|token|password|key)[^,=]*)=[^,]*", re.IGNORECASE)


def program() -> str:
    """The command: ``CDK_DOCKER``, else ``docker``."""
    return cdk_variable("CDK_DOCKER") or "docker"


def run(arguments: Sequence[str]) -> None:
    """Run the command; what it says goes to stderr.

    Args:
        arguments: Its arguments.

    Raises:
        EngineError: There is no such command, or no engine answers it.
        ValidationError: It fails; the text is the CDK's, without values that may be secrets.
    """
    _finish(arguments, _start(arguments, stdout=_STDERR, stderr=None))


def output(arguments: Sequence[str]) -> str:
    """Run the command and return what it says.

    Args:
        arguments: Its arguments.

    Raises:
        EngineError: There is no such command, or no engine answers it.
        ValidationError: It fails; the text is the CDK's, and has the output.
    """
    done = _start(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _finish(arguments, done)
    return done.stdout.decode("utf-8", "replace")


def succeeds(arguments: Sequence[str]) -> bool:
    """Whether the command can be run and succeeds; nothing is shown.

    Args:
        arguments: Its arguments.
    """
    try:
        done = _start(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except EngineError:
        return False
    return done.returncode == 0


def has_selinux() -> bool:
    """Whether directories must be labelled before a container may use them."""
    try:
        done = subprocess.run(["selinuxenabled"], capture_output=True, check=False)  # noqa: S607
    except OSError:
        return False
    return done.returncode == 0


def failure(
    arguments: Sequence[str], status: int, stdout: str | None = None, stderr: str | None = None
) -> ValidationError:
    """The CDK's error for a command that failed.

    Values of variables and build arguments, and what looks like a secret in cache options, are left out: the command
    that is shown is still one that can be run. Upstream shows them.

    Args:
        arguments: Its arguments.
        status: How it ended; a signal if negative.
        stdout: What it said, if that was not shown.
        stderr: As above.
    """
    name = program()
    how = f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
    lines = [f"{name} exited with {how}"]
    lines += [f"--> STDOUT:  {_indented(stdout)}"] if stdout else []
    lines += [f"--> STDERR:  {_indented(stderr)}"] if stderr else []
    lines.append(f"--> Command: {command_line([name, *_without_secrets(arguments)])}")
    return ValidationError("\n".join(lines), "CommandExecutionFailed")


def unusable(arguments: Sequence[str], why: str) -> ValidationError:
    """The error for arguments that no command can get, such as those with a NUL character.

    Args:
        arguments: The arguments; values that may be secrets are not shown.
        why: What is wrong with them.
    """
    name = program()
    shown = command_line([name, *_without_secrets(arguments)])
    return ValidationError(f"{name} cannot take its arguments: {why}: {shown}")


def command_line(words: Sequence[str]) -> str:
    """A command as the CDK shows it.

    Args:
        words: The program and its arguments.
    """
    first, *rest = words
    shown = [
        word if _PLAIN.fullmatch(word) else json.dumps(word, ensure_ascii=False) for word in rest
    ]
    return " ".join([first, *shown])


def _start(
    arguments: Sequence[str], *, stdout: int, stderr: int | None
) -> subprocess.CompletedProcess[bytes]:
    name = program()
    try:
        return subprocess.run(  # noqa: S603  the user's docker
            [name, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            check=False,
        )
    except OSError as error:
        raise EngineError(f"cannot run {name!r}: {error.strerror}").with_hint(
            "install Docker, put it on PATH, or set CDK_DOCKER to a program that takes its arguments"
        ) from error
    except ValueError as error:
        raise unusable(arguments, str(error)) from None


def _finish(arguments: Sequence[str], done: subprocess.CompletedProcess[bytes]) -> None:
    if done.returncode == 0:
        return
    _require_engine()
    said = [(part or b"").decode("utf-8", "replace") for part in (done.stdout, done.stderr)]
    raise failure(arguments, done.returncode, *said)


def _require_engine() -> None:
    """After a failure: whether it is because nobody is there to do the work."""
    probe = _start(["version"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if probe.returncode:
        lines = probe.stderr.decode("utf-8", "replace").strip().splitlines() or [""]
        raise no_engine(lines[-1])


def no_engine(why: str) -> EngineError:
    """The error for an engine that does not answer.

    Args:
        why: What was said about it.
    """
    return EngineError(f"the Docker engine cannot be reached: {why}").with_hint(
        "start it (systemctl start docker, or Docker Desktop), or set DOCKER_HOST to the address of another"
    )


def _without_secrets(arguments: Sequence[str]) -> list[str]:
    shown: list[str] = []
    option = ""
    for argument in arguments:
        text = argument
        if option in _WITH_VALUES:
            text = argument.partition("=")[0]
        elif option in _CACHES:
            text = _SECRET.sub(r"\1=***", argument)
        hides = argument in _WITH_VALUES or argument in _CACHES
        # What follows an option is its value, whatever it looks like.
        option = argument if hides and not option else ""
        shown.append(text)
    return shown


def _indented(text: str) -> str:
    return text.replace("\n", "\n" + " " * 13)
