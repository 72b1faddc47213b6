"""Names made of places in the tree (spec assembly, section 4)."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_ARTIFACT = 128
_MAX_HUMAN = 240
_NOT_ALNUM = re.compile(r"[^A-Za-z0-9]")


def path_hash(components: Sequence[str]) -> str:
    """Eight hex digits, upper case, of the MD5 of a path.

    Args:
        components: The ids from the top down.
    """
    text = "/".join(components).encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()[:8].upper()


def resource_name(components: Sequence[str]) -> str:
    """The logical id of a resource: what one can read, then a hash of the path.

    Args:
        components: The ids from the stack down; ``Default`` is invisible and ``Resource`` not shown.
    """
    shown = [c for c in components if c != "Default"]
    if len(shown) == 1:
        alone = _NOT_ALNUM.sub("", shown[0])
        if len(alone) <= 255:  # noqa: PLR2004  CloudFormation's limit
            return alone
    human: list[str] = []
    for component in (_NOT_ALNUM.sub("", c) for c in shown if c != "Resource"):
        # A component that repeats the end of the one above says nothing new.
        if not human or not human[-1].endswith(component):
            human.append(component)
    return "".join(human)[:_MAX_HUMAN] + path_hash(shown)


def stack_artifact_id(components: Sequence[str]) -> str:
    """The id of a stack's artifact and the beginning of its files' names.

    Args:
        components: The ids from the app down to the stack.
    """
    if len(components) == 1:
        return components[0].replace("/", "--")
    return stack_unique_name(components)


def stack_unique_name(components: Sequence[str]) -> str:
    """A name for a stack below other constructs, at most 128 characters.

    Args:
        components: The ids from the app down to the stack.
    """
    if len(components) == 1 and len(components[0]) <= _MAX_ARTIFACT:
        return components[0]
    digest = path_hash(components)
    text = "".join(_NOT_ALNUM.sub("", c) for c in components)
    limit = _MAX_ARTIFACT - len(digest)
    if len(text) > limit:
        half = limit // 2
        text = text[:half] + text[-half:]
    return text + digest
