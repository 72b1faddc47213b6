"""Show on stderr what another program says, as it comes."""

from __future__ import annotations

import codecs
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def echo(chunks: Iterable[bytes]) -> None:
    """Write output to stderr, a character that is cut in two by its chunks as one.

    Args:
        chunks: UTF-8; what is not becomes U+FFFD.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for chunk in chunks:
        say(decoder.decode(chunk))
    say(decoder.decode(b"", final=True))


def say(text: str) -> None:
    """Write a text to stderr at once.

    Args:
        text: The text.
    """
    if text:
        sys.stderr.write(text)
        sys.stderr.flush()
