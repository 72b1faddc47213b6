"""Makes an installed tree the same on every machine: no bytecode, no traces of the tool, fixed times and modes."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import shutil
import stat
from typing import TYPE_CHECKING

from lambda_assets.errors import asset_io_error

if TYPE_CHECKING:
    from collections.abc import Collection

    from lambda_assets.bundling.python.distributions import Distribution

#: 1980-01-01 UTC, the oldest time that an archive can hold.
EPOCH = 315532800
#: Who installed it, why, from where and when.
_TRACES = ("INSTALLER", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json")
_SCRIPTS = "bin/"


def tidy_packages(tree: str, installed: Collection[Distribution], *, scripts: bool) -> None:
    """Remove what depends on the machine, and write the records anew.

    Args:
        tree: Where the packages are.
        installed: The packages.
        scripts: Whether programs in ``bin`` that Python runs stay, started by the Python of the path.

    Raises:
        AssetIOError: The system refuses something.
    """
    try:
        _remove_bytecode(tree)
        _remove(os.path.join(tree, ".lock"))
        for one in installed:
            for name in _TRACES:
                _remove(os.path.join(tree, one.info, name))
            for file in one.files:
                if file.startswith(_SCRIPTS):
                    _script(os.path.join(tree, file), keep=scripts)
        for one in installed:
            _record(tree, one)
    except OSError as error:
        raise asset_io_error("tidy", error) from None


def fix_times_and_modes(tree: str) -> None:
    """Remove empty directories, and give everything the same time and one of two modes.

    Args:
        tree: The directory, which may be empty itself.

    Raises:
        AssetIOError: The system refuses something.
    """
    try:
        for directory, names, files in os.walk(tree, topdown=False):
            links = [name for name in names if os.path.islink(os.path.join(directory, name))]
            for name in (*files, *links):
                _fix(os.path.join(directory, name))
            if not os.listdir(directory) and directory != tree:
                os.rmdir(directory)
            else:
                os.chmod(directory, 0o755)  # noqa: S103  what Lambda needs to read it
                os.utime(directory, (EPOCH, EPOCH))
    except OSError as error:
        raise asset_io_error("chmod", error) from None


def _fix(path: str) -> None:
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        if os.utime in os.supports_follow_symlinks:
            os.utime(path, (EPOCH, EPOCH), follow_symlinks=False)
        return
    os.chmod(path, 0o755 if mode & 0o111 else 0o644)
    os.utime(path, (EPOCH, EPOCH))


def _remove_bytecode(tree: str) -> None:
    for directory, names, files in os.walk(tree):
        if "__pycache__" in names:
            shutil.rmtree(os.path.join(directory, "__pycache__"))
            names.remove("__pycache__")
        for name in files:
            # Beside its source it is a cache; alone it may be the module.
            if name.endswith(".pyc") and f"{name[:-1]}" in files:
                os.remove(os.path.join(directory, name))


def _script(path: str, *, keep: bool) -> None:
    with open(path, "rb") as file:
        first = file.readline()
        rest = file.read()
    # Both tools write this for interpreters in long paths: it takes two more lines to start itself with Python.
    by_shell = first.startswith(b"#!/bin/sh") and rest.startswith(b"'''exec'")
    if not by_shell and not (first.startswith(b"#!") and b"python" in first):
        os.chmod(path, 0o755)  # noqa: S103  a program of another kind
        return
    if not keep:
        os.remove(path)
        return
    if by_shell:
        rest = rest.split(b"\n", 2)[-1]
    with open(path, "wb") as file:
        file.write(b"#!/usr/bin/env python3\n" + rest)
    os.chmod(path, 0o755)  # noqa: S103  uv makes programs executable, pip keeps what the wheel says


def _record(tree: str, one: Distribution) -> None:
    own = f"{one.info}/RECORD"
    files = [name for name in one.files if os.path.isfile(os.path.join(tree, name))]
    temporary = os.path.join(tree, f"{own}.new")
    with open(temporary, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        for name in sorted(files):
            rows.writerow((name, "", "") if name == own else (name, *_digest(tree, name)))
    os.replace(temporary, os.path.join(tree, own))


def _digest(tree: str, name: str) -> tuple[str, int]:
    with open(os.path.join(tree, name), "rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        size = file.tell()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), size


def _remove(path: str) -> None:
    if os.path.lexists(path):
        os.remove(path)
