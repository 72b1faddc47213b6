"""What the real library asked of the command ``docker``: the same arguments, hashes and errors.

The command is a program that writes down its arguments and answers as the case says. Cases of containers are run on a real
engine, in tests/e2e.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import AssetError, EngineError
from lambda_assets.assembly.scope import App, Stack
from lambda_assets.aws_lambda import Code
from lambda_assets.aws_s3_assets import Asset
from lambda_assets.docker.build import hashed
from lambda_assets.docker.image import DockerImage
from lambda_assets.staging import AssetStaging
from support.staging_cases import CASES, bundling

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """#!{python} -I
import json, os, pathlib, sys
place = pathlib.Path(__file__).parent
words = sys.argv[1:]
with open(place / "log", "a") as log:
    log.write(json.dumps(words) + "\\n")
key = " ".join(words[:2]) if words[0] in ("volume", "image") else words[0]
answer = json.loads((place / "answers").read_text()).get(key, {{}})
sys.stdout.write(answer.get("stdout", ""))
sys.stderr.write(answer.get("stderr", ""))
sys.stdout.flush()
if "signal" in answer:
    os.kill(os.getpid(), answer["signal"])
sys.exit(answer.get("rc", 0))
"""

#: Case → why ours is not the library's text.
OTHER_TEXT = {"image/missing": "an error of the system is an AssetNotFoundError here"}
#: Sent after a failure, to tell a command that failed from an engine that is not there.
PROBE = ["version"]

IMAGES = [case for case in CASES if case["kind"] == "image"]
COPIES = [case for case in CASES if case["kind"] == "cp"]
#: Staging that builds an image, and then runs no container.
STAGED = [case for case in CASES if case["name"] in {"json/image-built", "skip/image-still-built"}]
#: Cases of containers whose hash is known before they run.
BUNDLED = [
    case
    for case in CASES
    if case["name"].startswith(("docker/", "local/returns-false"))
    and "hash" in case["runs"][0]
    and "options" not in case
]


class Program:
    """The command in place of ``docker``."""

    def __init__(self, place: Path) -> None:
        self.path = place / "docker"
        self.path.write_text(PROGRAM.format(python=sys.executable))
        self.path.chmod(0o755)
        self.answer({})

    def answer(self, answers: dict[str, Any]) -> None:
        self.path.with_name("answers").write_text(json.dumps(answers))

    def asked(self) -> list[list[str]]:
        log = self.path.with_name("log")
        lines = log.read_text().splitlines() if log.exists() else []
        return [words for words in map(json.loads, lines) if words != PROBE]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    place = tmp_path / "program"
    place.mkdir()
    program = Program(place)
    monkeypatch.setenv("CDK_DOCKER", str(program.path))
    return program


def text_of(case: dict[str, Any], docker: Program, trees: str) -> str:
    """The library's text; a static method's error is preceded by its name, which is our code."""
    text: str = case["runs"][0]["error"]
    return text.replace("<docker>", str(docker.path)).replace("<t>", trees)


def asked_of(case: dict[str, Any], trees: str) -> list[list[str]]:
    text = json.dumps(case["runs"][0].get("docker", [])).replace("<t>", trees)
    words: list[list[str]] = json.loads(text)
    return words


@pytest.mark.parametrize("case", IMAGES, ids=lambda case: case["name"])
def test_an_image_is_built_as_upstream(
    case: dict[str, Any], trees: str, docker: Program, capfd: pytest.CaptureFixture[str]
) -> None:
    docker.answer(case["docker"])
    wanted = case["runs"][0]
    path = os.path.join(trees, case["path"])
    if "error" in wanted:
        with pytest.raises(AssetError) as caught:
            DockerImage.from_build(path, **case.get("options", {}))
        if case["name"] not in OTHER_TEXT:
            assert f"{caught.value.code}: {caught.value}" == text_of(case, docker, trees)
    else:
        image = DockerImage.from_build(path, **case.get("options", {}))
        assert (image.to_json(), image.image) == (wanted["hash"], f"cdk-{wanted['hash']}")
    assert docker.asked() == asked_of(case, trees)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("case", COPIES, ids=lambda case: case["name"])
def test_a_copy_is_made_as_upstream(case: dict[str, Any], docker: Program) -> None:
    docker.answer(case["docker"])
    wanted, image = case["runs"][0], DockerImage.from_registry("i:1")
    if "error" in wanted:
        with pytest.raises(AssetError) as caught:
            image.cp(**case["options"])
        assert f"{caught.value.code}: {caught.value}" == text_of(case, docker, "")
    else:
        assert image.cp(**case["options"]) == wanted["returns"]
    assert docker.asked() == asked_of(case, "")


@pytest.mark.parametrize("case", STAGED, ids=lambda case: case["name"])
def test_the_hash_of_a_built_image_is_that_of_upstream(
    case: dict[str, Any], trees: str, docker: Program, tmp_path: Path
) -> None:
    docker.answer(case["docker"])
    AssetStaging.clear_asset_hash_cache()
    stack = Stack(App(outdir=str(tmp_path / "out"), context=case.get("context")), "S")
    options = bundling(case["bundling"], trees)
    asset = Asset(stack, "A", path=os.path.join(trees, case["path"]), bundling=options)
    assert asset.asset_hash == case["runs"][0]["hash"]
    assert docker.asked() == asked_of(case, trees)


@pytest.mark.parametrize("case", BUNDLED, ids=lambda case: case["name"])
def test_the_hash_of_what_a_container_bundles_is_that_of_upstream(
    case: dict[str, Any], trees: str, docker: Program, tmp_path: Path
) -> None:
    docker.answer(case["docker"])
    # Bundling is left out by the context, and the hash stays; tests/e2e has it done.
    app = App(outdir=str(tmp_path / "out"), context={"aws:cdk:bundling-stacks": []})
    options = bundling(case["bundling"], trees)
    asset = Asset(Stack(app, "S"), "A", path=os.path.join(trees, case["path"]), bundling=options)
    assert asset.asset_hash == case["runs"][0]["hash"]


def test_the_options_of_from_docker_build_are_hashed_in_their_order() -> None:
    options = {
        "output_path": "o",
        "image_path": "/i",
        "file": "f",
        "build_args": {"2": "b", "1": "a"},
    }
    wanted = '{"buildArgs":{"1":"a","2":"b"},"file":"f","imagePath":"/i","outputPath":"o"}'
    assert hashed(options) == wanted


@pytest.mark.parametrize(
    ("image_path", "asked"),
    [(None, "/asset/."), ("/x", "/x/."), ("/x/", "/x/."), ("/x/.", "/x/."), ("", "/.")],
)
def test_from_docker_build_copies_what_is_in_the_directory(
    image_path: str | None, asked: str, trees: str, docker: Program, tmp_path: Path
) -> None:
    docker.answer({"create": {"stdout": "0123456789abcdef"}, "image inspect": {"rc": 1}})
    out = str(tmp_path / "out")
    code = Code.from_docker_build(f"{trees}/image/root", image_path=image_path, output_path=out)
    assert code.path == out
    tag = docker.asked()[0][2]
    assert docker.asked() == [
        ["image", "inspect", tag],
        ["build", "-t", tag, f"{trees}/image/root"],
        ["create", tag],
        ["cp", f"0123456789abcdef:{asked}", out],
        ["rm", "-v", "0123456789abcdef"],
    ]


def test_a_temporary_directory_goes_if_the_copy_fails(
    docker: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    docker.answer({"create": {"stdout": "0123456789abcdef"}, "cp": {"rc": 1}})
    with pytest.raises(AssetError):
        DockerImage.from_registry("i").cp("/p")
    assert [name for name in os.listdir(tmp_path) if name.startswith("cdk-docker-cp-")] == []
    docker.answer({"create": {"stdout": "0123456789abcdef"}})
    assert os.path.basename(DockerImage.from_registry("i").cp("/p")).startswith("cdk-docker-cp-")


CANARY = "hunter2-canary"
SECRETS: list[dict[str, Any]] = [
    {"build_args": {"TOKEN": CANARY}},
    {"build_args": {"--build-arg": CANARY, "X": f"--build-arg={CANARY}"}},
    {"cache_from": [{"type": "s3", "params": {"secret_access_key": CANARY, "region": "r"}}]},
    {"cache_to": {"type": "gha", "params": {"token": CANARY}}},
]


@pytest.mark.parametrize("options", SECRETS, ids=json.dumps)
def test_secret_values_are_in_no_error_and_no_output(
    options: dict[str, Any], trees: str, docker: Program, capfd: pytest.CaptureFixture[str]
) -> None:
    docker.answer({"image inspect": {"rc": 1}, "build": {"rc": 1}})
    with pytest.raises(AssetError) as caught:
        DockerImage.from_build(f"{trees}/image/root", **options)
    assert CANARY in str(docker.asked()), "the command gets them"
    shown = [*told(caught.value), caught.value.hint, *capfd.readouterr()]
    assert CANARY not in repr(shown)
    assert "docker build" in str(caught.value).replace(str(docker.path), "docker")


@pytest.mark.parametrize("options", SECRETS, ids=json.dumps)
def test_secret_values_are_not_shown_if_no_command_can_take_them(
    options: dict[str, Any], trees: str, docker: Program, capfd: pytest.CaptureFixture[str]
) -> None:
    docker.answer({"image inspect": {"rc": 1}})
    spoiled = json.loads(json.dumps(options).replace(CANARY, f"{CANARY}\\u0000"))
    with pytest.raises(AssetError, match="cannot take its arguments: embedded null byte") as caught:
        DockerImage.from_build(f"{trees}/image/root", **spoiled)
    assert CANARY not in repr([*told(caught.value), *capfd.readouterr()])


def told(error: BaseException) -> list[str]:
    """What a traceback shows."""
    return traceback.format_exception(error, limit=0)


@pytest.mark.parametrize(
    ("answers", "text", "hint"),
    [
        (None, "cannot run '/nonexistent/docker': No such file or directory", "CDK_DOCKER"),
        (
            {
                "image inspect": {"rc": 1},
                "build": {"rc": 1},
                "version": {"rc": 1, "stderr": "Client: x\nCannot connect to the Docker daemon\n"},
            },
            "the Docker engine cannot be reached: Cannot connect to the Docker daemon",
            "DOCKER_HOST",
        ),
    ],
)
def test_a_machine_without_docker_is_told_what_to_do(
    answers: dict[str, Any] | None,
    text: str,
    hint: str,
    trees: str,
    docker: Program,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if answers is None:
        monkeypatch.setenv("CDK_DOCKER", "/nonexistent/docker")
    else:
        docker.answer(answers)
    with pytest.raises(EngineError) as caught:
        DockerImage.from_build(f"{trees}/image/root")
    assert str(caught.value) == text
    assert hint in caught.value.hint


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_containers_need_an_engine_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(EngineError, match="cannot be reached") as caught:
        DockerImage.from_registry("i").run()
    hint = caught.value.hint
    del caught
    gc.collect()  # the SDK leaves the socket of a failed connection to the collector
    assert "DOCKER_HOST" in hint


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"build_args": {"a": 1}}, "build_args must be a mapping of str to str, not dict"),
        ({"build_args": {"__proto__": "x"}}, "build_args must not have the key '__proto__'"),
        ({"cache_from": "x"}, "cache_from must be a sequence of DockerCacheOption, not str"),
        ({"cache_to": {"typ": "x"}}, "cache_to has no field 'typ'"),
        ({"cache_disabled": "no"}, "cache_disabled must be bool, not str"),
        ({"platform": 1}, "platform must be str, not int"),
        ({"file": b"x"}, "file must be str, not bytes"),
    ],
)
def test_wrong_options_are_named_before_anything_runs(
    options: dict[str, Any], text: str, trees: str, docker: Program
) -> None:
    with pytest.raises(AssetError) as caught:
        DockerImage.from_build(f"{trees}/image/root", **options)
    assert str(caught.value) == text
    assert docker.asked() == []


def test_all_cases_of_builds_and_copies_are_tested() -> None:
    assert (len(IMAGES), len(COPIES), len(STAGED), len(BUNDLED)) == (15, 6, 2, 12)
