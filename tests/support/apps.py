"""Random apps as data, and how to build one with aws_cdk or with this package: the names are the same in both."""

from __future__ import annotations

import json
import os
import random
import stat
from pathlib import Path
from typing import Any

TREES = "trees"
OUTPUT = "cdk.out"

_NAMES = ("index.py", "lib/a.js", "lib/b.txt", "é.md", ".env", "a b.py", "deep/er/x", "LICENSE")
_PATTERNS = ("*.py", "lib", "!lib/a.js", "**/x", "deep/**", "*", "!*.md", ".env", "lib/*.txt")
_TEXTS = ("", "x = 1\n", "a\r\nb\r\n", "print('é')\n", "\0\1\2")


def random_app(seed: int) -> dict[str, Any]:
    """An app of one to three functions.

    Args:
        seed: Decides everything.
    """
    dice = random.Random(seed)
    env = {"account": "111111111111", "region": dice.choice(["eu-west-1", "cn-north-1"])}
    context: dict[str, Any] = {}
    if dice.random() < 0.4:
        context["aws:cdk:enable-asset-metadata"] = True
    if dice.random() < 0.15:
        context["@aws-cdk/core:assetHashSalt"] = "salt"
    if dice.random() < 0.15:
        context["@aws-cdk/core:bootstrapQualifier"] = "qual"
    if dice.random() < 0.1:
        context["aws:cdk:disable-asset-staging"] = True
    functions = [_function(dice, number) for number in range(dice.randint(1, 3))]
    return {
        "seed": seed,
        "env": env if dice.random() < 0.5 else None,
        "context": context,
        "functions": functions,
    }


def _function(dice: random.Random, number: int) -> dict[str, Any]:
    kind = dice.choices(["asset", "image", "archive", "bundle", "inline"], [8, 6, 2, 3, 1])[0]
    files = {name: dice.choice(_TEXTS) for name in dice.sample(_NAMES, dice.randint(1, 5))}
    links: dict[str, str] = {}
    if dice.random() < 0.3:
        links["link"] = dice.choice(["index.py", "lib", "../outside", "nowhere"])
    options: dict[str, Any] = {}
    if kind == "image":
        files["Dockerfile"] = "FROM scratch\n"
        if dice.random() < 0.3:
            files[".dockerignore"] = "\n".join(dice.sample(_PATTERNS[:6], 2)) + "\n"
        options = _image_options(dice)
        if "file" in options:
            files[options["file"]] = "FROM scratch\n"
    elif kind in {"asset", "archive", "bundle"}:
        options = _asset_options(dice, bundled=kind == "bundle")
    extension = dice.choice([".zip", ".jar", ".ZIP", ".tar.gz", ".tgz", ".war"])
    name = f"t{number}" + (dice.choice(["", ".d"]) if kind != "archive" else extension)
    return {
        "id": f"F{number}",
        "kind": kind,
        "path": name,
        "files": files,
        "links": links,
        "options": options,
    }


def _pick(dice: random.Random, rate: float, choices: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: dice.choice(values) for name, values in choices.items() if dice.random() < rate}


def _asset_options(dice: random.Random, *, bundled: bool) -> dict[str, Any]:
    options = _pick(
        dice,
        0.25,
        {
            "exclude": [dice.sample(_PATTERNS, dice.randint(0, 3))],
            "ignore_mode": ["GLOB", "GIT", "DOCKER"],
            "follow_symlinks": ["NEVER", "ALWAYS", "EXTERNAL"],
            "display_name": ["", "shown", "ü/x"],
            "deploy_time": [True, False],
            "asset_hash": ["", "abc", "é"],
        },
    )
    if dice.random() < 0.2:
        options["asset_hash_type"] = dice.choice(["SOURCE", "OUTPUT", "CUSTOM"])
    if bundled:
        options["bundling"] = {
            "image": "img:1",
            "writes": dice.choice([{"out.py": "y\n"}, {"a/b": "z"}, {"only.zip": "PK"}]),
            **_pick(
                dice,
                0.3,
                {
                    "command": [["sh", "-c", "x"], []],
                    "environment": [{"Z": "1", "A": "2"}, {"PIP_INDEX_URL": "https://u:p@h/x"}, {}],
                    "output_type": ["ARCHIVED", "NOT_ARCHIVED", "AUTO_DISCOVER", "SINGLE_FILE"],
                    "bundling_file_access": ["VOLUME_COPY", "BIND_MOUNT"],
                    "user": ["1000:1000"],
                    "network": ["none"],
                    "working_directory": ["/w"],
                    "platform": ["linux/arm64"],
                },
            ),
        }
    return options


