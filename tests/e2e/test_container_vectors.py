"""The recorded cases of containers, on a real engine: the hash, what is staged, the container itself, the text of a failure.

Upstream starts containers with the command ``docker``; we ask the engine. So each recorded command is given to the real
command (as ``docker create``), and the container that comes of it is compared with ours, option by option.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import ValidationError
from lambda_assets.assembly.scope import App, Stack
from lambda_assets.aws_s3_assets import Asset
from lambda_assets.bundling import container
from lambda_assets.docker import engine
from lambda_assets.docker.image import DockerImage
from support.staging_cases import CASES, bundling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Docker

#: Case → why there is nothing to run.
EXCLUDED = {
    "docker/bind-killed": "a signal to the command: there is no command",
    "docker/volume-fails-volume-create": "no volume is created by name",
    "docker/volume-fails-run": "the command that fails is that of the helper container",
    "docker/volume-fails-cp": "the source is unpacked by the engine; test_bundling.py makes that step fail",
    "docker/volume-fails-cp-out": "as above, for the output",
    "docker/volume-fails-rm": "a container that can't be removed does not spoil a good result",
    "docker/volume-fails-volume-rm": "as above, and volumes go with their container",
}
#: The command of today refuses a variable without a name, which upstream passes on; so does the engine's.
NAMELESS = "=e"

CONTAINERS = [
    case
    for case in CASES
    if case["name"] not in EXCLUDED
    and (case["name"].startswith(("docker/", "run/")) or case["name"].startswith("local/returns"))
]

#: Case → why its image has nothing to run; its hash and commands are compared in test_docker_vectors.py.
NOT_RUN = {"docker/bind-built-image": "the recorded image is built from nothing"}

#: What the commands of the cases do: write, as the fake one did, or fail.
IMAGE = """
RUN put() { printf "$2" > "/bin/$1"; chmod 755 "/bin/$1"; } \
 && put writes '#!/bin/sh\\n[ -d /asset-output ] && echo -n out > /asset-output/o.txt; exit 0\\n' \
 && put bash '#!/bin/sh\\nexec sh "$@"\\n' && put 'x y' '#!/bin/sh\\nexit 2\\n' \
 && for name in c e only y x; do ln -s writes /bin/$name; done \
 && echo me:x:77:88::/:/bin/sh > /etc/passwd && echo grp:x:88: > /etc/group && mkdir -p /w
