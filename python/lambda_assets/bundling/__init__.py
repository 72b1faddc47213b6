"""Assets that are built: options, bundlers without a container, what they must produce."""

from lambda_assets.bundling.options import (
    BundlingFileAccess,
    BundlingOptions,
    BundlingOutput,
    DockerVolume,
    DockerVolumeConsistency,
    ILocalBundling,
)

__all__ = [
    "BundlingFileAccess",
    "BundlingOptions",
    "BundlingOutput",
    "DockerVolume",
    "DockerVolumeConsistency",
    "ILocalBundling",
]
