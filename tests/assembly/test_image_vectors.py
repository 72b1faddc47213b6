"""Every recorded case of an image asset: hash, tag, address, staged tree and manifest entry."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lambda_assets.assembly.scope import App, Construct, Stack, Stage
from lambda_assets.assembly.synthesizers import DefaultStackSynthesizer
from lambda_assets.assembly.tokens import to_cfn
from lambda_assets.aws_ecr_assets import DockerImageAsset, TarballImageAsset

VECTORS = Path(__file__).parents[1] / "vectors"
CASES = json.loads((VECTORS / "image-vectors.json").read_text(encoding="utf-8"))
IMAGES = [c for c in CASES if c.get("kind") != "lambda"]


@pytest.fixture(scope="session")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("images") / "contexts"
    make = VECTORS / "make_image_cases.py"
    subprocess.run([sys.executable, make, target], check=True, capture_output=True)
    return Path(os.path.realpath(target))


def token(value: Any) -> Any:
    if isinstance(value, dict):
        return {token(k): token(v) for k, v in value.items()}
    return value.replace("<token>", "${AWS::Region}") if isinstance(value, str) else value


def listing(root: Path) -> list[str]:
    rows: list[str] = []
    for name in sorted(os.listdir(root)):
        path = root / name
        if path.is_symlink():
            rows.append(f"{name} -> {os.readlink(path)}")
        elif path.is_dir():
            rows += [f"{name}/", *(f"{name}/{row}" for row in listing(path))]
        else:
            rows.append(name)
    return rows


@pytest.mark.parametrize("case", IMAGES, ids=[c["name"] for c in IMAGES])
def test_case(  # noqa: C901  one case, all that is recorded of it
    case: dict[str, Any], contexts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CDK_DOCKER", raising=False)
    place = str(contexts / case["context"])
    cwd = str(tmp_path / "ctx") if case.get("cwd") else os.getcwd()
    if case.get("cwd"):
        subprocess.run(["cp", "-a", place, cwd], check=True)
        monkeypatch.chdir(cwd)
        place = "."
    outdir = case["outdir"].replace("<cwd>", cwd) if "outdir" in case else str(tmp_path / "out")

    def build() -> tuple[DockerImageAsset | TarballImageAsset, Stack, str | None]:
        app = App(outdir=outdir, context=case.get("app_context"))
        scope = Stage(app, case["stage"]) if "stage" in case else app
        synthesizer = (
            DefaultStackSynthesizer(**case["synthesizer"]) if "synthesizer" in case else None
        )
        stack = Stack(scope, "S", env=case.get("env"), synthesizer=synthesizer)
        options = {k: token(v) for k, v in case["options"].items()}
        if case.get("kind") == "tarball":
            options["tarball_file"] = os.path.join(place, options["tarball_file"])
            return TarballImageAsset(stack, "Image", **options), stack, None
        directory = place + case.get("directory", "")
        if case.get("directory") == "<token>":
            directory = "${AWS::Region}"
        made = DockerImageAsset(stack, "Image", directory=directory, **options)
        second = None
        if "second" in case:
            extra = DockerImageAsset(stack, "Image2", directory=directory, **case["second"])
            second = extra.asset_hash
        return made, stack, second

    if "error" in case:
        with pytest.raises(Exception) as caught:  # noqa: PT011  the text is compared below
            build()
        text = str(caught.value)
        for real, name in ((str(contexts), "<dir>"), (cwd, "<cwd>"), (outdir, "<outdir>")):
            text = text.replace(real, name)
        if case["error"].startswith(("Cannot", "Unsupported")):
            assert text == case["error"]
        else:
            assert re.search("Error", type(caught.value).__name__)
        return
    asset, stack, second = build()
    assert asset.asset_hash == case["hash"]
    assert to_cfn(asset.image_tag) == case["tag"]
    if "uri" in case:
        assert to_cfn(asset.image_uri) == case["uri"]
    staged = [n for n in os.listdir(outdir) if n.startswith("asset." + asset.asset_hash)]
    assert (staged[0] if staged else None) == case["staged"]
    if "tree" in case:
        assert listing(Path(outdir) / staged[0]) == case["tree"]
    text = json.dumps(stack.assets.docker_images, ensure_ascii=False, separators=(",", ":"))
    for real, name in ((str(contexts), "<dir>"), (outdir, "<outdir>")):
        if os.path.isabs(real):
            text = text.replace(real, name)
    if "hash2" not in case or case["name"] != "follow/second-other-mode-same-hash":
        assert text == json.dumps(case["images"], ensure_ascii=False, separators=(",", ":"))
        assert second == case.get("hash2")


LAMBDA = [c for c in CASES if c.get("kind") == "lambda" and "error" not in c]
RUNTIME = ("cmd", "entrypoint", "working_directory")


@pytest.mark.parametrize("case", LAMBDA, ids=[c["name"] for c in LAMBDA])
def test_image_and_metadata_of_a_function(
    case: dict[str, Any], contexts: Path, tmp_path: Path
) -> None:
    app = App(outdir=tmp_path / "out", context=case.get("app_context"))
    at = Stage(app, case["stage"]) if "stage" in case else app
    stack = Stack(at, "S", env=case.get("env"))
    options = {k: v for k, v in case["options"].items() if k not in RUNTIME}
    function = stack.add_resource("Fn", {"Type": "AWS::Lambda::Function"})
    asset = DockerImageAsset(
        Construct(stack, "Fn"), "AssetImage", directory=contexts / case["context"], **options
    )
    asset.add_resource_metadata(function, "Code.ImageUri")
    shown = json.dumps(function.document.get("Metadata"))
    assert shown == json.dumps(case["resource"].get("Metadata"))
    assert json.dumps(stack.assets.docker_images) == json.dumps(case["images"])
    assert to_cfn(asset.image_uri) == case["resource"]["Code"]["ImageUri"]
