"""Content that changes a hash without a change of the code, told by its name."""

from __future__ import annotations

_DIRECTORIES = {
    "__pycache__": "Python byte code",
    ".git": "git's own data",
    ".hg": "Mercurial's own data",
    ".svn": "Subversion's own data",
    "cdk.out": "output of cdk synth",
    ".venv": "a virtual environment",
    ".tox": "virtual environments of tox",
    ".nox": "virtual environments of nox",
    ".pytest_cache": "cache of pytest",
    ".mypy_cache": "cache of mypy",
    ".ruff_cache": "cache of ruff",
    ".idea": "settings of an editor",
    ".vscode": "settings of an editor",
}
_FILES = {
    ".DS_Store": "written by the macOS Finder",
    "Thumbs.db": "written by the Windows Explorer",
    "desktop.ini": "written by the Windows Explorer",
    ".coverage": "data of coverage",
    "direct_url.json": "absolute path of an installation",
    "pyvenv.cfg": "absolute path of a virtual environment",
}
_SUFFIXES = {
    ".pyc": "Python byte code",
    ".pyo": "Python byte code",
    ".swp": "temporary file of an editor",
    ".swo": "temporary file of an editor",
    "~": "backup of an editor",
    ".egg-link": "absolute path of an installation",
}


def volatile(key: str) -> tuple[str, str] | None:
    """Whether a path is of a kind that changes by itself.

    Args:
        key: Relative path with ``/``.

    Returns:
        The part of the path that says so (down from the root), and what it is; None for ordinary content.
    """
    parts = key.split("/")
    for depth, part in enumerate(parts, 1):
        reason = _DIRECTORIES.get(part)
        if reason:
            return "/".join(parts[:depth]), reason
    name = parts[-1]
    reason = _FILES.get(name) or next(
        (what for end, what in _SUFFIXES.items() if name.endswith(end) and name != end), None
    )
    return (key, reason) if reason else None
