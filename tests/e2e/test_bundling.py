"""Bundling in containers on a real engine: what is staged, what is said, and that nothing stays."""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import AssetError, ValidationError
from lambda_assets.assembly.scope import App, Stack
from lambda_assets.bundling import container
from lambda_assets.docker.image import DockerImage
from lambda_assets.staging import AssetStaging
from support import engine as machine
from support.files import tree_of

if TYPE_CHECKING:
    from conftest import Docker

SCRIPT = str(Path(machine.__file__).with_name("stage_with_docker.py"))
BASE = "lambda-assets-test:base"
ACCESSES = ["BIND_MOUNT", "VOLUME_COPY"]
COPY = "cp -a /asset-input/. /asset-output"

accesses = pytest.mark.parametrize("access", ACCESSES)


def stage(source: Path, out: Path, script: str, **options: Any) -> AssetStaging:
    bundling = {
        "image": DockerImage.from_registry(BASE),
        "command": ["sh", "-c", script],
        **options,
    }
    return AssetStaging(
        Stack(App(outdir=str(out)), "S"), "A", source_path=source, bundling=bundling
    )


@accesses
def test_what_the_container_writes_is_staged(access: str, source: Path, tmp_path: Path) -> None:
    made = f"{COPY}; echo new > /asset-output/new; chmod 666 /asset-output/new; ln /asset-output/new /asset-output/hard"
    staged = stage(source, tmp_path / "out", made, bundling_file_access=access)
    got = tree_of(Path(staged.absolute_staged_path))
    assert got.pop("new") == got.pop("hard") == ("file", 0o666, b"new\n")
    assert got == tree_of(source)
    assert os.listdir(tmp_path / "out") == [f"asset.{staged.asset_hash}"]


def test_results_are_kept_by_the_digest_of_the_image(
    docker: Docker, source: Path, tmp_path: Path
) -> None:
    image = "lambda-assets-test:kept"
    made = "cat /proc/sys/kernel/random/uuid > /asset-output/when"

    def result(number: int, **options: Any) -> str:
        AssetStaging.clear_asset_hash_cache()
        chosen = {"image": DockerImage.from_registry(image), **options}
        staged = stage(source, tmp_path / str(number), made, **chosen)
        return Path(staged.absolute_staged_path, "when").read_text()

    docker.build(image, f"FROM {BASE}\n")
    first = result(1)
    assert result(2) == first
    assert result(3, environment={"A": "1"}) != first
    volume = {"host_path": str(tmp_path), "container_path": "/more"}
    assert result(4, volumes=[volume]) != result(5, volumes=[volume])
    docker.build(image, f"FROM {BASE}\nENV NEW=1\n")
    assert result(6) != first


@accesses
def test_the_options_arrive(access: str, source: Path, tmp_path: Path) -> None:
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "f").write_text("from outside\n")
    script = 'id -u; id -g; pwd; echo "$A|$B"; cat /extra/f; ls /sys/class/net; echo "$0 $1"'
    staged = stage(
        source,
        tmp_path / "out",
        "",
        bundling_file_access=access,
        user="1234:4321",
        working_directory="/tmp",
        environment={"A": "x y", "B": ""},
        network="none",
        security_opt="no-new-privileges",
        volumes=[{"host_path": str(extra), "container_path": "/extra", "consistency": "CACHED"}],
        entrypoint=["sh", "-c", f"exec > /asset-output/said; {script}", "zero"],
        command=["one"],
    )
    said = Path(staged.absolute_staged_path, "said").read_text()
    assert said == "1234\n4321\n/tmp\nx y|\nfrom outside\nlo\nzero one\n"


@accesses
def test_the_user_may_write_to_both_directories(access: str, source: Path, tmp_path: Path) -> None:
    source.chmod(0o777)
    script = "touch /asset-input/t && touch /asset-output/t"
    stage(source, tmp_path / "out", script, bundling_file_access=access, user="1234")
    # A bind mount is the source itself, as upstream.
    assert (source / "t").exists() is (access == "BIND_MOUNT")


