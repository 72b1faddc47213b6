"""What the real library staged, in every case that needs no container; second runs in test_staging_reruns.py.

Cases of the command ``docker`` are in test_docker_vectors.py, those of containers in tests/e2e/test_container_vectors.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets.staging import AssetStaging
from support.staging_cases import CASES
from support.staging_runs import check, listing, stage

if TYPE_CHECKING:
    from pathlib import Path

#: Case → why ours is not the library's text.
OTHER_TEXT = {
    **{
        f"output/{kind}-{output}-nothing": "the output is written to a private directory, which the text names"
        for kind in ("source", "output")
        for output in ("default", "archived", "not_archived", "single_file")
    },
    "output/link-dangling": "an error of the system is an AssetNotFoundError here, with errno and filename",
    "local/raises": "nothing of a failed bundling is kept, so there is no place to name",
    "local/raises-output": "as local/raises",
    "error/display-name-token": "a token has no number here",
    "skip/string": "the library's text says nothing about the context key",
}
#: The error comes when the asset is staged already, as upstream.
AFTER_STAGING = {"error/code-not-zip", "error/asset-without-stack", "error/bootstrapless"}


def left_out(case: dict[str, Any]) -> str:
    """Why a case isn't run here, empty if it is."""
    if case["kind"] in {"image", "run", "cp"} or "docker" in case:
        return "the command docker"
    if isinstance(case.get("bundling", {}).get("image"), dict):
        return "the command docker"
    if case["name"] == "error/source-not-zip":
        return "a refusal of aws_s3_deployment, which is not part of this package"
    return "a second run" if "steps" in case else ""


PLAIN = [case for case in CASES if not left_out(case)]


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case["name"])
def test_staging(case: dict[str, Any], trees: str, tmp_path: Path) -> None:
    wanted = case["runs"][0]
    out = str(tmp_path)
    AssetStaging.clear_asset_hash_cache()
    if "error" not in wanted:
        check(stage(case, out, trees), wanted, case, out, trees)
        return
    with pytest.raises(Exception) as caught:  # noqa: PT011  the text tells which
        stage(case, out, trees)
    if case["name"] not in OTHER_TEXT:
        text = wanted["error"].replace("<t>", trees).replace("<out>", out)
        assert str(caught.value) == text
    if case["name"] not in AFTER_STAGING:
        assert listing(out) == []


def test_every_case_that_is_left_out_is_of_another_part() -> None:
    reasons = {reason for case in CASES if (reason := left_out(case))}
    assert reasons == {
        "the command docker",
        "a refusal of aws_s3_deployment, which is not part of this package",
        "a second run",
    }
    assert OTHER_TEXT.keys() <= {case["name"] for case in PLAIN}