"""


@pytest.fixture(autouse=True)
def images(docker: Docker, request: pytest.FixtureRequest) -> None:
    """The images ``i`` and ``i:1`` of the case: for its platform, with a command that does what the fake one did."""
    if "case" not in request.fixturenames:
        return
    case = request.getfixturevalue("case")
    options = {**case.get("bundling", {}), **case.get("options", {})}
    command = 'CMD ["writes"]' if case["docker"] or case["kind"] == "run" else 'CMD ["true"]'
    platform = ["--platform", options["platform"]] if options.get("platform") else []
    base = "lambda-assets-test:base" + ("-arm64" if platform else "")
    docker.build("i:1", f"FROM {base}\n{IMAGE}{command}\n", *platform)
    docker("tag", "i:1", "i:latest")


@pytest.fixture
def others(docker: Docker) -> Iterator[None]:
    """Containers whose volumes some cases use."""
    names = ["v1", "v2"]
    for name in names:
        docker("create", "--name", name, "-v", f"/of-{name}", "lambda-assets-test:base")
    yield
    docker("rm", "-v", *names)


def local_paths(value: Any, place: Path) -> Any:
    """Options with directories of the test in place of ``/h`` and ``/h2``."""
    if "volumes" in value:
        moved = [{**one, "host_path": f"{place}{one['host_path']}"} for one in value["volumes"]]
        return {**value, "volumes": moved}
    return value


def without_nameless(value: Any) -> Any:
    if "env" in value:
        return {**value, "env": [pair for pair in value["env"] if pair[0]]}
    return value


def run(case: dict[str, Any], trees: str, place: Path, out: Path) -> Asset | None:
    if case["kind"] == "run":
        options = dict(local_paths(case.get("options", {}), place))
        if "env" in options:
            options["environment"] = dict(map(tuple, options.pop("env")))
        DockerImage.from_registry("i:1").run(**options)
        return None
    spec = local_paths(case["bundling"], place)
    return Asset(
        Stack(App(outdir=str(out)), "S"),
        "A",
        path=os.path.join(trees, case["path"]),
        bundling=bundling(spec, trees),
        **case.get("options", {}),
    )


def is_buildable(case: dict[str, Any]) -> bool:
    return isinstance(case.get("bundling", {}).get("image"), str)


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize(
    "case",
    [c for c in CONTAINERS if c["kind"] == "run" or is_buildable(c)],
    ids=lambda case: case["name"],
)
def test_a_container_is_that_of_the_recorded_command(
    case: dict[str, Any],
    docker: Docker,
    trees: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours: list[engine.Container] = []
    monkeypatch.setattr(engine, "run", lambda one, **_: ours.append(one))
    for name in ("bundling", "options"):
        if name in case:
            case = {**case, name: without_nameless(case[name])}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(container.archive, "pack", lambda *_: [])
        with contextlib.suppress(ValidationError):  # nothing is run, so nothing is produced
            run(case, trees, tmp_path, tmp_path / "out")
    words = recorded(case, trees, tmp_path, ours[0])
    assert ours[0].arguments() == ["run", "--rm", *words]
    theirs = docker("create", *words)
    try:
        with engine._connected() as api, engine._created(api, ours[0]) as name:
            assert comparable(docker.inspect(name)) == comparable(docker.inspect(theirs))
    finally:
        docker("rm", "-v", theirs)


def recorded(case: dict[str, Any], trees: str, place: Path, ours: engine.Container) -> list[str]:
    """The last recorded ``run``, for ``docker create``, with the places of this test."""
    words = [one for one in case["runs"][0]["docker"] if one[:2] == ["run", "--rm"]][-1][2:]
    if NAMELESS in words:
        at = words.index(NAMELESS)
        del words[at - 1 : at + 1]
    output = [one.split(":")[0] for one in ours.binds if ":/asset-output:" in one]
    wanted: list[str] = []
    for word in words:
        text = word.replace("<t>", trees).replace("<uid>:<gid>", f"{os.getuid()}:{os.getgid()}")
        if output:
            text = re.sub(r"<out>/.*-building", output[0], text)
        wanted.append(f"{place}{text}" if re.match("/h2?:/c", text) else text)
    if "copyContainer<R>" in wanted:
        # Upstream's helper container; ours has the two volumes itself, and keeps the network.
        at = wanted.index("copyContainer<R>")
        del wanted[at - 1 : at + 1]
        before = next(n for n, word in enumerate(wanted) if word in {"-v", "--env", "-w"})
        wanted[before:before] = ["-v", "/asset-input", "-v", "/asset-output"]
        before = wanted.index("--platform") if "--platform" in wanted else 0
        wanted[before:before] = ["--network", ours.network] if ours.network else []
    return wanted


def comparable(found: dict[str, Any]) -> dict[str, Any]:
    """Everything about a container but its identity and the names of its anonymous volumes."""
    config, host = dict(found["Config"]), dict(found["HostConfig"])
    # Names, and what `docker create` says of streams that nobody is attached to yet.
    for key in ("Hostname", "Labels", "AttachStdout", "AttachStderr"):
        config.pop(key)
    # Two words for the same.
    host["RestartPolicy"] = {**host["RestartPolicy"], "Name": host["RestartPolicy"]["Name"] or "no"}
    # The command of Debian keeps neither order; that of ours is compared with the recorded one.
    config["Env"], host["Binds"] = sorted(config["Env"] or []), sorted(host["Binds"] or [])
    mounts = sorted((m["Destination"], m["Type"], m["RW"], m["Mode"]) for m in found["Mounts"])
    return {
        "Path": found["Path"],
        "Args": found["Args"],
        "Platform": found["Platform"],
        "Config": {key: value or None for key, value in config.items()},
        "HostConfig": {key: value or None for key, value in host.items()},
        "Mounts": mounts,
    }


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize(
    "case", [c for c in CONTAINERS if c["name"] not in NOT_RUN], ids=lambda case: case["name"]
)
def test_a_container_does_what_is_recorded(
    case: dict[str, Any], trees: str, tmp_path: Path
) -> None:
    wanted, out = case["runs"][0], tmp_path / "out"
    if "error" in wanted:
        with pytest.raises(ValidationError) as caught:
            run(case, trees, tmp_path, out)
        name = f"{caught.value.code}: " if case["kind"] == "run" else ""
        assert text_of(f"{name}{caught.value}") == text_of(wanted["error"])
        assert not out.exists() or os.listdir(out) == []
        return
    if case["name"] == "docker/env-integers":
        case = {**case, "bundling": without_nameless(case["bundling"])}
    asset = run(case, trees, tmp_path, out)
    if asset is not None:
        # With other paths and variables it is another hash; that of the recorded ones is in test_docker_vectors.py.
        assert (
            "volumes" in case["bundling"]
            or "env" in case["bundling"]
            or (asset.asset_hash == wanted["hash"])
        )
        assert listing(out) == [row.replace("<H>", asset.asset_hash) for row in wanted["out"]]


def text_of(text: str) -> str:
    """A message without what differs by design: the name of the command's file, and places that are kept nowhere."""
    text = re.sub(r", bundle output is located at \S+-building:", ":", text)
    text = text.replace("<docker>", "docker").replace("<uid>:<gid>", f"{os.getuid()}:{os.getgid()}")
    return re.sub(r'"[^"]*(:/asset-(?:input|output):)', r'"\1', text)


def listing(out: Path) -> list[str]:
    rows = []
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        rows.append(f"{name}/" if path.is_dir() else f"{name} ({path.stat().st_size})")
    return rows


def test_what_is_not_run_has_a_reason() -> None:
    names = {case["name"] for case in CASES if case["name"].startswith(("docker/", "run/"))}
    assert EXCLUDED.keys() <= names
    assert len(CONTAINERS) == len(names - EXCLUDED.keys()) + 2
