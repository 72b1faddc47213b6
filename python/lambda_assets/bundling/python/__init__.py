"""Python code and its packages for a Lambda runtime, without a container."""

from lambda_assets.bundling.python.bundler import Part, PythonDependencies, Split
from lambda_assets.bundling.python.options import LEFT_OUT
from lambda_assets.bundling.python.report import LIMIT, BundleReport, PackageSize, check_size

__all__ = [
    "LEFT_OUT",
    "LIMIT",
    "BundleReport",
    "PackageSize",
    "Part",
    "PythonDependencies",
    "Split",
    "check_size",
]
