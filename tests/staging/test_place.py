"""What lies in the output directory is complete or absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lambda_assets.assembly.scope import App, Stack
from lambda_assets.errors import ValidationError
from lambda_assets.staging import AssetStaging

FILES = 300


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    for number in range(FILES):
        path = root / f"d{number % 7}" / f"f{number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(number) * 50)
    return root


def stage(source: Path, out: Path, **options: object) -> AssetStaging:
    stack = Stack(App(outdir=out), "S")
    return AssetStaging(stack, "A", source_path=source, **options)  # type: ignore[arg-type]


def content(root: str | Path) -> dict[str, bytes]:
    files = (path for path in Path(root).rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def bundler(text: str) -> dict[str, object]:
    def write(output_dir: str, options: object) -> bool:  # noqa: ARG001  the shape of a bundler
        if text:
            Path(output_dir, "o.txt").write_text(text)
        return True

    from lambda_assets.docker.image import DockerImage  # noqa: PLC0415

    return {"image": DockerImage.from_registry("i"), "local": write}


def test_leftovers_of_killed_runs_are_removed(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    left = out / ".lambda-assets-gone.tmp"
    left.mkdir(parents=True)
    stage(source, out)
    assert not left.exists()


def test_a_target_that_is_not_what_it_must_be_is_made_again(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    target = Path(stage(source, out).absolute_staged_path)
    (target / "d0" / "f0").unlink()
    stage(source, out)
    assert content(target) == content(source)
    (target / "d1" / "f1").write_text("of another size")
    stage(source, out)
    assert content(target) == content(source)
    target.rename(tmp_path / "away")
    target.write_text("a file")
    stage(source, out)
    assert content(target) == content(source)


def test_a_file_with_another_content_is_made_again(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_text("right")
    target = Path(stage(file, tmp_path / "out").absolute_staged_path)
    target.write_text("wrong")
    stage(file, tmp_path / "out")
    assert target.read_text() == "right"


def test_the_output_directory_is_never_copied_into_itself(source: Path) -> None:
    out = source / "cdk.out"
    with pytest.raises(ValidationError, match="is part of the asset"):
        stage(source, out)
    staged = stage(source, out, exclude=["cdk.out"])
    assert not Path(staged.absolute_staged_path, "cdk.out").exists()


def test_bundling_that_failed_is_done_again(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(ValidationError, match="did not produce any output"):
        stage(source, out, bundling=bundler(""))
    assert os.listdir(out) == []
    staged = stage(source, out, bundling=bundler("good"))
    assert content(staged.absolute_staged_path) == {"o.txt": b"good"}


def test_a_reference_has_the_hash_of_a_copy(source: Path, tmp_path: Path) -> None:
    copied = stage(source, tmp_path / "out")
    referred = stage(source, tmp_path / "other", staging="reference")
    assert referred.asset_hash == copied.asset_hash
    assert referred.absolute_staged_path == str(source)
    assert os.listdir(tmp_path / "other") == []
