"""The real aws_cdk and this package on the same engine: the same hashes, the same staged content, the same copies."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets.docker.image import DockerImage
from support import cdk_docker
from support.files import tree_of

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Docker

BASE = "lambda-assets-test:base"
#: The image that upstream downloads to copy files into volumes; any with a shell does.
HELPER = "public.ecr.aws/docker/library/alpine"

if importlib.util.find_spec("aws_cdk") is None:
    pytest.skip("aws_cdk is not installed", allow_module_level=True)

BUILDS: list[dict[str, Any]] = [
    {},
    {"build_args": {"B": "2", "A": "1"}, "target_stage": "first"},
    {"file": "sub/Dockerfile", "network": "none", "platform": "linux/amd64"},
    {"cache_disabled": True},
]
BUNDLINGS: list[dict[str, Any]] = [
    {"command": ["sh", "-c", "cp -a /asset-input/. /asset-output"]},
    {"command": ["sh", "-c", "cd /asset-output; id > i; pwd > p; mkdir d; ln -s ../i d/l; chmod 600 i"], "user": "0:0"},
    {"command": ["sh", "-c", "env | grep -v HOSTNAME | sort > /asset-output/e"], "environment": {"Z": "1", "2": "x y", "E": ""}},
    {"command": ["/asset-output/x.zip"], "entrypoint": ["touch"], "output_type": "ARCHIVED"},
    {
        "command": ["sh", "-c", "id -u > /asset-output/u; pwd >> /asset-output/u"],
        "user": "1234:1234",
        "working_directory": "/tmp",
        "output_type": "SINGLE_FILE",
    },
]  # fmt: skip


@pytest.fixture(scope="module")
def worker(docker: Docker) -> Any:
    """aws_cdk in a process of its own, which has the environment of the engine from its start."""
    docker("tag", BASE, HELPER)
    process = cdk_docker.Worker()
    yield process
    process.close()
    docker("rmi", HELPER)


@pytest.mark.parametrize("access", ["BIND_MOUNT", "VOLUME_COPY"])
@pytest.mark.parametrize("options", BUNDLINGS, ids=lambda o: o["command"][-1])
@pytest.mark.parametrize("kind", ["SOURCE", "OUTPUT"])
def test_a_bundled_asset(
    kind: str, options: dict[str, Any], access: str, source: Path, tmp_path: Path, worker: Any
) -> None:
    # Upstream can't copy this one into a volume.
    (source / "far-up").unlink()
    question = {
        "do": "stage",
        "source": str(source),
        "kind": kind,
        "image": BASE,
        "options": {**options, "bundling_file_access": access},
    }
    theirs = worker.ask(question | {"out": str(tmp_path / "theirs")})
    ours = cdk_docker.stage(cdk_docker.OURS, question | {"out": str(tmp_path / "ours")})
    assert "error" not in theirs, theirs
    assert ours == theirs
    name = theirs["staged"]
    assert content(tmp_path / "ours" / name) == content(tmp_path / "theirs" / name)


def content(path: Path) -> Any:
    if path.is_file():
        return path.read_bytes()
    return oct(path.stat().st_mode), tree_of(path)


@pytest.mark.parametrize("options", BUILDS, ids=str)
def test_an_image(options: dict[str, Any], tmp_path: Path, worker: Any, docker: Docker) -> None:
    context = context_at(tmp_path)
    question = {"do": "image", "path": str(context), "options": options}
    theirs = worker.ask(question | {"out": str(tmp_path / "theirs")})
    made = docker.inspect(theirs["image"])["Id"]
    ours = cdk_docker.image(cdk_docker.OURS, question | {"out": str(tmp_path / "ours")})
    assert ours == theirs
    assert docker.inspect(ours["image"])["Id"] == made, "not built again"
    assert tree_of(tmp_path / "ours") == tree_of(tmp_path / "theirs")


@pytest.mark.parametrize("image_path", [None, "/asset/sub", "/asset/sub/", "/asset/."])
def test_code_of_a_build(image_path: str | None, tmp_path: Path, worker: Any) -> None:
    question = {
        "do": "code",
        "path": str(context_at(tmp_path)),
        "options": {"image_path": image_path, "output_path": str(tmp_path / "copy")},
    }
    theirs = worker.ask(question | {"out": str(tmp_path / "theirs")})
    copied = tree_of(tmp_path / "copy")
    subprocess.run(["rm", "-r", str(tmp_path / "copy")], check=True)
    ours = cdk_docker.code(cdk_docker.OURS, question | {"out": str(tmp_path / "ours")})
    assert "error" not in theirs, theirs
    assert ours == theirs
    assert tree_of(tmp_path / "copy") == copied
    name = f"asset.{theirs['hash']}"
    assert content(tmp_path / "ours" / name) == content(tmp_path / "theirs" / name)


def test_a_failure_is_told_in_the_same_words(source: Path, tmp_path: Path, worker: Any) -> None:
    question = {
        "do": "stage",
        "source": str(source),
        "kind": "SOURCE",
        "image": BASE,
        "options": {"command": ["sh", "-c", "exit 7"]},
    }
    theirs = worker.ask(question | {"out": str(tmp_path / "theirs")})["error"]
    ours = cdk_docker.stage(cdk_docker.OURS, question | {"out": str(tmp_path / "ours")})["error"]
    assert words(ours) == words(theirs)
    assert os.listdir(tmp_path / "ours") == []


def words(text: str) -> str:
    """Without the place of the output, which we don't keep."""
    text = re.sub(r", bundle output is located at \S+:", ":", text)
    return re.sub(r'-v "[^"]+:/asset-output:', '-v "OUT:/asset-output:', text)


def test_a_run(worker: Any, capfd: pytest.CaptureFixture[str]) -> None:
    script = "id; pwd; env | grep -v HOSTNAME | sort; ls /; echo $0 $1"
    options = {
        "entrypoint": ["sh", "-c", script, "zero"],
        "command": ["one"],
        "environment": {"B": "1", "A": "2"},
    }
    theirs = worker.ask({"do": "run", "image": BASE, "options": options})
    DockerImage.from_registry(BASE).run(**options)
    assert capfd.readouterr().err == theirs["said"]
    assert theirs["said"].endswith("zero one\n")


def context_at(place: Path) -> Path:
    root = place / "context"
    (root / "sub").mkdir(parents=True)
    text = f"FROM {BASE} AS first\nARG A\nRUN mkdir -p /asset/sub && echo $A > /asset/sub/a\nFROM first\nRUN touch /asset/2\n"
    (root / "Dockerfile").write_text(text)
    (root / "sub" / "Dockerfile").write_text(
        f"FROM {BASE}\nRUN mkdir /asset && touch /asset/other\n"
    )
    return root
