"""Image assets: what is refused before anything is copied, how they are staged, and where secrets may show."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from lambda_assets.assembly.outputs import asset_outputs
from lambda_assets.assembly.scope import App, Stack, Stage
from lambda_assets.aws_ecr_assets import DockerBuildSecret, DockerImageAsset, TarballImageAsset
from lambda_assets.errors import (
    AssetError,
    OptionTypeError,
    UnbuildableImageError,
    ValidationError,
)

CANARY = "canary-5f1c"


@pytest.fixture
def context(tmp_path: Path) -> Path:
    root = tmp_path / "context"
    (root / "docker").mkdir(parents=True)
    (root / "Dockerfile").write_text("FROM scratch\n")
    (root / "docker/Dockerfile.dev").write_text("FROM scratch\n")
    (root / "Dockerfile.link").symlink_to("docker/Dockerfile.dev")
    return root


@pytest.fixture
def outdir(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"file": "docker/Dockerfile.dev", "exclude": ["*"]}, "'!docker/Dockerfile.dev'"),
        ({"file": "docker/Dockerfile.dev", "exclude": ["docker"]}, "'!docker/Dockerfile.dev'"),
        ({"file": "Dockerfile.link", "exclude": ["docker"]}, "'!Dockerfile.link'"),
        ({"file": "/Dockerfile"}, "use file='Dockerfile'"),
        ({"file": "docker"}, "name a file"),
        ({"file": "../context/Dockerfile"}, None),
        ({"file": "../context/docker/Dockerfile.dev"}, None),
        ({"file": "../Dockerfile"}, "put it into the context"),
    ],
)
def test_a_build_without_its_dockerfile_is_refused(
    context: Path, outdir: Path, options: dict[str, Any], hint: str | None
) -> None:
    (context.parent / "Dockerfile").write_text("FROM scratch\n")
    stack = Stack(App(outdir=outdir), "S")
    if hint is None:
        DockerImageAsset(stack, "I", directory=context, **options)
        return
    with pytest.raises(UnbuildableImageError) as caught:
        DockerImageAsset(stack, "I", directory=context, **options)
    assert hint in caught.value.hint
    assert os.listdir(outdir) == []


@pytest.mark.parametrize(
    "options",
    [
        {"file": "docker/Dockerfile.dev", "exclude": ["*", "!docker/Dockerfile.dev"]},
        {"file": "Dockerfile.link", "exclude": ["docker"], "follow_symlinks": "ALWAYS"},
        {"exclude": ["Dockerfile"]},
    ],
)
def test_a_build_that_finds_its_dockerfile_is_not(
    context: Path, outdir: Path, options: dict[str, Any]
) -> None:
    made = DockerImageAsset(Stack(App(outdir=outdir), "S"), "I", directory=context, **options)
    file = options.get("file", "Dockerfile")
    assert (outdir / f"asset.{made.asset_hash}" / file).read_text() == "FROM scratch\n"


def test_without_a_copy_nothing_is_left_out(context: Path, outdir: Path) -> None:
    app = App(outdir=outdir, context={"aws:cdk:disable-asset-staging": True})
    options: dict[str, Any] = {"file": "docker/Dockerfile.dev", "exclude": ["*"]}
    DockerImageAsset(Stack(app, "S"), "I", directory=context, **options)
    assert os.listdir(outdir) == []


def test_the_output_directory_is_never_copied_into_itself(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    outdir = tmp_path / "build"
    with pytest.raises(ValidationError, match=r"the output directory .*build' is part of"):
        DockerImageAsset(Stack(App(outdir=outdir), "S"), "I", directory=tmp_path)
    assert os.listdir(outdir) == []


def test_an_excluded_output_directory_may_lie_in_the_context(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    app = App(outdir=tmp_path / "build")
    made = DockerImageAsset(Stack(app, "S"), "I", directory=tmp_path, exclude=["build"])
    assert os.listdir(tmp_path / "build" / f"asset.{made.asset_hash}") == ["Dockerfile"]


@pytest.mark.parametrize("staged", ["copy", "zip"])
def test_a_context_is_a_directory_however_files_are_staged(
    context: Path, outdir: Path, staged: str
) -> None:
    app = App(outdir=outdir, context={"lambda-assets:staging": staged})
    made = DockerImageAsset(Stack(app, "S"), "I", directory=context)
    assert (outdir / f"asset.{made.asset_hash}" / "Dockerfile").is_file()


def test_the_ending_of_a_directory_stays(tmp_path: Path, outdir: Path) -> None:
    (tmp_path / "app.d").mkdir()
    (tmp_path / "app.d/Dockerfile").write_text("FROM scratch\n")
    stack = Stack(Stage(App(outdir=outdir), "Prod"), "S")
    made = DockerImageAsset(stack, "I", directory=tmp_path / "app.d")
    (entry,) = stack.assets.docker_images.values()
    assert entry["source"]["directory"] == f"../asset.{made.asset_hash}.d"


def secretive(stack: Stack, context: Path, **more: Any) -> DockerImageAsset:
    options: dict[str, Any] = {
        "build_args": {"TOKEN": f"{CANARY}-arg"},
        "build_secrets": {"npm": DockerBuildSecret.from_src(f"/run/{CANARY}-src")},
        "build_ssh": f"default={CANARY}-ssh",
        "cache_to": {"type": "s3", "params": {"secret_access_key": f"{CANARY}-to"}},
        "cache_from": [{"type": "s3", "params": {"secret_access_key": f"{CANARY}-from"}}],
        **more,
    }
    return DockerImageAsset(stack, "I", directory=context, **options)


def test_values_show_only_where_the_manifest_of_the_cdk_has_them(
    context: Path, outdir: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMBDA_ASSETS_LOG", "debug")
    app = App(outdir=outdir)
    stack = Stack(app, "S")
    made = secretive(stack, context)
    assembly = app.synth()
    showing = {
        p.name for p in outdir.rglob("*") if p.is_file() and CANARY.encode() in p.read_bytes()
    }
    assert showing == {"S.assets.json"}
    cache = Path(os.environ["LAMBDA_ASSETS_CACHE_DIR"])
    assert not [p for p in cache.rglob("*") if p.is_file() and CANARY.encode() in p.read_bytes()]
    shown = [
        repr(made),
        repr(vars(made)),
        repr(assembly.manifest),
        json.dumps(asset_outputs(stack)),
    ]
    assert not [text for text in [*shown, *capfd.readouterr()] if CANARY in text]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"build_args": {"TOKEN": f"{CANARY}-arg", "N": 1}}, OptionTypeError),
        ({"build_args": {"TOKEN": f"{CANARY}${{AWS::Region}}"}}, ValidationError),
        ({"build_secrets": {f"{CANARY}": None}}, OptionTypeError),
        ({"build_ssh": f"{CANARY}${{AWS::Region}}"}, ValidationError),
        ({"cache_to": {"type": "s3", "parms": {"k": f"{CANARY}"}}}, OptionTypeError),
        ({"cache_from": [{"params": {"k": f"{CANARY}"}}]}, OptionTypeError),
        ({"file": "docker/Dockerfile.dev", "exclude": ["*"]}, UnbuildableImageError),
        ({"exclude": ["[b-a"], "ignore_mode": "DOCKER"}, AssetError),
    ],
)
def test_no_message_holds_a_value(
    context: Path, outdir: Path, more: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        secretive(Stack(App(outdir=outdir), "S"), context, **more)
    assert CANARY not in "".join([str(caught.value), *getattr(caught.value, "__notes__", ())])


def test_a_refused_manifest_names_the_option_and_not_its_value(context: Path, outdir: Path) -> None:
    app = App(outdir=outdir)
    stack = Stack(app, "S")
    secretive(stack, context)
    (entry,) = stack.assets.docker_images.values()
    entry["source"]["dockerBuildArgs"] = [f"{CANARY}"]
    with pytest.raises(ValidationError, match="dockerBuildArgs") as caught:
        app.synth()
    assert CANARY not in str(caught.value)


def test_an_archive_of_an_image(tmp_path: Path, outdir: Path) -> None:
    (tmp_path / "image.TGZ").write_bytes(b"x")
    made = TarballImageAsset(
        Stack(App(outdir=outdir), "S"), "I", tarball_file=tmp_path / "image.TGZ"
    )
    assert (outdir / f"asset.{made.asset_hash}.tgz").read_bytes() == b"x"


PATTERNS = [
    "*",
    "**",
    "docker",
    "docker/*",
    "!docker",
    "!docker/Dockerfile.dev",
    "**/*.dev",
    "Dockerfile*",
    "!l*",
    "sub",
]
FILES = ["Dockerfile", "docker/Dockerfile.dev", "l", "ld/Dockerfile.dev", "sub/../Dockerfile", "lx"]


def test_what_is_refused_is_what_a_build_could_not_read(
    tmp_path: Path, seed: int, scale: float
) -> None:
    print(f"repeat with LAMBDA_ASSETS_TEST_SEED={seed}")
    dice = random.Random(seed)
    context = tmp_path / "context"
    (context / "docker").mkdir(parents=True)
    (context / "sub").mkdir()
    for name in ("Dockerfile", "docker/Dockerfile.dev"):
        (context / name).write_text("FROM scratch\n")
    (tmp_path / "outside").write_text("FROM scratch\n")
    (context / "l").symlink_to("docker/Dockerfile.dev")
    (context / "ld").symlink_to("docker")
    (context / "lx").symlink_to(tmp_path / "outside")
    refused = 0
    for number in range(max(1, round(300 * scale))):
        options: dict[str, Any] = {
            "directory": context,
            "file": dice.choice(FILES),
            "exclude": dice.sample(PATTERNS, dice.randint(0, 4)),
            "ignore_mode": dice.choice(["GLOB", "GIT", "DOCKER"]),
            "follow_symlinks": dice.choice(["NEVER", "ALWAYS", "EXTERNAL"]),
        }
        app = App(outdir=tmp_path / "out", context={"lambda-assets:allow-unbuildable-images": True})
        made = DockerImageAsset(Stack(app, "S"), "I", **options)
        # Docker takes dots out of the path before it opens the file.
        inner = os.path.normpath(options["file"])
        readable = (tmp_path / "out" / f"asset.{made.asset_hash}" / inner).is_file()
        try:
            DockerImageAsset(Stack(App(outdir=tmp_path / "out"), "S"), "I", **options)
        except UnbuildableImageError:
            assert not readable, (number, options)
            refused += 1
        else:
            assert readable, (number, options)
    print(f"{number + 1} images, {refused} refused")