@accesses
def test_files_that_others_wrote_belong_to_us_after_a_copy(
    access: str, source: Path, tmp_path: Path
) -> None:
    staged = stage(
        source, tmp_path / "out", "touch /asset-output/t", bundling_file_access=access, user="1234"
    )
    owner = Path(staged.absolute_staged_path, "t").stat().st_uid
    assert owner == (1234 if access == "BIND_MOUNT" else os.getuid())


def test_volumes_of_other_containers_are_mounted(
    docker: Docker, source: Path, tmp_path: Path
) -> None:
    docker("run", "--name", "other", "-v", "/shared", BASE, "sh", "-c", "echo 1 > /shared/f")
    try:
        script = "cp /shared/f /asset-output"
        staged = stage(source, tmp_path / "out", script, volumes_from=["other"])
    finally:
        docker("rm", "-v", "other")
    assert os.listdir(staged.absolute_staged_path) == ["f"]


@accesses
@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"command": ["sh", "-c", "echo out; echo err >&2; touch /asset-output/x; exit 3"]}, "docker exited with status 3\n"),
        ({"command": ["sh", "-c", "sh -c 'kill -9 $$'; exit $?"]}, "docker exited with status 137\n"),
        ({"command": ["no-such-program"]}, "docker exited with status 127\n"),
        ({"command": ["/etc"]}, "docker exited with status 126\n"),
        ({"image": DockerImage("127.0.0.1:9/no/such:image")}, "docker exited with status 125\n"),
        ({"network": "no-such-network"}, "docker exited with status 125\n"),
        ({"volumes_from": ["no-such-container"]}, "docker exited with status 125\n"),
        ({"security_opt": "nonsense"}, "docker exited with status 125\n"),
        ({"user": "no-such-user"}, "docker exited with status 125\n"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(next(iter(value.values()))),
)  # fmt: skip
def test_a_failure_leaves_nothing(
    access: str, options: dict[str, Any], text: str, source: Path, tmp_path: Path
) -> None:
    options = {"command": ["true"], **options, "bundling_file_access": access}
    with pytest.raises(ValidationError) as caught:
        stage(source, tmp_path / "out", "", **options)
    start = f"Failed to bundle asset S/A: CommandExecutionFailed: {text}"
    assert str(caught.value).startswith(start)
    assert "\n--> Command: docker run --rm " in str(caught.value)
    assert os.listdir(tmp_path / "out") == []


@accesses
def test_no_output_is_an_error_each_time(access: str, source: Path, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ValidationError) as caught:
            stage(source, tmp_path / "out", "true", bundling_file_access=access)
        assert str(caught.value) == (
            "Bundling did not produce any output. Check that content is written to /asset-output."
        )
    assert os.listdir(tmp_path / "out") == []


def test_a_file_that_changes_on_its_way_is_an_error_of_ours(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = source / "big"
    big.write_bytes(bytes(1 << 22))
    pack = container.archive.pack

    def shrinking(*arguments: Any) -> Any:
        for piece in pack(*arguments):
            yield piece
            if len(piece) == 1 << 20:
                os.truncate(big, 1 << 20)

    monkeypatch.setattr(container.archive, "pack", shrinking)
    with pytest.raises(AssetError, match="changed while it was read") as caught:
        stage(source, tmp_path / "out", "true", bundling_file_access="VOLUME_COPY")
    assert "big" in str(caught.value)
    assert os.listdir(tmp_path / "out") == []


def test_output_that_would_land_outside_is_refused(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No engine sends it; a hostile one could.
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, target in (("o/l", str(tmp_path)), ("o/l/escaped", "")):
            info = tarfile.TarInfo(name)
            info.type = tarfile.SYMTYPE if target else tarfile.REGTYPE
            info.linkname = target
            archive.addfile(info)
    unpack = container.archive.unpack
    monkeypatch.setattr(container.archive, "unpack", lambda _, to: unpack([data.getvalue()], to))
    with pytest.raises(ValidationError, match="cannot be unpacked"):
        stage(source, tmp_path / "out", "true", bundling_file_access="VOLUME_COPY")
    assert not (tmp_path / "escaped").exists()


@accesses
def test_values_of_variables_are_in_no_error(
    access: str, source: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    canary = "hunter2-canary"
    environment = {"TOKEN": canary, "PIP_INDEX_URL": f"https://user:{canary}@host/simple"}
    with pytest.raises(ValidationError) as caught:
        stage(
            source,
            tmp_path / "out",
            "test -n $TOKEN && exit 1",
            bundling_file_access=access,
            environment=environment,
        )
    assert "--env TOKEN --env PIP_INDEX_URL " in str(caught.value)
    assert canary not in repr([*told(caught.value), *capfd.readouterr()])


@accesses
@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"": "hunter2"}, "docker exited with status 125\n--> STDERR: .*=\\*\\*\\*"),
        ({"A": "hunter2\0"}, "docker cannot take its arguments: embedded null byte: docker run"),
    ],
)
def test_values_that_the_engine_refuses_are_in_no_error(
    access: str,
    environment: dict[str, str],
    text: str,
    source: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ValidationError, match=text) as caught:
        stage(source, tmp_path / "o", "", bundling_file_access=access, environment=environment)
    assert "hunter2" not in repr([*told(caught.value), *capfd.readouterr()])
    assert os.listdir(tmp_path / "o") == []


