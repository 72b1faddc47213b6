"""Second runs into one output directory: what went before never matters, and without a defect upstream agrees."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from lambda_assets.staging import AssetStaging
from support.staging_cases import CASES
from support.staging_runs import check, listing, stage

RERUNS = [case for case in CASES if "steps" in case]

#: Case → the row of the specification (staging, section 13) by which upstream's second run is wrong.
DEFECTS = {
    "rerun/copy-partial": 2,
    "rerun/copy-file-truncated": 2,
    "rerun/copy-target-is-file": 2,
    "rerun/empty-then-good-source": 3,
    "rerun/empty-then-good-output": 3,
    "rerun/wrong-type-then-good-source": 4,
    "rerun/wrong-type-then-good-output": 4,
    "rerun/zip-lost-marker-kept": 6,
    "rerun/zip-kept-marker-lost": 6,
    "rerun/cache-follow": 8,
    "rerun/cache-salt": 9,
    "rerun/cache-staging-off-first": 9,
    "rerun/cache-local-bundler": 10,
    "rerun/cache-env-order": 11,
    "rerun/cache-staged-deleted": 12,
}


def mutate(case: dict[str, Any], out: str, staged: AssetStaging | None) -> None:
    for op, name, *text in case.get("mutate", []):
        assert staged is not None
        path = Path(
            name.replace("@staged", staged.absolute_staged_path)
            .replace("@out", out)
            .replace("@hash", staged.asset_hash)
        )
        if op == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text[0])
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # a marker, which is not there


def outcome(staged: AssetStaging) -> tuple[object, ...]:
    path = staged.absolute_staged_path
    content = listing(path, "/") if os.path.isdir(path) else Path(path).read_bytes()
    return staged.asset_hash, staged.packaging, staged.is_archive, os.path.basename(path), content


@pytest.mark.parametrize("case", RERUNS, ids=lambda case: case["name"])
def test_a_second_run_is_as_good_as_the_first(
    case: dict[str, Any], trees: str, tmp_path: Path
) -> None:
    out, staged = str(tmp_path / "out"), None
    current = {key: value for key, value in case.items() if key != "steps"}
    for step, wanted in zip([{}, *case["steps"]], case["runs"], strict=True):
        kept = {k: v for k, v in current.items() if k not in {"mutate", "keep_cache"}}
        current = {**kept, **step}
        mutate(current, out, staged)
        if not current.get("keep_cache"):
            AssetStaging.clear_asset_hash_cache()
        if "error" in wanted and not step:
            with pytest.raises(Exception):  # noqa: B017, PT011  the texts are those of other cases
                stage(current, out, trees)
            assert listing(out) == []
            continue
        staged = stage(current, out, trees)
        if case["name"] not in DEFECTS:
            upstream = {key: value for key, value in wanted.items() if key != "manifest"}
            check(staged, upstream, current, out, trees)
    assert staged is not None
    again = outcome(staged)
    AssetStaging.clear_asset_hash_cache()
    assert again == outcome(stage(current, str(tmp_path / "fresh"), trees))
    assert {name for name in os.listdir(out) if name.startswith(".")} == set()


def test_every_defect_is_one_of_a_case() -> None:
    assert DEFECTS.keys() <= {case["name"] for case in RERUNS}
