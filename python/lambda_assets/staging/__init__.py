"""Assets in the output directory: named by their hash, complete or absent."""

from lambda_assets.staging.asset_staging import AssetStaging
from lambda_assets.staging.identity import AssetHashType

__all__ = ["AssetHashType", "AssetStaging"]
