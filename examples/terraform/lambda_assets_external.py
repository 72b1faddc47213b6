"""A program for Terraform's data source ``external``: a query in JSON on stdin, an answer of texts on stdout.

The query has ``path`` and ``outdir``, and may have ``exclude``, patterns with blanks between.
"""

from __future__ import annotations

import json
import sys

from lambda_assets import AssetError
from lambda_assets.declaration import Declaration, FileEntry, stage_all


def answer(query: dict[str, str]) -> dict[str, str]:
    """Stage what is asked for."""
    options = {"exclude": query.get("exclude", "").split(), "staging": "zip"}
    entry = FileEntry(name="code", path=query["path"], options=options)
    (asset,) = stage_all(Declaration(entries=(entry,)), query["outdir"]).results
    if not hasattr(asset, "asset_hash"):
        raise asset.error
    return {
        "hash": asset.asset_hash,
        "key": asset.key,
        "path": asset.path,
        "source_code_hash": asset.sha256_base64,
    }


if __name__ == "__main__":
    # Terraform shows stderr if the status is not 0.
    try:
        print(json.dumps(answer(json.load(sys.stdin))))
    except KeyError as error:
        sys.exit(f"the query has no {error}")
    except (AssetError, ValueError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
