"""What the real library staged, in the cases that need no container and no second run.

Cases of the command ``docker`` are in test_docker_vectors.py, those of containers in tests/e2e/test_container_vectors.py.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets.assembly.scope import App, Construct, Stack, Stage
from lambda_assets.aws_s3_assets import Asset
from lambda_assets.staging import AssetStaging
from support.staging_cases import CASES, bundling

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
    "skip/string": "the library's text says nothing about the context key",
}
#: Not staging, but what Asset checks afterwards.
OF_ASSET = {"error/display-name-token"}


def is_plain(case: dict[str, Any]) -> bool:
    image = case.get("bundling", {}).get("image")
    return (
        case["kind"] in {"asset", "staging"}
        and not {"steps", "docker", "synthesizer"} & case.keys()
        and "//" not in case.get("scope", "")
        and not isinstance(image, dict)
        and case["name"] not in OF_ASSET
    )


PLAIN = [case for case in CASES if is_plain(case)]


def scope_of(case: dict[str, Any], out: str) -> Construct:
    at: Construct = App(outdir=out, context=case.get("context"))
    name = case.get("scope", "S")
    if name == "app":
        return at
    *stages, last = name.split("/")
    for stage in stages:
        at = Stage(at, stage)
    at = Stack(at, last, env=case.get("env"))
    for key, value in case.get("stack_context", {}).items():
        at.node.set_context(key, value)
    return at


def stage(case: dict[str, Any], out: str, trees: str) -> AssetStaging:
    path = os.path.join(trees, case["path"]) if case["path"] else ""
    options = dict(case.get("options", {}))
    if "bundling" in case:
        options["bundling"] = bundling(case["bundling"], trees)
    AssetStaging.clear_asset_hash_cache()
    scope = scope_of(case, out)
    if case["kind"] == "staging":
        return AssetStaging(scope, "A", source_path=path, **options)
    asset = Asset(scope, "A", path=path, **options)
    assert asset.asset_path == case["runs"][0].get("asset_path", "").replace("<out>", out).replace(
        "<t>", trees
    ).replace("<H>", asset.asset_hash)
    staging = asset.node.find_child("Stage")
    assert isinstance(staging, AssetStaging)
    return staging


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case["name"])
def test_staging(case: dict[str, Any], trees: str, tmp_path: Path) -> None:
    wanted = case["runs"][0]
    out = str(tmp_path)
    if "error" in wanted:
        with pytest.raises(Exception) as caught:  # noqa: PT011  the text tells which
            stage(case, out, trees)
        if case["name"] not in OTHER_TEXT:
            text = wanted["error"].replace("<t>", trees).replace("<out>", out)
            assert str(caught.value) == text
        assert [n for n in os.listdir(out) if n.startswith((".", "bundling-temp-"))] == []
        return
    got = stage(case, out, trees)
    staged = wanted["staged"].replace("<H>", wanted["hash"])
    assert got.asset_hash == wanted["hash"]
    assert got.absolute_staged_path == staged.replace("<t>", trees).replace("<out>", out)
    assert (got.packaging.name, got.is_archive) == (wanted["packaging"], wanted["is_archive"])


def test_most_cases_are_tested() -> None:
    assert len(PLAIN) > 280
    assert OTHER_TEXT.keys() <= {case["name"] for case in PLAIN}
