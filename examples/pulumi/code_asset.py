"""The code of a function as Pulumi takes it."""

from __future__ import annotations

from pathlib import Path

import pulumi

from lambda_assets.declaration import Declaration, FileEntry, stage_all

OUTDIR = Path(__file__).parent / "cdk.out"


def code_asset(path: str, **options: object) -> dict[str, object]:
    """Stage a directory; the arguments ``code`` and ``source_code_hash`` of a function.

    The options are the keys of an ``[asset.NAME]`` table, such as ``exclude``.
    """
    entry = FileEntry(name=Path(path).name, path=path, options={**options, "staging": "zip"})
    outcome = stage_all(Declaration(entries=(entry,)), OUTDIR)
    for failed in outcome.failures:
        raise failed.error
    (asset,) = outcome.results
    return {"code": pulumi.FileArchive(asset.path), "source_code_hash": asset.sha256_base64}
