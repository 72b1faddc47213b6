"""PythonDependencies as the bundler of assets: their hashes, layers of their own, and what they weigh."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import (
    App,
    Construct,
    NotLockedError,
    SizeLimitError,
    Stack,
    ValidationError,
)
from lambda_assets.aws_lambda import Code
from lambda_assets.bundling import ILocalBundling
from lambda_assets.bundling.python import LIMIT, check_size
from lambda_assets.docker.image import DockerImage
from lambda_assets.staging.bundled import forget
from support.bundles import bundler, files
from support.wheels import require, wheel

if TYPE_CHECKING:
    from pathlib import Path


def test_through_from_asset_in_an_app(greeter: Path, tmp_path: Path, tool: str) -> None:
    local = bundler(tool=tool)
    assert isinstance(local, ILocalBundling)
    app = App(outdir=tmp_path / "cdk.out")
    bundling = {"image": DockerImage.from_registry("unused"), "local": local}
    config = Code.from_asset(greeter, bundling=bundling).bind(Stack(app, "S"))
    app.synth()
    assert config.s3_location is not None
    digest = config.s3_location.object_key.removesuffix(".zip")
    staged = tmp_path / "cdk.out" / f"asset.{digest}"
    assert {"app.py", "greeter"} <= set(os.listdir(staged))
    manifest = json.loads((tmp_path / "cdk.out" / "S.assets.json").read_bytes())
    assert manifest["files"][digest]["source"] == {"path": f"asset.{digest}", "packaging": "zip"}


def test_the_hash_follows_the_options_of_the_bundler(greeter: Path, tmp_path: Path) -> None:
    def key(**options: Any) -> str:
        app = App(outdir=tmp_path / "cdk.out")
        code = Code.from_asset(greeter, bundling=bundler(**options).bundling())
        location = code.bind(Stack(app, "S")).s3_location
        assert location is not None
        return location.object_key

    rows: list[dict[str, Any]] = [
        {},
        {"architecture": "arm64"},
        {"runtime": "python3.13"},
        {"layout": "layer"},
        {"scripts": True},
        {"exclude": ["x"]},
    ]
    assert len({key(**row) for row in rows}) == len(rows)
    assert key() == key(layers_size=1) == key(oversize="warn")


@pytest.mark.usefixtures("uv")
def test_the_key_of_results_follows_tool_and_requirements(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("one==1.0\n", encoding="utf-8")
    rows: list[dict[str, Any]] = [
        {"tool": "uv"},
        {"tool": "pip"},
        {"requirements": other},
        {"requirements": other, "layers_size": 1},
    ]
    keys = [bundler(**row).cache_key() for row in rows]
    assert len(set(keys)) == len(rows)
    other.write_text("one==2.0\n", encoding="utf-8")
    assert bundler(requirements=other).cache_key() not in keys
    other.write_text("# the same as before\none == 1.0", encoding="utf-8")
    assert bundler(requirements=other).cache_key() == keys[2]
    assert str(tmp_path) not in "".join(keys)


def test_the_source_of_the_asset_is_the_bundlers(
    greeter: Path, links: Path, tmp_path: Path
) -> None:
    code = Code.from_asset(greeter, bundling=bundler(source=links).bundling())
    with pytest.raises(ValidationError, match="is not that of the asset"):
        code.bind(Stack(App(outdir=tmp_path / "cdk.out"), "S"))
    assert bundler(source=greeter).try_bundle(
        str(tmp_path / "out"), source_path=f"{greeter}/../src"
    )


def test_errors_of_an_asset_name_the_cause(src: Path, tmp_path: Path) -> None:
    code = Code.from_asset(src, bundling=bundler().bundling())
    stack = Stack(App(outdir=tmp_path / "cdk.out"), "S")
    with pytest.raises(
        ValidationError, match=r"Failed to bundle asset S/Code/Stage: .* has none of uv.lock"
    ):
        code.bind(stack)
    assert not [name for name in os.listdir(tmp_path / "cdk.out") if name.startswith("asset.")]


def locked(place: Path, name: str) -> str:
    """A locked requirement of a new wheel."""
    digest = hashlib.sha256(wheel(place, name).read_bytes()).hexdigest()
    return f"{name}==1.0 --hash=sha256:{digest}"


def test_a_split_layer_follows_the_lock_and_not_the_code(
    src: Path, links: Path, tmp_path: Path, tool: str
) -> None:
    def keys() -> tuple[str, str]:
        app = App(outdir=tmp_path / "cdk.out")
        split = bundler(tool=tool).split(src)
        found = []
        for part in (split.code, split.dependencies):
            code = Code.from_asset(part.path, **part.options)
            location = code.bind(Stack(app, f"S{len(found)}")).s3_location
            assert location is not None
            found.append(location.object_key.removesuffix(".zip"))
        return found[0], found[1]

    one, two = locked(links, "one"), locked(links, "two")
    require(src, links, one)
    code, layer = keys()
    assert files(tmp_path / "cdk.out" / f"asset.{code}") == ["app.py"]
    assert "python/one.py" in files(tmp_path / "cdk.out" / f"asset.{layer}")
    (src / "app.py").write_bytes(b"changed")
    assert (keys()[0] != code, keys()[1]) == (True, layer)
    code = keys()[0]
    elsewhere = two.replace(" --hash", "; python_version < '3' --hash")
    require(src, links, "# a comment", one, elsewhere)
    assert keys() == (code, layer)
    require(src, links, one, two)
    assert (keys()[0], keys()[1] != layer) == (code, True)


def test_new_code_is_no_reason_to_install_a_layer_again(
    src: Path, links: Path, tmp_path: Path, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    require(src, links, locked(links, "one"))

    def keys(out: str) -> list[str]:
        stack, split = Stack(App(outdir=tmp_path / out), "S"), bundler(tool=tool).split(src)
        found = []
        for name, part in (("code", split.code), ("layer", split.dependencies)):
            code = Code.from_asset(part.path, **part.options)
            location = code.bind(Construct(stack, name)).s3_location
            assert location is not None
            found.append(location.object_key)
        return found

    code, layer = keys("first")
    (src / "app.py").write_bytes(b"changed")
    shutil.rmtree(links)
    shutil.rmtree(tmp_path / "first")
    forget()
    monkeypatch.setenv("LAMBDA_ASSETS_BUNDLING", "never")
    again = keys("second")
    assert (again[0] != code, again[1]) == (True, layer)


@pytest.mark.parametrize("line", ["one", "one==1.0", "one>=1.0 --hash=sha256:00", "./one"])
def test_nothing_is_split_that_is_not_locked(src: Path, line: str) -> None:
    (src / "requirements.txt").write_text(line, encoding="utf-8")
    with pytest.raises(NotLockedError, match="does not lock"):
        bundler().split(src)


# -- sizes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def heavy(src: Path, links: Path) -> Path:
    """A source with a package of 1000 bytes and one of 3000, and code of 51 bytes."""
    wheel(links, "light", files={"light.py": b"x" * 1000})
    wheel(links, "heavy", files={"heavy.py": b"x" * 3000})
    require(src, links, "light", "heavy")
    return src


def test_sizes_are_reported_by_package(heavy: Path, tmp_path: Path, tool: str) -> None:
    report = bundler(tool=tool).bundle(heavy, tmp_path / "out")
    assert [one.name for one in report.packages] == ["heavy", "light"]
    assert report.code_size == (tmp_path / "out" / "app.py").stat().st_size
    on_disk = sum(p.stat().st_size for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert report.size == on_disk == report.code_size + sum(one.size for one in report.packages)
    assert json.loads(json.dumps(report.to_json()))["limit"] == LIMIT
    lines = str(report).splitlines()
    assert [line.split()[0] for line in lines] == ["heavy", "light", "code", "total"]
    assert lines[0].split() == ["heavy", "1.0", str(report.packages[0].size)]


def test_a_function_over_the_limit_is_refused_before_anything_is_staged(
    heavy: Path, tmp_path: Path, tool: str
) -> None:
    size = bundler(tool=tool).bundle(heavy, tmp_path / "out").size
    assert (
        bundler(tool=tool, layers_size=LIMIT - size).bundle(heavy, tmp_path / "fits").size == size
    )
    over = bundler(tool=tool, layers_size=LIMIT - size + 1)
    with pytest.raises(
        SizeLimitError, match=r"1 more than the 262144000[\s\S]*heavy 1\.0"
    ) as caught:
        over.bundle(heavy, tmp_path / "over")
    assert (caught.value.size, caught.value.limit) == (LIMIT + 1, LIMIT)
    code = Code.from_asset(heavy, bundling=over.bundling())
    with pytest.raises(ValidationError, match="1 more than the 262144000"):
        code.bind(Stack(App(outdir=tmp_path / "cdk.out"), "S"))
    assert not [name for name in os.listdir(tmp_path / "cdk.out") if name.startswith("asset.")]
    assert not (tmp_path / "over").exists()


def test_over_the_limit_is_a_warning_where_asked(
    heavy: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    report = bundler(layers_size=LIMIT, oversize="warn").bundle(heavy, tmp_path / "out")
    assert "more than the 262144000" in report.warnings[-1]
    assert report.warnings[-1] in caplog.text


def test_a_function_and_its_layers_are_weighed_together(heavy: Path, tmp_path: Path) -> None:
    layer = bundler(contents="dependencies", layout="layer").bundle(heavy, tmp_path / "layer")
    code = bundler(contents="code").bundle(heavy, tmp_path / "code")
    assert check_size(code, layer, 5) == code.size + layer.size + 5
    with pytest.raises(SizeLimitError, match=r"heavy 1\.0"):
        check_size(code, layer, LIMIT)
