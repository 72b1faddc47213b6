"""From what callers pass to what the native core takes (spec fingerprint (e)).

Every public function comes through here once, so that a wrong value gives the same message everywhere. Follow and
ignore modes may be our enums, those of ``aws_cdk`` (told by class and member name, without importing it), or the exact
strings of either side.
"""

from __future__ import annotations

import os
from enum import Enum

from lambda_assets.errors import OptionError, OptionTypeError
from lambda_assets.filesystem.enums import IgnoreMode, SymlinkFollowMode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias, TypeVar

    Mode = TypeVar("Mode", SymlinkFollowMode, IgnoreMode)
    StrPath: TypeAlias = str | os.PathLike[str]
    Follow: TypeAlias = SymlinkFollowMode | str
    Ignore: TypeAlias = IgnoreMode | str
    Options: TypeAlias = "CopyOptions | Mapping[str, object]"
    Progress: TypeAlias = Callable[[int, int, int, int], None]


class Selection:
    """Validated options of one fingerprint.

    Attributes:
        extra_hash: Text that is hashed first, without lone surrogates.
        follow: What happens to links.
        exclude: Patterns, in order.
        ignore_mode: The language of the patterns.
    """

    __slots__ = ("exclude", "extra_hash", "follow", "ignore_mode")

    def __init__(
        self,
        *,
        extra_hash: str | None = None,
        follow: Follow | None = None,
        exclude: Sequence[str] | None = None,
        ignore_mode: Ignore | None = None,
    ) -> None:
        self.extra_hash = extra_hash_text(extra_hash)
        self.follow = follow_mode(follow)
        self.exclude = exclude_patterns(exclude)
        self.ignore_mode = ignore_mode_of(ignore_mode)

    def document(self) -> dict[str, object]:
        """The options as JSON documents show them."""
        return {
            "extra_hash": self.extra_hash,
            "follow": self.follow.wire,
            "exclude": list(self.exclude),
            "ignore_mode": self.ignore_mode.wire,
        }


class CopyOptions:
    """Options of a copy, as ``aws_cdk.CopyOptions``.

    Args:
        exclude: Patterns of what is left out.
        follow: What to do with links, EXTERNAL if None.
        ignore_mode: The language of the patterns, GLOB if None.
    """

    __slots__ = ("exclude", "follow", "ignore_mode")

    def __init__(
        self,
        *,
        exclude: Sequence[str] | None = None,
        follow: Follow | None = None,
        ignore_mode: Ignore | None = None,
    ) -> None:
        self.exclude = exclude
        self.follow = follow
        self.ignore_mode = ignore_mode

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self._values())
        return f"{type(self).__name__}({fields})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    __hash__ = None  # type: ignore[assignment]  # as mutable values, like those of aws_cdk

    def _values(self) -> list[tuple[str, object]]:
        return [(n, getattr(self, n)) for n in ("exclude", "follow", "ignore_mode")]


class FingerprintOptions(CopyOptions):
    """Options of a fingerprint, as ``aws_cdk.FingerprintOptions``.

    Args:
        exclude: Patterns of what is left out.
        follow: What to do with links, EXTERNAL if None.
        ignore_mode: The language of the patterns, GLOB if None.
        extra_hash: Text that goes into the hash besides the files.
    """

    __slots__ = ("extra_hash",)

    def __init__(
        self,
        *,
        exclude: Sequence[str] | None = None,
        follow: Follow | None = None,
        ignore_mode: Ignore | None = None,
        extra_hash: str | None = None,
    ) -> None:
        super().__init__(exclude=exclude, follow=follow, ignore_mode=ignore_mode)
        self.extra_hash = extra_hash

    def _values(self) -> list[tuple[str, object]]:
        return [*super()._values(), ("extra_hash", self.extra_hash)]


def copy_selection(options: Options | None) -> Selection:
    """Read a struct as jsii does: an object with the fields, or a mapping with their names.

    Raises:
        OptionTypeError: A field is unknown or has the wrong type.
        OptionError: A field has a value that does not exist.
    """
    names = ("exclude", "follow", "ignore_mode")
    if options is None:
        return Selection()
    if isinstance(options, dict):
        for name in options:
            if name not in names:
                raise OptionTypeError(f"unknown copy option {name!r}").with_hint(
                    "the options are exclude, follow and ignore_mode"
                )
        return Selection(**options)
    if not all(hasattr(options, name) for name in names):
        kind = type(options).__name__
        raise OptionTypeError(f"options must be CopyOptions or a dict, not {kind}")
    return Selection(**{name: getattr(options, name) for name in names})