def _image_options(dice: random.Random) -> dict[str, Any]:
    return _pick(
        dice,
        0.2,
        {
            "cmd": [["a"], []],
            "entrypoint": [["e", "f"]],
            "working_directory": ["/w", ""],
            "asset_name": ["name", "my-image"],
            "build_args": [{"B": "2", "A": "1"}, {"b": "0", "10": "a", "2": "b"}, {}],
            "build_contexts": [{"c": "docker-image://x"}],
            "build_secrets": [{"s": "src=f.txt"}],
            "build_ssh": ["default"],
            "cache_disabled": [True, False],
            "cache_from": [[{"type": "gha", "params": {"a": "1"}}], [{"type": "local"}]],
            "cache_to": [{"type": "registry", "params": {"ref": "x"}}],
            "display_name": ["shown", ""],
            "file": ["sub/Dockerfile.alt", "Dockerfile"],
            "invalidation": [{"build_args": False}, {"file": False, "target": False}, {}],
            "network_mode": ["host", "none", "default"],
            "outputs": [["type=tar"], []],
            "platform": ["linux/arm64", "linux/amd64"],
            "target": ["t"],
            "extra_hash": ["eh", ""],
            "exclude": [dice.sample(_PATTERNS[:6], 2)],
            "follow_symlinks": ["NEVER", "ALWAYS", "EXTERNAL"],
            "ignore_mode": ["GLOB", "GIT", "DOCKER"],
        },
    )


def write_trees(app: dict[str, Any], base: Path) -> None:
    """Write the sources of an app.

    Args:
        app: The app.
        base: An empty directory.
    """
    trees = base / TREES
    trees.mkdir()
    (trees / "outside").write_text("outside\n", encoding="utf-8")
    for function in app["functions"]:
        root = trees / function["path"]
        if function["kind"] == "archive":
            root.write_bytes(b"PK" + function["path"].encode())
            continue
        root.mkdir()
        for name, text in function["files"].items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        for name, target in function["links"].items():
            (root / name).symlink_to(target)


def code_of(function: dict[str, Any], base: Path, cdk: Any, bundler: Any) -> Any:
    """The ``Code`` of one function.

    Args:
        function: The function.
        base: Where its tree is.
        cdk: aws_cdk, or this package.
        bundler: Makes a local bundler of that library from the files that it shall write.
    """
    path = str(base / TREES / function["path"])
    options = dict(function["options"])
    code = cdk.aws_lambda.Code
    for name, enumeration in (
        ("ignore_mode", "IgnoreMode"),
        ("follow_symlinks", "SymlinkFollowMode"),
        ("asset_hash_type", "AssetHashType"),
    ):
        if name in options:
            options[name] = getattr(cdk, enumeration)[options[name]]
    if function["kind"] == "inline":
        return code.from_inline("def handler(e, c): return '${x}'\n")
    if function["kind"] == "image":
        if "platform" in options:
            options["platform"] = cdk.aws_ecr_assets.Platform.custom(options["platform"])
        if "network_mode" in options:
            options["network_mode"] = cdk.aws_ecr_assets.NetworkMode.custom(options["network_mode"])
        return code.from_asset_image(path, **options)
    if "bundling" in options:
        options["bundling"] = _bundling(dict(options["bundling"]), cdk, bundler)
    return code.from_asset(path, **options)


def _bundling(given: dict[str, Any], cdk: Any, bundler: Any) -> Any:
    local = bundler(given.pop("writes"))
    image = cdk.DockerImage.from_registry(given.pop("image"))
    for name, enumeration in (
        ("output_type", "BundlingOutput"),
        ("bundling_file_access", "BundlingFileAccess"),
    ):
        if name in given:
            given[name] = getattr(cdk, enumeration)[given[name]]
    return cdk.BundlingOptions(image=image, local=local, **given)


def write_output(files: dict[str, str], directory: str) -> None:
    """What a local bundler does.

    Args:
        files: What it writes.
        directory: Where.
    """
    for name, text in files.items():
        path = Path(directory, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def assembly_of(outdir: Path) -> dict[str, Any]:
    """What is compared of an assembly: the asset manifest without the template, and the staged files.

    Args:
        outdir: The directory of the assembly.
    """
    manifest = json.loads((outdir / "S.assets.json").read_text(encoding="utf-8"))
    for kind in ("files", "dockerImages"):
        entries = manifest.get(kind, {}).items()
        manifest[kind] = [
            [key, value] for key, value in entries if value.get("displayName") != "S Template"
        ]
    staged = {}
    for name in sorted(os.listdir(outdir)):
        if name.startswith("asset.") and name not in _left_behind(outdir):
            staged |= _tree(outdir / name, name)
    return {"manifest": manifest, "staged": staged}


def _left_behind(outdir: Path) -> set[str]:
    """Directories of bundling that aws_cdk leaves behind when it stages the only archive in them beside."""
    moved = {path.stem for path in outdir.glob("asset.*.*") if path.is_file()}
    return {name for name in moved if (outdir / name).is_dir()}


def _tree(path: Path, name: str) -> dict[str, Any]:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return {name: ["link", os.readlink(path)]}
    if stat.S_ISDIR(status.st_mode):
        found: dict[str, Any] = {name: ["directory"]}
        for child in sorted(os.listdir(path)):
            found |= _tree(path / child, f"{name}/{child}")
        return found
    return {name: ["file", stat.S_IMODE(status.st_mode), path.read_bytes().hex()]}
