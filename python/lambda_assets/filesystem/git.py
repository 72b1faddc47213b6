"""What git says about the files of a directory: the one place that starts a process."""

from __future__ import annotations

import subprocess

from lambda_assets.settings import environment_for_git

UNTRACKED = "untracked by git"
IGNORED = "ignored by git"

_SECONDS = 60


def statements(root: str) -> dict[str, str]:
    """Ask git which files of a directory it does not track.

    Args:
        root: The directory.

    Returns:
        A statement for each relative path that is untracked or ignored; nothing if the directory is in no work tree or
        git is not there. What git does not list gets no statement.
    """
    untracked = _list(root, "--others", "--exclude-standard")
    if untracked is None:
        return {}
    ignored = _list(root, "--others", "--ignored", "--exclude-standard") or []
    return {**dict.fromkeys(untracked, UNTRACKED), **dict.fromkeys(ignored, IGNORED)}


def _list(root: str, *options: str) -> list[str] | None:
    command = ("git", "-C", root, "ls-files", "-z", *options)
    try:
        done = subprocess.run(  # noqa: S603  a fixed command; the only foreign argument is the directory
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            env=environment_for_git(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    return [name.decode("utf-8", "replace") for name in done.stdout.split(b"\0") if name]
