"""Fingerprints, copies and explains asset directories exactly as the AWS CDK does.

The names are those of ``aws_cdk`` where it has one. What ``aws_cdk`` does not have (:func:`snapshot`, :func:`explain`,
:func:`gitignored` and their results) loads on first use, so that importing this package stays cheap.
"""

from __future__ import annotations

from lambda_assets.errors import (
    ArchiveError,
    AssetChangedError,
    AssetError,
    AssetFileExistsError,
    AssetIOError,
    AssetNotADirectoryError,
    AssetNotFoundError,
    AssetPermissionError,
    DeclarationError,
    ExternalLinkError,
    InternalError,
    NotExpressibleError,
    OptionError,
    OptionTypeError,
    PatternError,
    SnapshotError,
    SpecialFileError,
    TooDeepError,
    ValidationError,
)
from lambda_assets.filesystem.enums import IgnoreMode, SymlinkFollowMode
from lambda_assets.filesystem.file_system import FileSystem
from lambda_assets.filesystem.ignore import (
    DockerIgnoreStrategy,
    GitIgnoreStrategy,
    GlobIgnoreStrategy,
    IgnoreStrategy,
)
from lambda_assets.filesystem.options import CopyOptions, FingerprintOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lambda_assets.assembly.model import Environment, FileAssetPackaging
    from lambda_assets.assembly.parameter import CfnParameter
    from lambda_assets.assembly.scope import App, Construct, Stack, Stage
    from lambda_assets.filesystem.explain import explain
    from lambda_assets.filesystem.explanation import Explanation
    from lambda_assets.filesystem.ignorefiles import GitIgnored, gitignored
    from lambda_assets.filesystem.snapshot import Entry, Snapshot, snapshot

    __version__: str

__all__ = [
    "App",
    "ArchiveError",
    "AssetChangedError",
    "AssetError",
    "AssetFileExistsError",
    "AssetIOError",
    "AssetNotADirectoryError",
    "AssetNotFoundError",
    "AssetPermissionError",
    "CfnParameter",
    "Construct",
    "CopyOptions",
    "DeclarationError",
    "DockerIgnoreStrategy",
    "Entry",
    "Environment",
    "Explanation",
    "ExternalLinkError",
    "FileAssetPackaging",
    "FileSystem",
    "FingerprintOptions",
    "GitIgnoreStrategy",
    "GitIgnored",
    "GlobIgnoreStrategy",
    "IgnoreMode",
    "IgnoreStrategy",
    "InternalError",
    "NotExpressibleError",
    "OptionError",
    "OptionTypeError",
    "PatternError",
    "Snapshot",
    "SnapshotError",
    "SpecialFileError",
    "Stack",
    "Stage",
    "SymlinkFollowMode",
    "TooDeepError",
    "ValidationError",
    "__version__",
    "explain",
    "gitignored",
    "snapshot",
]

_LAZY = {
    "App": "assembly.scope",
    "CfnParameter": "assembly.parameter",
    "Construct": "assembly.scope",
    "Entry": "filesystem.snapshot",
    "Environment": "assembly.model",
    "Explanation": "filesystem.explanation",
    "FileAssetPackaging": "assembly.model",
    "GitIgnored": "filesystem.ignorefiles",
    "Snapshot": "filesystem.snapshot",
    "Stack": "assembly.scope",
    "Stage": "assembly.scope",
    "explain": "filesystem.explain",
    "gitignored": "filesystem.ignorefiles",
    "snapshot": "filesystem.snapshot",
}


def __getattr__(name: str) -> object:
    """Load what is not needed to compute a hash (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415  costs as much as a warm hash

        value: object = version("lambda-assets")
    elif name in _LAZY:
        from importlib import import_module  # noqa: PLC0415

        value = getattr(import_module(f"lambda_assets.{_LAZY[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
