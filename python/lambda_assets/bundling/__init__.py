"""Assets that are built: options, bundlers without a container, what they must produce."""

from lambda_assets.bundling.options import (
    BundlingFileAccess,
    BundlingOptions,
    BundlingOutput,
    DockerVolume,
    DockerVolumeConsistency,
    ILocalBundling,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lambda_assets.bundling.python.bundler import PythonDependencies

__all__ = [
    "BundlingFileAccess",
    "BundlingOptions",
    "BundlingOutput",
    "DockerVolume",
    "DockerVolumeConsistency",
    "ILocalBundling",
    "PythonDependencies",
]


def __getattr__(name: str) -> object:
    """Load what has libraries of its own on first use (PEP 562)."""
    if name != "PythonDependencies":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lambda_assets.bundling.python.bundler import PythonDependencies  # noqa: PLC0415

    return PythonDependencies