def told(error: BaseException) -> list[str]:
    """What a traceback shows."""
    return traceback.format_exception(error, limit=0)


@accesses
def test_what_it_says_is_shown_as_it_comes(access: str, source: Path, tmp_path: Path) -> None:
    script = "echo out é; sleep 0.1; echo err >&2; sleep 1; touch /asset-output/x"
    with _started(source, tmp_path / "out", access, script) as process:
        assert process.stderr
        said = [next(process.stderr) for _ in range(3)]
        early = process.poll() is None
        heard = time.monotonic()
        assert process.wait(20) == 0
        assert time.monotonic() - heard > 0.7
    assert early
    assert said == ["Bundling asset S/A...\n", "out é\n", "err\n"]


@accesses
@pytest.mark.parametrize("moment", ["running", "starting"])
def test_an_interrupt_stops_within_a_second(
    access: str, moment: str, docker: Docker, source: Path, tmp_path: Path
) -> None:
    asked = time.monotonic()
    docker("run", "--rm", BASE, "true")
    # On a loaded machine the engine itself needs longer: a container that does nothing tells how long.
    allowed = max(1.0, 3 * (time.monotonic() - asked))
    with _started(source, tmp_path / "out", access, "echo ready; sleep 60") as process:
        assert process.stderr
        assert next(process.stderr) == "Bundling asset S/A...\n"
        if moment == "running":
            assert next(process.stderr) == "ready\n"
        else:
            # While the engine is being asked for the container, or a moment before or after.
            time.sleep(0.25)
        asked = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(20)
        took = time.monotonic() - asked
        assert "KeyboardInterrupt" in process.stderr.read()
    print(f"{moment}: {took:.2f} s of {allowed:.2f}")
    assert took < allowed
    assert os.listdir(tmp_path / "out") == []
    assert docker.everything() == []


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_an_engine_that_stops_meanwhile_is_told(source: Path, tmp_path: Path) -> None:
    place = Path(f"/tmp/la-stops-{os.getpid()}")
    image = subprocess.run(["docker", "save", BASE], check=True, capture_output=True).stdout
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", machine.start(place))
        stopping = threading.Timer(1, machine.stop, [place])
        try:
            subprocess.run(["docker", "load"], input=image, check=True, capture_output=True)
            stopping.start()
            # It may still have the time to say how the container ended.
            with pytest.raises(ValidationError, match=r"cannot be reached|with status 137"):
                stage(source, tmp_path / "out", "sleep 60")
        finally:
            stopping.join()
            machine.stop(place)
    assert os.listdir(tmp_path / "out") == []
    gc.collect()  # the SDK leaves the socket of a failed connection to the collector


def _started(source: Path, out: Path, access: str, script: str) -> subprocess.Popen[str]:
    command = [sys.executable, SCRIPT, str(source), str(out), access, BASE]
    return subprocess.Popen([*command, script], stderr=subprocess.PIPE, text=True, encoding="utf-8")
