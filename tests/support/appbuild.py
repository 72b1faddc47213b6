"""Builds an app that ``apps`` invented, with aws_cdk or with this package, and reads what came out.

The two libraries have the same names, so there is one program; what differs is in :class:`Library`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

TREES = "trees"
_SHOWN = ("Code", "Content", "ImageConfig", "PackageType")
_ARTIFACTS = ("cdk:asset-manifest", "aws:cloudformation:stack", "cdk:cloud-assembly")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Library:
    """One of the two.

    Attributes:
        cdk: Has the names of ``aws_cdk``.
        app: Makes the app, from the output directory and the context.
        function: Makes a function, from scope, id, code, handler and runtime; returns what carries its warnings.
        layer: The same of a layer, from scope, id and code.
        bundler: Makes a local bundler, from shape and files.
        errors: What it raises.
        read_error: What is compared of an error.
    """

    cdk: Any
    app: Callable[[str, dict[str, Any]], Any]
    function: Callable[[Any, str, Any, str, str], Any]
    layer: Callable[[Any, str, Any], Any]
    bundler: Callable[[dict[str, Any]], Any]
    errors: type[Exception]
    read_error: Callable[[Any], dict[str, str]]


def write_trees(app: dict[str, Any], base: Path) -> None:
    """Write the sources of an app.

    Args:
        app: The app.
        base: An empty directory.
    """
    trees = base / TREES
    (trees / "outer").mkdir(parents=True)
    (trees / "outside").write_text("outside\n", encoding="utf-8")
    (trees / "outer" / "o").write_text("outer\n", encoding="utf-8")
    for name, tree in app["trees"].items():
        (trees / f"a{name}{tree['archive']}").write_bytes(b"PK" + name.encode())
        root = trees / name
        if tree["through"]:
            (trees / f"real-{name}").mkdir()
            root.symlink_to(f"real-{name}")
        else:
            root.mkdir()
        for file, (text, mode) in tree["files"].items():
            path = root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            path.chmod(mode)
        for file, target in tree["links"].items():
            path = root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
        if tree["empty"]:
            (root / "hollow").mkdir()


def build(app: dict[str, Any], base: Path, outdir: Path, library: Library) -> dict[str, Any]:
    """Build an app.

    Args:
        app: The app.
        base: Where its trees are.
        outdir: Where the assembly goes.
        library: What builds it.

    Returns:
        Outcome of every function, warnings, and what is in the assembly.
    """
    root = library.app(str(outdir), app["context"])
    stages: dict[str, Any] = {}
    stacks = [_stack(stack, root, stages, library.cdk) for stack in app["stacks"]]
    codes: dict[int, Any] = {}
    outcomes, extras, failed = [], {}, set()
    for function in app["functions"]:
        stack, number = stacks[function["stack"]], function["code"]
        if number in failed:
            continue
        try:
            if number not in codes:
                name = f"X{function['id']}"
                codes[number] = _code(
                    app, app["codes"][number], base, (stack, name), library, extras
                )
            if function["resource"] == "layer":
                made = library.layer(stack, function["id"], codes[number])
            else:
                named = function["handler"], function["runtime"]
                made = library.function(stack, function["id"], codes[number], *named)
            if app["codes"][number]["kind"] == "bucket2":
                extras[function["id"]] = made
            outcomes.append({"made": function["id"]})
        except library.errors as error:
            # Once is enough: upstream takes what a failed bundling left for its result.
            failed.add(number)
            outcomes.append(library.read_error(error))
    root.synth()
    said = {name: _said(construct) for name, construct in extras.items()}
    return {
        "outcomes": outcomes,
        "warnings": said,
        "assembly": _assembly(outdir),
    }


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


def _stack(stack: dict[str, Any], root: Any, stages: dict[str, Any], cdk: Any) -> Any:
    options = {}
    if "stack_name" in stack:
        options["stack_name"] = stack["stack_name"]
    if stack["synthesizer"]:
        kind = getattr(cdk, stack["synthesizer"]["kind"])
        options["synthesizer"] = kind(**stack["synthesizer"]["options"])
    name = stack["stage"]
    if name and name not in stages:
        stages[name] = cdk.Stage(root, name)
    env = stack["env"] and cdk.Environment(**stack["env"])
    return cdk.Stack(stages[name] if name else root, stack["id"], env=env, **options)


def _code(
    app: dict[str, Any],
    code: dict[str, Any],
    base: Path,
    place: tuple[Any, str],
    library: Library,
    extras: dict[str, Any],
) -> Any:
    kind = code["kind"]
    if kind == "inline":
        return library.cdk.aws_lambda.Code.from_inline(code["text"])
    if kind in {"asset", "archive", "bundle", "image"}:
        return _asset(app, code, base, library)
    return _imported(code, *place, library.cdk, extras)


def _imported(code: dict[str, Any], stack: Any, name: str, cdk: Any, extras: dict[str, Any]) -> Any:
    make, options = cdk.aws_lambda.Code, dict(code["options"])
    if code["kind"] == "ecr":
        repository = cdk.aws_ecr.Repository.from_repository_name(stack, name, "my/repo")
        return make.from_ecr_image(repository, **options)
    if code["kind"] == "parameters":
        given = {key: cdk.CfnParameter(stack, name + key[0], type=t) for key, t in options.items()}
        return make.from_cfn_parameters(**given)
    extras[name] = bucket = cdk.aws_s3.Bucket.from_bucket_name(stack, name, "a-bucket")
    if code["kind"] == "bucket":
        return make.from_bucket(bucket, "k/x.zip", options.get("object_version"))
    _members(options, cdk.aws_lambda, s3_object_storage_mode="S3ObjectStorageMode")
    return make.from_bucket_v2(bucket, "k/x.zip", **options)


def _asset(app: dict[str, Any], code: dict[str, Any], base: Path, library: Library) -> Any:
    cdk, options, name = library.cdk, dict(code["options"]), code["tree"]
    path = str(base / TREES / name) if name else ""
    _members(
        options,
        cdk,
        ignore_mode="IgnoreMode",
        follow_symlinks="SymlinkFollowMode",
        asset_hash_type="AssetHashType",
    )
    if code["kind"] == "image":
        images = cdk.aws_ecr_assets
        if "platform" in options:
            options["platform"] = images.Platform.custom(options["platform"])
        if "network_mode" in options:
            options["network_mode"] = images.NetworkMode.custom(options["network_mode"])
        return cdk.aws_lambda.Code.from_asset_image(path, **options)
    if code["kind"] == "archive":
        path = str(base / TREES / f"a{name}{app['trees'][name]['archive']}")
    if "bundling" in options:
        known = app["trees"].get(name) or next(iter(app["trees"].values()))
        local = library.bundler(known["bundler"])
        options["bundling"] = _bundling(dict(options["bundling"]), cdk, local)
    return cdk.aws_lambda.Code.from_asset(path, **options)


def _bundling(given: dict[str, Any], cdk: Any, local: Any) -> Any:
    image = cdk.DockerImage.from_registry(given.pop("image"))
    _members(given, cdk, output_type="BundlingOutput", bundling_file_access="BundlingFileAccess")
    if "volumes" in given:
        given["volumes"] = [_volume(dict(volume), cdk) for volume in given["volumes"]]
    return cdk.BundlingOptions(image=image, local=local, **given)


def _volume(given: dict[str, Any], cdk: Any) -> Any:
    _members(given, cdk, consistency="DockerVolumeConsistency")
    return cdk.DockerVolume(**given)


def _members(options: dict[str, Any], home: Any, **enumerations: str) -> None:
    for name, enumeration in enumerations.items():
        if name in options:
            options[name] = getattr(home, enumeration)[options[name]]


def _said(construct: Any) -> list[str]:
    return [entry.data for entry in construct.node.metadata if entry.type == "aws:cdk:warning"]


def _assembly(outdir: Path) -> dict[str, Any]:
    """What is compared of an assembly: documents without what depends on roles and traces, and staged files."""
    found: dict[str, Any] = {}
    for directory in [outdir, *sorted(outdir.glob("assembly-*"))]:
        place = directory.relative_to(outdir)
        manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
        found[f"{place}/manifest"] = {
            name: _artifact(artifact)
            for name, artifact in manifest["artifacts"].items()
            if artifact["type"] in _ARTIFACTS
        }
        for path in sorted(directory.glob("*.template.json")):
            found[f"{place}/{path.name}"] = _template(path)
        for path in sorted(directory.glob("*.assets.json")):
            found[f"{place}/{path.name}"] = _asset_manifest(path)
    for name in sorted(os.listdir(outdir)):
        if name.startswith("asset."):
            found |= _files(outdir / name, name)
    return found


def _artifact(artifact: dict[str, Any]) -> dict[str, Any]:
    shown = {
        key: value
        for key, value in artifact.items()
        if key not in {"additionalMetadataFile", "metadata"}
    }
    properties = shown["properties"]
    if "stackTemplateAssetObjectUrl" in properties:
        # Only in the name of the template is there a hash.
        masked = _HASH.sub("<template>", properties["stackTemplateAssetObjectUrl"])
        properties["stackTemplateAssetObjectUrl"] = masked
    return shown


def _template(path: Path) -> dict[str, Any]:
    template = json.loads(path.read_text(encoding="utf-8"))
    made = []
    for resource in template.get("Resources", {}).values():
        if resource["Type"] in {"AWS::Lambda::Function", "AWS::Lambda::LayerVersion"}:
            metadata = resource.get("Metadata", {})
            made.append(
                {
                    **{n: resource["Properties"][n] for n in _SHOWN if n in resource["Properties"]},
                    "metadata": {k: v for k, v in metadata.items() if k.startswith("aws:asset")},
                }
            )
    rest = {name: template.get(name, {}) for name in ("Parameters", "Rules")}
    return {"resources": made, **rest}


def _asset_manifest(path: Path) -> dict[str, Any]:
    document = json.loads(path.read_text(encoding="utf-8"))
    for kind in ("files", "dockerImages"):
        entries = document.get(kind, {})
        for key, entry in entries.items():
            if entry["source"].get("path", "").endswith(".template.json"):
                entry["destinations"] = [
                    {**place, "objectKey": place["objectKey"].replace(key, "<template>")}
                    for place in entry["destinations"].values()
                ]
        # Its key is the hash of the template, and the order of the entries counts.
        document[kind] = [
            ["<template>" if isinstance(entry["destinations"], list) else key, entry]
            for key, entry in entries.items()
        ]
    return document


def _files(path: Path, name: str) -> dict[str, Any]:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return {name: ["link", os.readlink(path)]}
    if stat.S_ISDIR(status.st_mode):
        found: dict[str, Any] = {name: ["directory", stat.S_IMODE(status.st_mode)]}
        for child in sorted(os.listdir(path)):
            found |= _files(path / child, f"{name}/{child}")
        return found
    content = path.read_bytes()
    shown = content.decode("latin-1") if len(content) < 100 else hashlib.sha256(content).hexdigest()
    return {name: ["file", stat.S_IMODE(status.st_mode), shown]}
