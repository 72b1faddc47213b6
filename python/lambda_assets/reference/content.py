"""The content value of one file: ``"<size>:<sha256>"`` after the CDK's line-end and UTF-8 rule.

Source of the rule: ``docs/parity.md``, file content. Each slice of 8 KiB is judged and decoded alone, because that is
the size of the reads upstream: a character cut by a slice edge becomes replacement characters.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

CHUNK = 8192


def content_value(path: str | bytes | os.PathLike[str]) -> str:
    """Compute the content value of a file.

    Args:
        path: The file; links are followed.

    Returns:
        Size after normalisation, a colon, and the SHA-256 of the normalised content in lower-case hex.

    Raises:
        OSError: The file cannot be read. Inside the package it is turned into an ``AssetIOError`` by the caller.
    """
    return value_of_chunks(_chunks_of_file(path))


def value_of_chunks(chunks: Iterable[bytes]) -> str:
    """Compute the content value of a file given as its slices of ``CHUNK`` bytes.

    Args:
        chunks: The slices; all but the last have ``CHUNK`` bytes.

    Returns:
        The content value.
    """
    digest = hashlib.sha256()
    size = 0
    binary = False
    held = b""
    for chunk in chunks:
        # Asked again as long as nothing was counted: a slice that ends in CR is held, and held text has no size yet.
        if size == 0:
            binary = b"\0" in chunk
        if binary:
            size += len(chunk)
            digest.update(chunk)
            continue
        text = chunk.decode("utf-8", errors="replace").encode("utf-8")
        if chunk.endswith(b"\r"):
            held += text
            continue
        data = (held + text).replace(b"\r\n", b"\n")
        held = b""
        size += len(data)
        digest.update(data)
    # What is still held at the end of the file is hashed as it is and never counted.
    digest.update(held)
    return f"{size}:{digest.hexdigest()}"


def _chunks_of_file(path: str | bytes | os.PathLike[str]) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
