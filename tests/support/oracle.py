"""The real aws-cdk-lib as an oracle: one Node process that answers questions as JSON lines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Directory with the installed library, instead of ``tests/oracle/node_modules``.
LOCATION_VARIABLE = "LAMBDA_ASSETS_ORACLE"
DEFAULT_LOCATION = Path(__file__).parents[1] / "oracle" / "node_modules"
SCRIPT = Path(__file__).with_name("oracle.cjs")
#: A question that takes longer is taken for a hang of the library.
PATIENCE_SECONDS = 8.0


@dataclass(eq=False)
class OracleError(Exception):
    """The library raised.

    Attributes:
        code: Node's error code such as ``ENOENT``, empty if there is none.
        name: Name of the JavaScript class.
        message: First line of the message.
    """

    code: str
    name: str
    message: str

    @property
    def kind(self) -> str:
        """What the error is about: the code, or the beginning of the message for errors without one."""
        return self.code or " ".join(self.message.split()[:3])


class OracleHungError(Exception):
    """The library did not come back from a question; a new process answers the next one."""


class OracleUnavailableError(Exception):
    """Node or the library is not installed."""


@dataclass(frozen=True)
class Question:
    """One list of patterns and the paths to test with it."""

    mode: str
    patterns: tuple[str, ...]
    paths: tuple[str, ...]


#: What a test of one path says.
Verdict = bool | OracleError


class Oracle:
    """A running Node process with the library loaded.

    Raises:
        OracleUnavailableError: Node or the library is not there.
    """

    def __init__(self) -> None:
        modules = Path(os.environ.get(LOCATION_VARIABLE) or DEFAULT_LOCATION).resolve()
        node = shutil.which("node")
        if node is None:
            raise OracleUnavailableError("node is not on PATH")
        if not (modules / "aws-cdk-lib" / "package.json").is_file():
            raise OracleUnavailableError(
                f"no aws-cdk-lib in {modules} (run npm ci in tests/oracle)"
            )
        self._home = tempfile.TemporaryDirectory(prefix="lambda-assets-oracle-")
        # Also written to after `become`.
        Path(self._home.name).chmod(0o777)
        self._modules = modules
        self._node = node
        self._start()
        self.version = str(self._ask("version"))

    def _start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
        environment |= {"HOME": self._home.name, "USERPROFILE": self._home.name}
        self._process = subprocess.Popen(
            [self._node, str(SCRIPT), str(self._modules)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            encoding="utf-8",
        )

    def close(self) -> None:
        """End the process."""
        if self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.wait(timeout=PATIENCE_SECONDS)
            self._process.stdout.close()
        self._home.cleanup()

    def fingerprint(
        self,
        path: str,
        *,
        extra_hash: str | None = None,
        follow: str | None = None,
        exclude: Sequence[str] | None = None,
        ignore_mode: str | None = None,
        cwd: Path | None = None,
        keep_cache: bool = False,
    ) -> str:
        """Ask for ``FileSystem.fingerprint``.

        Args:
            path: Absolute, or relative to ``cwd``.
            extra_hash: The option; None leaves it out, as for the others.
            follow: The option.
            exclude: The option.
            ignore_mode: The option.
            cwd: Working directory of the call.
            keep_cache: Let the library use what it remembered from earlier calls.

        Returns:
            The digest.

        Raises:
            OracleError: The library raised.
        """
        options = _given(
            extraHash=extra_hash, follow=follow, exclude=exclude, ignoreMode=ignore_mode
        )
        extra = _given(cwd=cwd and str(cwd), cache="keep" if keep_cache else None)
        return str(self._ask("fingerprint", path=path, options=options, **extra))

    def content_values(self, paths: Sequence[Path]) -> list[str]:
        """Ask for the content values of files.

        Args:
            paths: The files.

        Returns:
            One value a file.

        Raises:
            OracleError: The library raised for one of them.
        """
        answers = self._ask("content", paths=[str(path) for path in paths])
        return [str(_value(answer)) for answer in answers]

    def verdicts(self, questions: Sequence[Question]) -> list[list[tuple[Verdict, Verdict]]]:
        """Ask the ignore strategies.

        Args:
            questions: Pattern lists and paths.

        Returns:
            For each question and path the answers of ``ignores`` and ``completelyIgnores``.
        """
        asked = [{"mode": q.mode, "patterns": q.patterns, "paths": q.paths} for q in questions]
        result: list[list[tuple[Verdict, Verdict]]] = []
        for question, answer in zip(questions, self._ask("ignore", questions=asked), strict=True):
            if "error" in answer:
                error = OracleError(**answer["error"])
                result.append([(error, error)] * len(question.paths))
            else:
                result.append([(_verdict(a), _verdict(b)) for a, b in answer["value"]])
        return result

    def copy_directory(
        self,
        src: str,
        dest: str,
        *,
        follow: str | None = None,
        exclude: Sequence[str] | None = None,
        ignore_mode: str | None = None,
        root_dir: str | None = None,
    ) -> None:
        """Ask for ``FileSystem.copyDirectory``.

        Args:
            src: The source.
            dest: The target.
            follow: The option; None leaves it out, as for the others.
            exclude: The option.
            ignore_mode: The option.
            root_dir: The fourth argument.

        Raises:
            OracleError: The library raised.
        """
        options = _given(follow=follow, exclude=exclude, ignoreMode=ignore_mode)
        self._ask("copy", src=src, dest=dest, options=options, **_given(rootDir=root_dir))

    def become(self, uid: int) -> None:
        """Give up the rights of root for all further questions.

        Args:
            uid: User and group id to take.
        """
        self._ask("become", uid=uid)

    def _ask(self, op: str, **request: Any) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the oracle has no pipes")
        watchdog = threading.Timer(PATIENCE_SECONDS, self._process.kill)
        watchdog.start()
        try:
            stdin.write(json.dumps({"op": op, **request}) + "\n")
            stdin.flush()
            line = stdout.readline()
        finally:
            watchdog.cancel()
            watchdog.join()
        if not line:
            self._process.wait()
            stdin.close()
            stdout.close()
            self._start()
            raise OracleHungError(f"{op} {str(request)[:2000]}")
        return _value(json.loads(line))


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _value(answer: dict[str, Any]) -> Any:
    if "error" in answer:
        raise OracleError(**answer["error"])
    return answer.get("value")


def _verdict(answer: dict[str, Any]) -> Verdict:
    return OracleError(**answer["error"]) if "error" in answer else bool(answer["value"])
