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
    BundleNotCachedError,
    DeclarationError,
    EngineError,
    ExternalLinkError,
    ForeignWheelError,
    InternalError,
    NotExpressibleError,
    NotLockedError,
    NotReproducibleError,
    OptionError,
    OptionTypeError,
    PatternError,
    PythonBundlingError,
    PythonToolError,
    SizeLimitError,
    SnapshotError,
    SourceDistributionError,
    SpecialFileError,
    TooDeepError,
    UnbuildableImageError,
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
    from lambda_assets.assembly.model import (
        DockerCacheOption,
        DockerImageAssetLocation,
        DockerImageAssetSource,
        Environment,
        FileAssetLocation,
        FileAssetPackaging,
        FileAssetSource,
    )
    from lambda_assets.assembly.nested import NestedStack
    from lambda_assets.assembly.outputs import app_outputs, asset_outputs
    from lambda_assets.assembly.parameter import CfnParameter
    from lambda_assets.assembly.scope import App, Construct, Stack, Stage
    from lambda_assets.assembly.synthesizers import (
        BootstraplessSynthesizer,
        CliCredentialsStackSynthesizer,
        DefaultStackSynthesizer,
    )
    from lambda_assets.aws_ecr_assets import DockerBuildSecret
    from lambda_assets.bundling import (
        BundlingFileAccess,
        BundlingOptions,
        BundlingOutput,
        DockerVolume,
        DockerVolumeConsistency,
        ILocalBundling,
    )
    from lambda_assets.docker.image import DockerImage
    from lambda_assets.filesystem.explain import explain
    from lambda_assets.filesystem.explanation import Explanation
    from lambda_assets.filesystem.ignorefiles import GitIgnored, gitignored
    from lambda_assets.filesystem.snapshot import Entry, Snapshot, snapshot
    from lambda_assets.props import (
        AssetOptions,
        AssetStagingProps,
        DockerBuildOptions,
        DockerRunOptions,
        FileCopyOptions,
        FileFingerprintOptions,
    )
    from lambda_assets.staging import AssetHashType, AssetStaging

    __version__: str

__all__ = [
    "App",
    "ArchiveError",
    "AssetChangedError",
    "AssetError",
    "AssetFileExistsError",
    "AssetHashType",
    "AssetIOError",
    "AssetNotADirectoryError",
    "AssetNotFoundError",
    "AssetOptions",
    "AssetPermissionError",
    "AssetStaging",
    "AssetStagingProps",
    "BootstraplessSynthesizer",
    "BundleNotCachedError",
    "BundlingFileAccess",
    "BundlingOptions",
    "BundlingOutput",
    "CfnParameter",
    "CliCredentialsStackSynthesizer",
    "Construct",
    "CopyOptions",
    "DeclarationError",
    "DefaultStackSynthesizer",
    "DockerBuildOptions",
    "DockerBuildSecret",
    "DockerCacheOption",
    "DockerIgnoreStrategy",
    "DockerImage",
    "DockerImageAssetLocation",
    "DockerImageAssetSource",
    "DockerRunOptions",
    "DockerVolume",
    "DockerVolumeConsistency",
    "EngineError",
    "Entry",
    "Environment",
    "Explanation",
    "ExternalLinkError",
    "FileAssetLocation",
    "FileAssetPackaging",
    "FileAssetSource",
    "FileCopyOptions",
    "FileFingerprintOptions",
    "FileSystem",
    "FingerprintOptions",
    "ForeignWheelError",
    "GitIgnoreStrategy",
    "GitIgnored",
    "GlobIgnoreStrategy",
    "ILocalBundling",
    "IgnoreMode",
    "IgnoreStrategy",
    "InternalError",
    "NestedStack",
    "NotExpressibleError",
    "NotLockedError",
    "NotReproducibleError",
    "OptionError",
    "OptionTypeError",
    "PatternError",
    "PythonBundlingError",
    "PythonToolError",
    "SizeLimitError",
    "Snapshot",
    "SnapshotError",
    "SourceDistributionError",
    "SpecialFileError",
    "Stack",
    "Stage",
    "SymlinkFollowMode",
    "TooDeepError",
    "UnbuildableImageError",
    "ValidationError",
    "__version__",
    "app_outputs",
    "asset_outputs",
    "explain",
    "gitignored",
    "snapshot",
]

_LAZY = {
    "App": "assembly.scope",
    "BootstraplessSynthesizer": "assembly.synthesizers",
    "AssetHashType": "staging",
    "AssetOptions": "props",
    "AssetStaging": "staging",
    "AssetStagingProps": "props",
    "BundlingFileAccess": "bundling",
    "BundlingOptions": "bundling",
    "BundlingOutput": "bundling",
    "CfnParameter": "assembly.parameter",
    "CliCredentialsStackSynthesizer": "assembly.synthesizers",
    "Construct": "assembly.scope",
    "DefaultStackSynthesizer": "assembly.synthesizers",
    "DockerBuildOptions": "props",
    "DockerBuildSecret": "aws_ecr_assets",
    "DockerCacheOption": "assembly.model",
    "DockerImage": "docker.image",
    "DockerImageAssetLocation": "assembly.model",
    "DockerImageAssetSource": "assembly.model",
    "DockerRunOptions": "props",
    "DockerVolume": "bundling",
    "DockerVolumeConsistency": "bundling",
    "Entry": "filesystem.snapshot",
    "Environment": "assembly.model",
    "Explanation": "filesystem.explanation",
    "FileAssetLocation": "assembly.model",
    "FileAssetPackaging": "assembly.model",
    "FileAssetSource": "assembly.model",
    "FileCopyOptions": "props",
    "FileFingerprintOptions": "props",
    "GitIgnored": "filesystem.ignorefiles",
    "NestedStack": "assembly.nested",
    "ILocalBundling": "bundling",
    "Snapshot": "filesystem.snapshot",
    "Stack": "assembly.scope",
    "Stage": "assembly.scope",
    "app_outputs": "assembly.outputs",
    "asset_outputs": "assembly.outputs",
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
