"""Images on a real engine: built once, run, copied out of; and the code that a build made."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import AssetNotFoundError, ValidationError
from lambda_assets.assembly.scope import App, Construct, Stack
from lambda_assets.aws_lambda import Code
from lambda_assets.docker import engine
from lambda_assets.docker.image import DockerImage
from support.files import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Docker

BASE = "lambda-assets-test:base"
DOCKERFILE = f"""FROM {BASE} AS first
ARG WORD=default
RUN mkdir -p /asset/sub && echo "$WORD" > /asset/word && echo s > /asset/sub/s && ln -s word /asset/link
FROM first AS second
RUN echo 2 > /asset/second
"""
CACHE = [{"type": "registry", "params": {"ref": "127.0.0.1:9/x"}}]


@pytest.fixture
def context(tmp_path: Path) -> Path:
    root = tmp_path / "context"
    root.mkdir()
    (root / "Dockerfile").write_text(DOCKERFILE)
    (root / "other.Dockerfile").write_text(
        f"FROM {BASE}\nRUN mkdir /asset && echo o > /asset/other\n"
    )
    return root


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def test_an_image_is_built_once(
    context: Path, docker: Docker, capfd: pytest.CaptureFixture[str]
) -> None:
    (context / "of-this-test").touch()
    first = DockerImage.from_build(context)
    said = capfd.readouterr()
    assert said.out == ""
    assert first.image in said.err
    made = docker.inspect(first.image)["Id"]
    again = DockerImage.from_build(context)
    assert capfd.readouterr().err == ""
    assert (again.image, again.to_json()) == (first.image, first.to_json())
    assert docker.inspect(again.image)["Id"] == made
    (context / "other").touch()
    assert DockerImage.from_build(context).image != first.image


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, ["link", "second", "sub", "word"]),
        ({"target_stage": "first"}, ["link", "sub", "word"]),
        ({"file": "other.Dockerfile"}, ["other"]),
        ({"build_args": {"WORD": "given"}, "network": "none", "cache_disabled": True}, ["link", "second", "sub", "word"]),
        ({"platform": "linux/amd64", "cache_from": CACHE}, ["link", "second", "sub", "word"]),
    ],
    ids=str,
)  # fmt: skip
def test_the_options_of_a_build(options: dict[str, Any], found: list[str], context: Path) -> None:
    copied = DockerImage.from_build(context, **options).cp("/asset/.")
    assert sorted(os.listdir(copied)) == found
    if "build_args" in options:
        assert Path(copied, "word").read_text() == "given\n"


def test_a_build_that_fails_says_so_and_shows_why(
    context: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (context / "Dockerfile").write_text(f"FROM {BASE}\nRUN echo because; exit 3\n")
    with pytest.raises(
        ValidationError, match=r"^docker exited with status 1\n--> Command: docker build -t cdk-"
    ):
        DockerImage.from_build(context)
    assert "because" in capfd.readouterr().err


def test_a_copy(context: Path, tmp_path: Path, temporary: Path) -> None:
    image = DockerImage.from_build(context)
    copied = image.cp("/asset")
    assert os.path.dirname(copied) == os.path.realpath(temporary)
    wanted = {
        "asset": ("directory", 0o755),
        "asset/link": ("link", "word"),
        "asset/second": ("file", 0o644, b"2\n"),
        "asset/sub": ("directory", 0o755),
        "asset/sub/s": ("file", 0o644, b"s\n"),
        "asset/word": ("file", 0o644, b"default\n"),
    }
    assert tree_of(Path(copied)) == wanted
    assert image.cp("/asset/word", tmp_path / "here") == str(tmp_path / "here")
    assert (tmp_path / "here").read_text() == "default\n"
    with pytest.raises(ValidationError, match=r"Failed to copy files from [0-9a-f]{64}:/none to "):
        image.cp("/none")
    assert len(os.listdir(temporary)) == 1


def test_a_copy_out_of_an_image_without_a_command(docker: Docker, tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /asset/f\n")
    image = DockerImage.from_build(tmp_path / "c")
    assert docker.inspect(image.image)["Config"]["Cmd"] is None
    assert os.listdir(image.cp("/asset/.")) == ["f"]


def test_a_run(context: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    image = DockerImage.from_build(context)
    image.run(
        command=["cat word; echo $A; touch /h/made"],
        entrypoint=["sh", "-c"],
        environment={"A": "x"},
        working_directory="/asset",
        network="none",
        volumes=[{"host_path": str(tmp_path), "container_path": "/h"}],
    )
    assert capfd.readouterr() == ("", "default\nx\n")
    assert (tmp_path / "made").exists()
    with pytest.raises(ValidationError) as caught:
        image.run(command=["sh", "-c", "exit 4"])
    assert str(caught.value) == (
        f'docker exited with status 4\n--> Command: docker run --rm {image.image} sh -c "exit 4"'
    )


def test_code_that_a_build_made(context: Path, tmp_path: Path) -> None:
    code = Code.from_docker_build(context, target_stage="first", output_path=tmp_path / "made")
    assert code.path == str(tmp_path / "made")
    stack = Stack(App(outdir=str(tmp_path / "out")), "S")
    config = code.bind(Construct(stack, "F"))
    assert config.s3_location
    staged = tmp_path / "out" / f"asset.{config.s3_location.object_key.removesuffix('.zip')}"
    assert sorted(tree_of(staged)) == ["link", "sub", "sub/s", "word"]


def test_two_builds_do_not_deploy_what_the_second_left(context: Path, tmp_path: Path) -> None:
    out = tmp_path / "made"
    first = Code.from_docker_build(context, output_path=out)
    Code.from_docker_build(context, output_path=out)
    with pytest.raises(ValidationError, match="is not bound yet") as caught:
        Code.from_docker_build(context, file="other.Dockerfile", output_path=out)
    assert "its own output_path" in caught.value.hint
    stack = Stack(App(outdir=str(tmp_path / "out")), "S")
    first.bind(Construct(stack, "F"))
    assert not (out / "other").exists()


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """A registry that the engine takes without encryption, as it is on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    (tmp_path / "registry.yml").write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {tmp_path}/registry}}}}\nhttp: {{addr: '{host}'}}\n"
    )
    command = ["docker-registry", "serve", str(tmp_path / "registry.yml")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(host.split(":")):
            break
        time.sleep(0.1)
    yield host
    process.terminate()
    process.wait(20)


def test_an_image_that_is_not_there_is_pulled(
    registry: str, docker: Docker, capfd: pytest.CaptureFixture[str]
) -> None:
    name = f"{registry}/some/image"
    docker("tag", BASE, f"{name}:1.0")
    docker("push", f"{name}:1.0")
    digest = docker("inspect", "-f", "{{index .RepoDigests 0}}", f"{name}:1.0")
    for image in (f"{name}:1.0", digest):
        docker("rmi", f"{name}:1.0")
        DockerImage.from_registry(image).run(command=["echo", "ran"])
        said = capfd.readouterr().err
        assert "Status: Downloaded newer image" in said
        assert said.endswith("ran\n")
        docker("tag", image, f"{name}:1.0")
    DockerImage.from_registry(digest).run(command=["true"])
    assert "Status" not in capfd.readouterr().err


def test_a_seccomp_profile_is_read(docker: Docker, tmp_path: Path) -> None:
    profile = tmp_path / "profile.json"
    profile.write_text('{\n  "defaultAction": "SCMP_ACT_ALLOW"\n}\n')
    option = f"seccomp={profile}"
    theirs = docker("create", "--security-opt", option, BASE)
    ours = engine.Container(image=BASE, security_opt=option)
    try:
        with engine._connected() as api, engine._created(api, ours) as name:
            wanted = docker.inspect(theirs)["HostConfig"]["SecurityOpt"]
            assert docker.inspect(name)["HostConfig"]["SecurityOpt"] == wanted
    finally:
        docker("rm", theirs)
    with pytest.raises(AssetNotFoundError, match="nothing"):
        DockerImage.from_registry(BASE).run(security_opt=f"seccomp={tmp_path}/nothing")


def test_the_engine_is_that_of_the_context(
    context: Path, docker: Docker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = DockerImage.from_build(context)
    host = os.environ["DOCKER_HOST"]
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.json").write_text("{}")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "config"))
    docker("context", "create", "here", "--docker", f"host={host}")
    monkeypatch.delenv("DOCKER_HOST")
    monkeypatch.setenv("DOCKER_CONTEXT", "here")
    # Both ways: the command finds the image, and a container of it runs.
    assert DockerImage.from_build(context).image == image.image
    image.run(command=["true"])
    monkeypatch.setenv("DOCKER_HOST", host)
