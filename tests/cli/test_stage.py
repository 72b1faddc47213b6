"""``lambda-assets stage`` and ``image``: what is printed, what lies in the assembly, what a failure leaves."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from lambda_assets import FileSystem
from lambda_assets.staging.asset_staging import WAYS
from support.commands import document, process, run

DEFAULT = "b9772a914cbc8257030430410c603e13945920433d499adf70b13fd68205ab2f"
GIT = "40ea47b20c1182dcb37c3098de42a99e94a9d6ed34f61f33efb3544f4f36d873"
#: Settings of the stack on the command line, and what follows from them in the manifest's destination.
PLACES: list[tuple[tuple[str, ...], dict[str, Any]]] = [
    ((), {"bucketName": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}),
    (("--qualifier", "q"), {"bucketName": "cdk-q-assets-${AWS::AccountId}-${AWS::Region}"}),
    (
        ("--account", "1", "--region", "eu-west-1"),
        {"bucketName": "cdk-hnb659fds-assets-1-eu-west-1", "region": "eu-west-1"},
    ),
    (("--bucket", "mine"), {"bucketName": "mine"}),
    (("--bucket-prefix", "a/"), {"objectKey": f"a/{DEFAULT}.zip"}),
    (("--file-asset-publishing-role-arn", "arn:r"), {"assumeRoleArn": "arn:r"}),
    (("--file-asset-publishing-role-arn", ""), {"assumeRoleArn": None}),
    (("--cli-credentials",), {"assumeRoleArn": None}),
]


def manifest(outdir: Path, stack: str = "Assets") -> dict[str, Any]:
    """The asset manifest without the template's entry."""
    found: dict[str, Any] = json.loads((outdir / f"{stack}.assets.json").read_text())
    found["files"] = {
        key: entry
        for key, entry in found["files"].items()
        if not entry["source"]["path"].endswith(".template.json")
    }
    return found


def test_a_line_has_hash_key_packaging_and_staged_path(tree: Path) -> None:
    code, out, err = process("stage", "tree", "tree/a.txt", "-o", "out", cwd=tree.parent)
    digest = FileSystem.fingerprint(tree / "a.txt", exclude=[".is_custom_resource"])
    place = tree.parent / "out"
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{DEFAULT}  {DEFAULT}.zip  zip  {place}/asset.{DEFAULT}",
        f"{digest}  {digest}.txt  file  {place}/asset.{digest}.txt",
    ]
    assert (place / f"asset.{DEFAULT}" / "b" / "c.txt").read_bytes() == b"charlie\r\n"


def test_the_assembly_lists_the_assets_in_their_order(tree: Path) -> None:
    out = tree.parent / "out"
    paths = [tree / "b", tree, tree / "a.txt"]
    rows = document("stage", *paths, "-o", out, "--stack-name", "My-Stack")
    listed = manifest(out, "My-Stack")["files"]
    assert list(listed) == [row["hash"] for row in rows["assets"]]
    assert [entry["displayName"] for entry in listed.values()] == ["b", "tree", "a.txt"]
    assert rows["manifest"] == str(out / "My-Stack.assets.json")
    assert json.loads((out / "manifest.json").read_text())["artifacts"]["My-Stack"]


@pytest.mark.parametrize(("options", "expected"), PLACES)
def test_settings_of_the_stack_reach_the_manifest(
    tree: Path, options: tuple[str, ...], expected: dict[str, Any]
) -> None:
    out = tree.parent / "out"
    assert run("stage", tree, "-o", out, *options)[0] == 0
    (place,) = manifest(out)["files"][DEFAULT]["destinations"].values()
    assert {key: place.get(key) for key in expected} == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), DEFAULT),
        (("--ignore-mode", "git"), "git"),
        (("--exclude", "b"), {"exclude": ["b"]}),
        (("--extra-hash", "x"), {"extra_hash": "x"}),
        (("--follow", "always"), {"follow": "always"}),
        (("--follow", "block-external"), {"follow": "internal-only"}),
        (("--asset-hash", "v1"), hashlib.sha256(b"v1").hexdigest()),
    ],
)
def test_options_reach_the_hash(
    tree: Path, options: tuple[str, ...], expected: str | dict[str, Any]
) -> None:
    (row,) = document("stage", tree, "-o", tree.parent / "out", *options)["assets"]
    if expected == "git":
        expected = {"ignore_mode": "git"}
    if isinstance(expected, dict):
        exclude = [".is_custom_resource", *expected.pop("exclude", [])]
        expected = FileSystem.fingerprint(tree, exclude=exclude, **expected)
    assert row["hash"] == expected


def test_gitignore_leaves_out_what_git_ignores(tree: Path) -> None:
    (tree / ".gitignore").write_text("/b/\n")
    (row,) = document("stage", "--gitignore", tree, "-o", tree.parent / "out")["assets"]
    assert sorted(os.listdir(row["path"])) == [".gitignore", "a.txt", "empty"]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_stage_gives_the_same_hash_and_key(tree: Path, way: str) -> None:
    out = tree.parent / "out"
    (row,) = document("stage", tree, "-o", out, "--staging", way)["assets"]
    assert (row["hash"], row["key"]) == (DEFAULT, f"{DEFAULT}.zip")
    assert (row["packaging"] == "file") == (way == "zip")
    assert os.path.isdir(row["path"]) == (way != "zip")