def path_text(value: StrPath, what: str = "path") -> str:
    """A file name for the core: ``str``, undecodable bytes as surrogate escapes.

    Raises:
        OptionTypeError: Not a ``str`` and not an ``os.PathLike`` of one.
        OptionError: It holds a NUL or a surrogate that stands for no byte.
    """
    try:
        path: str | bytes = os.fspath(value)
    except TypeError:
        kind = type(value).__name__
        raise OptionTypeError(f"{what} must be str or os.PathLike, not {kind}") from None
    if isinstance(path, bytes):
        raise OptionTypeError(f"{what} must be str, not bytes").with_hint("os.fsdecode(path)")
    if "\0" in path:
        raise OptionError(f"{what} must not contain a NUL character: {path!r}")
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        raise OptionError(f"{what} is no file name, it holds a lone surrogate: {path!r}") from None
    return path


def extra_hash_text(value: str | None) -> str:
    """The text that is hashed; lone surrogates become U+FFFD as in JavaScript's UTF-8 encoder.

    Raises:
        OptionTypeError: Not a ``str``.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise OptionTypeError(f"extra_hash must be str, not {type(value).__name__}")
    # By way of UTF-16, where two halves that belong together are one character, as in JavaScript.
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def exclude_patterns(value: Sequence[str] | None) -> tuple[str, ...]:
    """The patterns as a tuple.

    Raises:
        OptionTypeError: Not an ordered collection of ``str``.
        OptionError: A pattern holds a lone surrogate.
    """
    if value is None:
        return ()
    if isinstance(value, (str, bytes)):
        raise OptionTypeError("exclude must be a sequence of patterns, not one string").with_hint(
            f"exclude=[{value!r}]"
        )
    if isinstance(value, (set, frozenset, dict)):
        kind = type(value).__name__
        raise OptionTypeError(f"exclude must have an order, a {kind} has none").with_hint(
            "later patterns overrule earlier ones; use a list"
        )
    try:
        patterns = tuple(value)
    except TypeError:
        kind = type(value).__name__
        raise OptionTypeError(f"exclude must be a sequence of patterns, not {kind}") from None
    for number, pattern in enumerate(patterns, 1):
        pattern_text(pattern, f"exclude pattern {number}")
    return patterns


def pattern_text(value: str, what: str = "pattern") -> str:
    """One pattern, checked.

    Raises:
        OptionTypeError: Not a ``str``.
        OptionError: It holds a lone surrogate.
    """
    if not isinstance(value, str):
        raise OptionTypeError(f"{what} must be str, not {type(value).__name__}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise OptionError(f"{what} holds a lone surrogate: {value!r}") from None
    return value


def follow_mode(value: Follow | None) -> SymlinkFollowMode:
    """The follow mode, EXTERNAL if None.

    Raises:
        OptionTypeError: Neither an enum member nor a string.
        OptionError: There is no such mode.
    """
    return (
        SymlinkFollowMode.EXTERNAL if value is None else _member(SymlinkFollowMode, value, "follow")
    )


def ignore_mode_of(value: Ignore | None) -> IgnoreMode:
    """The ignore mode, GLOB if None.

    Raises:
        OptionTypeError: Neither an enum member nor a string.
        OptionError: There is no such mode.
    """
    return IgnoreMode.GLOB if value is None else _member(IgnoreMode, value, "ignore_mode")


def _member(kind: type[Mode], value: object, what: str) -> Mode:
    if isinstance(value, kind):
        return value
    members = kind.__members__
    if isinstance(value, Enum) and type(value).__name__ == kind.__name__:
        name = value.name  # a member of aws_cdk's enum
    elif isinstance(value, str):
        name = next((n for n, m in members.items() if value in {n, m.wire}), value)
    else:
        raise OptionTypeError(f"{what} must be a {kind.__name__}, not {type(value).__name__}")
    if name not in members:
        raise OptionError(f"unknown {what} {name!r}").with_hint(
            "use one of " + ", ".join(f"{kind.__name__}.{n}" for n in members)
        )
    return members[name]
