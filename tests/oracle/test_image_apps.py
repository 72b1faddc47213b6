"""Random image assets, written with the real aws-cdk-lib and with this package: ids, copies and manifests are equal."""

from __future__ import annotations

import os
import random
import stat
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import aws_ecr_assets, errors
from lambda_assets.assembly import scope, synthesizers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

cdk = pytest.importorskip("aws_cdk")
ecr = pytest.importorskip("aws_cdk.aws_ecr_assets")

APPS = 100
ALLOWED = {"lambda-assets:allow-unbuildable-images": True}
NAMES = ["a.txt", "b/c.js", "b/d/e.py", ".env", "node_modules/x/i.js", "cdk.out/old", "README.md"]
PATTERNS = [
    "*",
    "!b",
    "!b/c.js",
    "*.txt",
    "b/**",
    "**/x",
    "node_modules",
    "#x",
    "!Dockerfile",
    ".env",
]
TEXTS = ["", "x", "1", "é\U0001f600", 'a"b\\', "src=../x"]

OURS = SimpleNamespace(
    App=lambda out, context: scope.App(
        outdir=out, context=context, schema_version=scope.STOCK_SCHEMA_VERSION
    ),
    Stage=scope.Stage,
    Stack=scope.Stack,
    Environment=lambda **values: values,
    Default=synthesizers.DefaultStackSynthesizer,
    Cli=synthesizers.CliCredentialsStackSynthesizer,
    images=aws_ecr_assets,
    follow=lambda name: name,
    mode=lambda name: name,
)
THEIRS = SimpleNamespace(
    App=lambda out, context: cdk.App(
        outdir=out, context=context, analytics_reporting=False, tree_metadata=False
    ),
    Stage=cdk.Stage,
    Stack=cdk.Stack,
    Environment=cdk.Environment,
    Default=cdk.DefaultStackSynthesizer,
    Cli=cdk.CliCredentialsStackSynthesizer,
    images=ecr,
    follow=lambda name: cdk.SymlinkFollowMode[name],
    mode=lambda name: cdk.IgnoreMode[name],
)


def random_context(rng: random.Random, root: Path) -> None:
    root.mkdir()
    for name in ["Dockerfile", "b/Dockerfile.dev", *rng.sample(NAMES, rng.randint(0, len(NAMES)))]:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rng.choice([b"", b"x\n", b"x\r\n", bytes(range(256))]))
        path.chmod(rng.choice([0o644, 0o755, 0o600]))
    if rng.random() < 0.5:
        lines = rng.sample(PATTERNS, rng.randint(0, 4))
        (root / ".dockerignore").write_text(rng.choice(["\n", "\r\n"]).join(lines))
    if rng.random() < 0.3:
        (root / "link").symlink_to(rng.choice(["Dockerfile", "../outside", "nowhere"]))


def random_map(rng: random.Random) -> dict[str, str]:
    keys = rng.sample(["B", "A", "7", "0", "01", "-1"], rng.randint(0, 4))
    return {key: rng.choice(TEXTS) for key in keys}


