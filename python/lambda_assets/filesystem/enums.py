"""The enums of ``aws_cdk`` that decide a fingerprint, with the same members and values."""

from __future__ import annotations

from enum import Enum


class SymlinkFollowMode(Enum):
    """What to do with symbolic links; part of the hash (spec fingerprint (c))."""

    NEVER = "NEVER"
    """Keep every link as a link."""

    ALWAYS = "ALWAYS"
    """Follow every link that leads somewhere."""

    EXTERNAL = "EXTERNAL"
    """Follow links that leave the directory; the default."""

    BLOCK_EXTERNAL = "BLOCK_EXTERNAL"
    """Follow links that stay inside the directory; a copy refuses the others."""

    @property
    def wire(self) -> str:
        """The string that is hashed."""
        if self is SymlinkFollowMode.BLOCK_EXTERNAL:
            return "internal-only"
        return self.name.lower()


class IgnoreMode(Enum):
    """The language of the exclude patterns; part of the hash unless GLOB (spec ignore)."""

    GLOB = "GLOB"
    """minimatch globs; the default."""

    GIT = "GIT"
    """Almost the language of ``.gitignore``; upper and lower case are not told apart."""

    DOCKER = "DOCKER"
    """Almost the language of ``.dockerignore``; upper and lower case are not told apart."""

    @property
    def wire(self) -> str:
        """The string that is hashed."""
        return self.name.lower()
