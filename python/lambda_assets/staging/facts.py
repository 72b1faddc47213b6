"""Which archive a content has: so that an archive in the output directory is recognised without being made again.

A fact is the SHA-256 of the bytes that this release makes of a content. It is no promise about a path: a file is trusted
only if its own bytes have that digest.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import tempfile

from lambda_assets.settings import Settings
from lambda_assets.staging.place import is_private

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST = 4096


def archive_of(content: str) -> str | None:
    """The digest of the archive of a content, None if it is not known.

    Args:
        content: Digest of the content.
    """
    place = Settings.resolve().archive_facts()
    if place is None:
        return None
    try:
        if not is_private(place):
            return None
        with open(os.path.join(place, _name(content)), encoding="ascii") as file:
            text = file.read(65)
    except (OSError, UnicodeDecodeError):
        return None
    return text if _SHA256.fullmatch(text) else None


def note_archive(content: str, sha256: str) -> None:
    """Remember the archive of a content; failing costs time later, nothing else.

    Args:
        content: Digest of the content.
        sha256: Digest of the archive.
    """
    place = Settings.resolve().archive_facts()
    if place is None:
        return
    with contextlib.suppress(OSError):
        os.makedirs(place, mode=0o700, exist_ok=True)
        number, path = tempfile.mkstemp(prefix=".", dir=place)
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(sha256)
        os.replace(path, os.path.join(place, _name(content)))
        _bound(place)


def _name(content: str) -> str:
    return f"{content}-{_release()}"


@functools.cache
def _release() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  few need it

    try:
        return version("lambda-assets")
    except PackageNotFoundError:
        return "unknown"  # run from a tree of its sources


def _bound(place: str) -> None:
    with os.scandir(place) as entries:
        found = list(entries)
    if len(found) > _MOST:
        for entry in sorted(found, key=lambda one: one.stat().st_mtime)[: _MOST // 4]:
            with contextlib.suppress(OSError):
                os.remove(entry.path)
