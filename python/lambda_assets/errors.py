"""Every exception of this package.

Each class has a stable ``code`` (documented in ``docs/errors.md``) and is also the built-in class that Python users
catch: ``except FileNotFoundError`` and ``except ValueError`` work. The native core raises these very classes.
"""

from __future__ import annotations

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self


class AssetError(Exception):
    """Base of all errors of this package.

    Attributes:
        code: Stable machine-readable identifier.
        hint: What to do about it, empty if there is nothing to say. Tracebacks show it as a note.
    """

    code = "asset"
    hint: str = ""

    def with_hint(self, hint: str) -> Self:
        """Return this error with a hint, for use in a ``raise`` statement."""
        self.hint = hint
        self.add_note(f"hint: {hint}")
        return self


class AssetIOError(AssetError, OSError):
    """A system call failed; ``errno``, ``strerror`` and ``filename`` are set.

    Attributes:
        op: The operation that failed, such as ``open`` or ``scandir``.
    """

    code = "io"
    op: str = ""


class AssetNotFoundError(AssetIOError, FileNotFoundError):
    """A path does not exist (ENOENT), also for a name that is not valid UTF-8 and so cannot be opened by the CDK."""

    code = "not-found"


class AssetPermissionError(AssetIOError, PermissionError):
    """A file or directory may not be read (EACCES, EPERM)."""

    code = "permission"


class AssetNotADirectoryError(AssetIOError, NotADirectoryError):
    """A path leads below a file, or a directory was expected (ENOTDIR)."""

    code = "not-a-directory"


class AssetFileExistsError(AssetIOError, FileExistsError):
    """The target of a copy is in the way (EEXIST)."""

    code = "exists"


class AssetChangedError(AssetIOError):
    """A file kept changing while it was read; no hash was computed from mixed content."""

    code = "changed"


class TooDeepError(AssetIOError):
    """Directories or followed links are nested deeper than any tool could open (ENAMETOOLONG)."""

    code = "depth"


class SpecialFileError(AssetIOError):
    """A FIFO, socket or device stands where a file or directory is needed."""

    code = "special-file"


class ExternalLinkError(AssetError, ValueError):
    """A link leaves the directory although the follow mode BLOCK_EXTERNAL forbids it.

    Attributes:
        filename: The link.
        target: What it leads to.
    """

    code = "external-link"
    filename: str = ""
    target: str = ""


class ArchiveError(AssetError, ValueError):
    """A file has a name that no archive can hold, or that two readers would unpack to different places."""

    code = "archive"


class PatternError(AssetError, ValueError):
    """An exclude pattern is invalid, too long, or needs more matching steps than is reasonable.

    Attributes:
        pattern: The pattern, None if the path is to blame.
        index: Its position in the list, None if unknown.
    """

    code = "pattern"
    pattern: str | None = None
    index: int | None = None


class NotExpressibleError(PatternError):
    """What git ignores cannot be said with exclude patterns of the CDK.

    Attributes:
        filename: The path on which the patterns would decide otherwise than git.
    """

    code = "not-expressible"
    filename: str = ""


class OptionError(AssetError, ValueError):
    """An option has a value that does not exist or a type that is not accepted."""

    code = "option"


class OptionTypeError(OptionError, TypeError):
    """An option has a value of a type that is not accepted."""

    code = "option-type"


class SnapshotError(AssetError, ValueError):
    """A file is not a snapshot, or one of a schema that this version does not know."""

    code = "snapshot"


class DeclarationError(AssetError, ValueError):
    """A TOML file that declares assets says something that it can't.

    Args:
        problems: Everything that is wrong, each with file and line.

    Attributes:
        problems: The same.
    """

    code = "declaration"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class ValidationError(AssetError, ValueError, RuntimeError):
    """What is asked for makes no sense to the CDK either; the text is that of ``aws-cdk-lib``.

    Args:
        message: The text.
        code: The CDK's name of the error, such as ``AssetMustBeZipFile``.
    """

    code = "validation"

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        if code:
            self.code = code


class BundleNotCachedError(AssetError, LookupError):
    """An asset is not among the cached results of bundling, and ``LAMBDA_ASSETS_BUNDLING=never`` forbids to build it."""

    code = "bundle-not-cached"


class UnbuildableImageError(AssetError, ValueError, RuntimeError):
    """The build of an image would not find its Dockerfile; the CDK stages it, and publishing fails."""

    code = "unbuildable-image"


class EngineError(AssetError, RuntimeError):
    """There is no Docker here: no command, or no engine that answers."""

    code = "engine"


class PythonBundlingError(AssetError, RuntimeError):
    """Python dependencies can't be bundled: the tool failed, or what is asked for can't be in a bundle."""

    code = "python-bundling"


class PythonToolError(PythonBundlingError):
    """A tool that is needed is not installed: uv, pip or poetry."""

    code = "python-tool"


class NotLockedError(PythonBundlingError):
    """Dependencies are not locked, so nothing can be named after them."""

    code = "not-locked"


class SourceDistributionError(PythonBundlingError):
    """A package comes as source and was not allowed to, or is not pure Python.

    Attributes:
        packages: Their names.
    """

    code = "source-distribution"
    packages: tuple[str, ...] = ()


class ForeignWheelError(PythonBundlingError):
    """A package has files that do not load in the runtime.

    Attributes:
        findings: One sentence for each file or package, which it begins with.
    """

    code = "foreign-wheel"
    findings: tuple[str, ...] = ()


class SizeLimitError(PythonBundlingError):
    """A function with its layers is larger than Lambda unpacks.

    Attributes:
        size: Bytes.
        limit: Bytes that are allowed.
    """

    code = "size-limit"
    size: int = 0
    limit: int = 0


class NotReproducibleError(PythonBundlingError):
    """Two bundles of one source differ.

    Attributes:
        differences: One sentence for each file, which it begins with.
    """

    code = "not-reproducible"
    differences: tuple[str, ...] = ()


class InternalError(AssetError, RuntimeError):
    """A defect of this package; please report it."""

    code = "internal"


_BY_ERRNO: dict[int, type[AssetIOError]] = {
    errno.ENOENT: AssetNotFoundError,
    errno.EACCES: AssetPermissionError,
    errno.EPERM: AssetPermissionError,
    errno.ENOTDIR: AssetNotADirectoryError,
    errno.EEXIST: AssetFileExistsError,
    errno.ENAMETOOLONG: TooDeepError,
}


def asset_io_error(op: str, error: OSError) -> AssetIOError:
    """Our exception for a system call that failed in Python code.

    Args:
        op: The operation.
        error: What the call raised.
    """
    return io_error(op, error.errno or 0, error.strerror, error.filename)


def io_error(op: str, number: int, text: str | None, path: object) -> AssetIOError:
    """Our exception for an error number; the native core decides in the same way.

    Args:
        op: The operation.
        number: The error number.
        text: What it means.
        path: What the operation was applied to.
    """
    ours = _BY_ERRNO.get(number, AssetIOError)(number, text, path)
    ours.op = op
    return ours