def random_options(rng: random.Random) -> dict[str, Callable[[Any], Any]]:
    """Each option as a function of the library that makes its value."""
    text, mapping, again = rng.choice(TEXTS), random_map(rng), random_map(rng)
    exclude = rng.sample(PATTERNS, rng.randint(0, 3))
    follow = rng.choice(["NEVER", "ALWAYS", "EXTERNAL"])
    mode = rng.choice(["GLOB", "GIT", "DOCKER"])
    network, platform = rng.choice(["HOST", "DEFAULT"]), rng.choice(["LINUX_AMD64", "LINUX_ARM64"])
    off = {name: rng.random() < 0.5 for name in ("build_args", "target", "platform")}
    cached = rng.random() < 0.5
    file = rng.choice(["./Dockerfile", "b/Dockerfile.dev", "/Dockerfile", "nowhere", ""])
    every: dict[str, Callable[[Any], Any]] = {
        "build_args": lambda _: mapping,
        "build_contexts": lambda _: again,
        "build_secrets": lambda _: mapping,
        "build_ssh": lambda _: text,
        "target": lambda _: text,
        "extra_hash": lambda _: text,
        "asset_name": lambda _: "name",
        "display_name": lambda _: text,
        "file": lambda _: file,
        "outputs": lambda _: [text],
        "exclude": lambda _: exclude,
        "follow_symlinks": lambda m: m.follow(follow),
        "ignore_mode": lambda m: m.mode(mode),
        "network_mode": lambda m: getattr(m.images.NetworkMode, network),
        "platform": lambda m: getattr(m.images.Platform, platform),
        "invalidation": lambda m: m.images.DockerImageAssetInvalidationOptions(**off),
        "cache_disabled": lambda _: cached,
        "cache_to": lambda m: m.images.DockerCacheOption(type="gha", params={"mode": "max"}),
        "cache_from": lambda m: [m.images.DockerCacheOption(type="registry")],
    }
    return {name: make for name, make in every.items() if rng.random() < 0.3}


def build(library: Any, seed: str, sources: list[Path], outdir: Path) -> list[str]:
    rng = random.Random(seed)
    context = {**ALLOWED, **rng.choice([{}, {}, {"@aws-cdk/core:assetHashSalt": "salt"}])}
    if rng.random() < 0.1:
        context["aws:cdk:disable-asset-staging"] = True
    app = library.App(str(outdir), context)
    at = library.Stage(app, "Prod") if rng.random() < 0.3 else app
    place = rng.choice(
        [{}, {"region": "eu-west-1"}, {"account": "123456789012", "region": "cn-north-1"}]
    )
    tags = rng.choice(["", "t-", "${Qualifier}-"])
    synthesizer = rng.choice([library.Default, library.Cli])(docker_tag_prefix=tags)
    stack = library.Stack(at, "S", env=library.Environment(**place), synthesizer=synthesizer)
    hashes = []
    # One image for a directory: upstream reuses a hash without looking at the follow mode (docs/parity.md).
    for number, source in enumerate(sources):
        options = random_options(rng)
        made = library.images.DockerImageAsset(
            stack,
            f"I{number}",
            directory=str(source),
            **{name: make(library) for name, make in options.items()},
        )
        hashes.append(made.asset_hash)
    if rng.random() < 0.3:
        tarball = str(sources[0].parent / "image.TGZ")
        hashes.append(library.images.TarballImageAsset(stack, "T", tarball_file=tarball).asset_hash)
    app.synth()
    return hashes


def listing(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            kept = name.endswith((".assets.json", "cdk.out")) or name.startswith("asset.")
            if kept:
                found[name] = (path.read_bytes(), stat.S_IMODE(path.stat().st_mode) & 0o755)
        elif name.startswith("asset."):
            found[name] = "directory"
    return found


def test_images(seed: int, scale: float, tmp_path: Path) -> None:
    print(f"repeat with LAMBDA_ASSETS_TEST_SEED={seed}")
    (tmp_path / "outside").write_text("outside\n")
    (tmp_path / "image.TGZ").write_bytes(b"an archive")
    refused = 0
    for number in range(max(1, round(APPS * scale))):
        row = f"{seed} {number}"
        rng = random.Random(row)
        sources = [tmp_path / f"{name}{number}{rng.choice(['', '.d'])}" for name in "ab"]
        sources = sources[: rng.randint(1, 2)]
        for source in sources:
            random_context(rng, source)
        cdk.AssetStaging.clear_asset_hash_cache()
        results: list[Any] = []
        for library, outdir in ((THEIRS, tmp_path / f"t{number}"), (OURS, tmp_path / f"o{number}")):
            try:
                hashes = build(library, row, sources, outdir)
                results.append((hashes, listing(outdir)))
            except (RuntimeError, errors.AssetError) as error:
                print(row, error)
                results.append("error")
        refused += results[0] == "error"
        assert results[1] == results[0], row
    print(f"{number + 1} apps, {refused} of them refused by both")
    assert refused <= number