def test_a_file_has_size_and_sha256_and_a_directory_has_none(tree: Path) -> None:
    (tree / "f.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    good, directory = document("stage", tree / "f.zip", tree, "-o", tree.parent / "out")["assets"]
    digest = base64.b64encode(hashlib.sha256(b"PK\x05\x06" + bytes(18)).digest()).decode()
    assert (good["size"], good["sha256_base64"]) == (22, digest)
    assert (directory["size"], directory["sha256_base64"]) == (None, None)


def test_json_has_these_fields(tree: Path) -> None:
    out = tree.parent / "out"
    found = document("stage", tree, "-o", out, "--bucket", "b", "--account", "1")
    assert found == {
        "kind": "lambda-assets/staged",
        "schema": 1,
        "directory": str(out),
        "stack": "Assets",
        "manifest": str(out / "Assets.assets.json"),
        "assets": [
            {
                "name": "tree",
                "type": "file",
                "source": str(tree),
                "hash": DEFAULT,
                "path": str(out / f"asset.{DEFAULT}"),
                "packaging": "zip",
                "bucket": "b",
                "key": f"{DEFAULT}.zip",
                "url": f"s3://b/{DEFAULT}.zip",
                "size": None,
                "sha256_base64": None,
            }
        ],
    }


def test_outputs_are_written_beside(tree: Path) -> None:
    file = tree.parent / "outputs.json"
    assert run("stage", tree, "-o", tree.parent / "out", "--outputs", file)[0] == 0
    (row,) = json.loads(file.read_text())["files"][DEFAULT]
    assert row["key"] == f"{DEFAULT}.zip"
    assert row["path"] == str(tree.parent / "out" / f"asset.{DEFAULT}")


def test_outputs_have_the_source_code_hash_of_what_is_staged_as_a_file(tree: Path) -> None:
    file = tree.parent / "outputs.json"
    options = ("-o", tree.parent / "out", "--staging", "zip", "--outputs", file)
    (row,) = document("stage", tree, *options)["assets"]
    digest = hashlib.sha256(Path(row["path"]).read_bytes()).digest()
    (output,) = json.loads(file.read_text())["files"][DEFAULT]
    assert output["source_code_hash"] == base64.b64encode(digest).decode() == row["sha256_base64"]


def test_a_failure_names_each_asset_and_touches_no_manifest(tree: Path) -> None:
    out = tree.parent / "out"
    assert run("stage", tree, "-o", out)[0] == 0
    before = {name: (out / name).read_bytes() for name in os.listdir(out) if "json" in name}
    options = ("-o", out, "--outputs", tree.parent / "o.json")
    code, text, err = run("stage", tree / "b", tree / "no", tree / "non", *options)
    assert (code, text) == (1, "")
    assert err.splitlines() == [
        f"lambda-assets: error: '{name}': cannot find asset at {tree}/{name}"
        for name in ("no", "non")
    ]
    assert {name: (out / name).read_bytes() for name in before} == before
    assert not (tree.parent / "o.json").exists()
    found = document("stage", tree / "no", tree, "-o", out, code=1)
    assert found["manifest"] is None
    assert found["assets"][0]["error"]["code"] == "CannotFindAsset"
    assert found["assets"][1]["hash"] == DEFAULT


def test_a_failure_leaves_no_new_directory(tree: Path) -> None:
    out = tree.parent / "out"
    for arguments in (
        (tree / "no",),
        (tree, "--stack-name", "1"),
        (tree, "--qualifier", "${Token}"),
        (tree, "--staging", "telepathy"),
        (tree, "--exclude", "x" * 70000),
    ):
        assert run("stage", *arguments, "-o", out)[0] in {1, 2}
        assert not out.exists(), arguments


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no PATH"),
        (("a", "./a"), "'./a' is there twice"),
        (("a", "b", "--asset-hash", "x"), "--asset-hash takes one PATH"),
        (("a", "--file", "b"), "--file takes no PATH"),
        (("--file", "b", "--exclude", "x"), "--exclude does not go with --file"),
        (("--file", "b", "--asset-hash", "x"), "--asset-hash does not go with --file"),
        (("a", "--cli-credentials", "--deploy-role-arn", "x"), "exclude each other"),
        (("a", "--gitignore", "--ignore-mode", "glob"), "needs"),
        (("a", "--concurrency", "0"), "no number of assets"),
    ],
)
def test_a_wrong_command_line(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    (tmp_path / "a").mkdir()
    code, out, err = run("stage", *arguments, "-o", "out", cwd=tmp_path)
    assert (code, out) == (2, "")
    assert message in err
    assert not (tmp_path / "out").exists()


def test_equal_names_become_paths(tree: Path) -> None:
    for name in ("x", "y"):
        (tree / name / "src").mkdir(parents=True)
    rows = document("stage", "x/src", "y/src", "b", "-o", tree.parent / "out", cwd=tree)["assets"]
    assert [row["name"] for row in rows] == ["x/src", "y/src", "b"]


@pytest.fixture
def context(tree: Path) -> Path:
    (tree / "Dockerfile").write_bytes(b"FROM scratch\n")
    return tree


def test_an_image_has_tag_and_context(context: Path) -> None:
    out = context.parent / "out"
    options = ("--account", "1", "--region", "us-east-1", "--docker-tag-prefix", "p-")
    (row,) = document("image", context, "-o", out, *options)["assets"]
    (digest, entry), *more = manifest(out)["dockerImages"].items()
    assert not more
    assert entry["source"] == {"directory": f"asset.{digest}"}
    assert row == {
        "name": "tree",
        "type": "image",
        "source": str(context),
        "hash": digest,
        "path": str(out / f"asset.{digest}"),
        "repository": "cdk-hnb659fds-container-assets-1-us-east-1",
        "tag": f"p-{digest}",
        "uri": row["uri"],
    }
    assert row["uri"].endswith(f"cdk-hnb659fds-container-assets-1-us-east-1:p-{digest}")
    code, text, _ = run("image", context, "-o", out, *options)
    assert (code, text) == (0, f"{digest}  p-{digest}  image  {out}/asset.{digest}\n")


@pytest.mark.parametrize(
    ("options", "source"),
    [
        (("--file", "b/Other"), {"dockerFile": "b/Other"}),
        (("--target", "t"), {"dockerBuildTarget": "t"}),
        (("--build-arg", "A=1=2", "--build-arg", "B="), {"dockerBuildArgs": {"A": "1=2", "B": ""}}),
        (("--build-context", "c=docker-image://x"), {"dockerBuildContexts": {"c": "docker-image://x"}}),
        (("--build-secret", "id=s,src=a,b"), {"dockerBuildSecrets": {"s": "src=a,b"}}),
        (("--build-secret", "id=s,env=E"), {"dockerBuildSecrets": {"s": "env=E"}}),
        (("--build-ssh", "default"), {"dockerBuildSsh": "default"}),
        (("--platform", "linux/arm64"), {"platform": "linux/arm64"}),
        (("--network", "host"), {"networkMode": "host"}),
        (("--build-output", "type=local,dest=x"), {"dockerOutputs": ["type=local,dest=x"]}),
        (("--cache-disabled",), {"cacheDisabled": True}),
        (
            ("--cache-from", "type=registry,ref=a", "--cache-from", "type=inline"),
            {"cacheFrom": [{"type": "registry", "params": {"ref": "a"}}, {"type": "inline"}]},
        ),
        (
            ("--cache-to", 'type=s3,"name=a,b"'),
            {"cacheTo": {"type": "s3", "params": {"name": "a,b"}}},
        ),
    ],
)  # fmt: skip
def test_options_of_a_build_reach_the_manifest(
    context: Path, options: tuple[str, ...], source: dict[str, Any]
) -> None:
    (context / "b" / "Other").write_bytes(b"FROM scratch\n")
    out = context.parent / "out"
    code, _, err = run("image", context, "-o", out, *options)
    assert code == 0, err
    (entry,) = manifest(out)["dockerImages"].values()
    del entry["source"]["directory"]
    assert entry["source"] == source


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--build-arg", "SECRET"), "--build-arg needs NAME=VALUE"),
        (("--build-secret", "s=x"), "--build-secret needs id=NAME,src=FILE"),
        (("--cache-from", "registry"), "which is no KEY=VALUE"),
        (("--cache-to", "ref=x"), "names no type"),
        (("--tarball", "--build-arg", "A=1"), "--build-arg does not go with --tarball"),
        (("--tarball", "--target", "x"), "--target does not go with --tarball"),
    ],
)
def test_a_wrong_command_line_of_an_image(
    context: Path, options: tuple[str, ...], message: str
) -> None:
    code, out, err = run("image", context, "-o", context.parent / "out", *options)
    assert (code, out) == (2, "")
    assert message in err
    assert "SECRET" not in err


def test_an_image_without_dockerfile_is_refused(tree: Path) -> None:
    out = tree.parent / "out"
    code, _, err = run("image", tree, "-o", out)
    assert (code, err) == (1, f"lambda-assets: error: cannot find file at {tree}/Dockerfile\n")
    assert not out.exists()


def test_an_archive_is_an_image_too(tree: Path) -> None:
    file = tree.parent / "image.tar"
    file.write_bytes(b"archive")
    out = tree.parent / "out"
    (row,) = document("image", "--tarball", file, "-o", out)["assets"]
    assert row["path"] == str(out / f"asset.{row['hash']}.tar")
    (entry,) = manifest(out)["dockerImages"].values()
    assert entry["source"]["executable"][-1] == f"asset.{row['hash']}.tar"


def test_every_field_of_the_json_is_documented_and_no_other(context: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "stage-command.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    out = context.parent / "out"
    found = [
        document("stage", context, "-o", out),
        document("stage", context / "no", "-o", out, code=1),
        document("image", context, "-o", out),
    ]
    assert told == {key for one in found for key in (*one, *one["assets"][0])}
