"""A command of this machine that builds an asset, as a local bundler (spec staging, section 11)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

from lambda_assets.errors import AssetError, OptionError
from lambda_assets.settings import environment_for_command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.bundling.options import BundlingOptions

INPUT, OUTPUT = "{input}", "{output}"
"""Stand in an argument for the source and for the directory to write to."""

_TAIL = 20


class Command:
    """Runs a command with the source as its working directory.

    What it says goes to stderr line by line, each with the name of the asset, as several may run at once.

    Args:
        name: Of the asset.
        command: The program and its arguments.
        environment: Variables besides those of this process.
        cache_key: What tells it from others in caches of results; without one no cache may hold its results.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        cache_key: str | None = None,
    ) -> None:
        if not command or not command[0]:
            raise OptionError(f"the bundling command of '{name}' is empty").with_hint(
                "name a program and its arguments"
            )
        self._name = name
        self._command = list(command)
        self._environment = dict(environment or {})
        if cache_key is not None:
            known = json.dumps([cache_key, self._command, self._environment], sort_keys=True)
            self.cache_key = lambda: known

    def try_bundle(
        self,
        output_dir: str,
        options: BundlingOptions,  # noqa: ARG002  the signature is the CDK's
        *,
        source_path: str = "",
    ) -> bool:
        """Run the command.

        Args:
            output_dir: Where it must write to.
            options: Not used.
            source_path: The source.

        Returns:
            True: there is nobody else to do it.

        Raises:
            AssetError: The program can't be started, or ends with another status than 0.
        """
        places = {INPUT: source_path, OUTPUT: output_dir}
        argv = [_filled(word, places) for word in self._command]
        how: dict[str, Any] = {
            "cwd": source_path or None,
            "env": environment_for_command(self._environment),
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
        }
        try:
            process = subprocess.Popen(argv, **how)  # noqa: S603  the user's command
        except (OSError, ValueError) as error:
            raise AssetError(f"{argv[0]!r} can't be run: {error}") from error
        tail: deque[str] = deque(maxlen=_TAIL)
        with process:
            try:
                for line in process.stdout or ():
                    shown = line.decode("utf-8", "backslashreplace").rstrip("\r\n")
                    tail.append(shown)
                    sys.stderr.write(f"{self._name}: {shown}\n")
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            said = "\n".join(tail)
            raise AssetError(
                f"{argv[0]!r} ended with status {process.returncode}"
                + (f":\n{said}" if said else "")
            )
        return True


def _filled(word: str, places: Mapping[str, str]) -> str:
    for name, path in places.items():
        word = word.replace(name, path)
    return word
