"""What goes wrong upstream (spec staging, section 13) and needs more than a recorded second run to show.

Rows 2 to 4, 6 and 8 to 12 are in ``tests/vectors/test_staging_reruns.py``, row 1 in ``test_kills.py``, rows 14, 15 and 20 in
``tests/e2e``. Rows 11, 18, 19, 22 and 23 are part of the hash or the manifest, and so the same here.
"""

from __future__ import annotations

import os
import time
import traceback
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lambda_assets.assembly.scope import App, Stack
from lambda_assets.docker.image import DockerImage
from lambda_assets.errors import ExternalLinkError, ValidationError
from lambda_assets.staging import AssetStaging


def staged(out: Path, source: Path, local: object = None, **options: Any) -> Path:
    """Stage as a new process does."""
    AssetStaging.clear_asset_hash_cache()
    if local is not None:
        options["bundling"] = {"image": DockerImage("i"), "local": local}
    stack = Stack(App(outdir=out), "S")
    return Path(AssetStaging(stack, "A", source_path=source, **options).absolute_staged_path)


@pytest.mark.parametrize("kind", ["SOURCE", "OUTPUT"])
def test_row_5_what_a_failed_run_left_is_not_used(kind: str, tree: Path, tmp_path: Path) -> None:
    out, aim = tmp_path / "out", tmp_path / "aim"

    def link(output_dir: str, _options: object) -> bool:
        Path(output_dir, "l").symlink_to(aim)
        return True

    def write(output_dir: str, _options: object) -> bool:
        Path(output_dir, "new").write_text("new")
        return True

    for _ in range(2):
        with pytest.raises(Exception, match=r"ENOENT|No such file"):
            staged(out, tree, link, asset_hash_type=kind)
        assert os.listdir(out) == []
    aim.write_text("old")
    assert os.listdir(staged(out, tree, write, asset_hash_type=kind)) == ["new"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes that start at once are forked")
@pytest.mark.parametrize("kind", ["SOURCE", "OUTPUT"])
def test_row_7_runs_at_once_have_all_that_a_slow_bundler_writes(
    kind: str, tree: Path, tmp_path: Path
) -> None:
    out, names = tmp_path / "out", [f"f{number}" for number in range(5)]

    def slow(output_dir: str, _options: object) -> bool:
        for name in names:
            Path(output_dir, name).write_text(name)
            time.sleep(0.15)
        return True

    def child(wait: float) -> int:
        number = os.fork()
        if number == 0:
            try:
                time.sleep(wait)
                found = sorted(os.listdir(staged(out, tree, slow, asset_hash_type=kind)))
                os._exit(0 if found == names else 1)
            except BaseException:  # noqa: BLE001  a child must not run the test's clean-up
                os._exit(2)
        return number

    children = [child(wait) for wait in (0, 0.1, 0.2, 0.4)]
    assert [os.waitpid(number, 0)[1] for number in children] == [0] * len(children)
    [name] = os.listdir(out)
    assert sorted(os.listdir(out / name)) == names


@pytest.mark.parametrize("way", ["copy", "link", "zip"])
@pytest.mark.parametrize("inside", ["cdk.out", "b/deep/out", "."])
def test_row_13_no_way_stages_the_output_directory(way: str, inside: str, tree: Path) -> None:
    with pytest.raises(ValidationError, match="is part of the asset"):
        staged(tree / inside, tree, staging=way)
    if inside != ".":
        made = staged(tree / inside, tree, staging=way, exclude=[Path(inside).parts[0]])
        assert not any("out" in name for name in names_in(made))


def test_row_13_patterns_do_not_help_a_reference(tree: Path) -> None:
    # Nobody applies them when the source is zipped.
    with pytest.raises(ValidationError, match="is part of the asset"):
        staged(tree / "cdk.out", tree, staging="reference", exclude=["cdk.out"])
    # What is not to be published may be there, as upstream.
    app = App(outdir=tree / "cdk.out", context={"aws:cdk:bundling-stacks": []})
    bundling = {"image": DockerImage("i"), "local": function}
    options: dict[str, Any] = {"staging": "reference", "bundling": bundling}
    skipped = AssetStaging(Stack(app, "S"), "A", source_path=tree, **options)
    assert skipped.absolute_staged_path == str(tree)


LINKED = {"a": "A", "in": "A", "out": "B"}


@pytest.mark.parametrize(
    ("follow", "wanted"),
    [
        ("ALWAYS", LINKED),
        ("EXTERNAL", LINKED),
        ("NEVER", {**LINKED, "in": "a", "out": "../aim"}),
    ],
)
def test_row_24_follow_has_an_effect_on_an_archive(
    follow: str, wanted: dict[str, str], tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (tmp_path / "aim").write_text("B")
    (source / "a").write_text("A")
    (source / "in").symlink_to("a")
    (source / "out").symlink_to("../aim")
    with zipfile.ZipFile(staged(tmp_path / "o", source, follow=follow, staging="zip")) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == wanted


@pytest.mark.parametrize("way", ["copy", "zip"])
def test_row_24_links_in_what_was_bundled_are_checked(way: str, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "aim").write_text("B")

    def link(output_dir: str, _options: object) -> bool:
        Path(output_dir, "f").write_text("A")
        Path(output_dir, "out").symlink_to(tmp_path / "aim")
        return True

    with pytest.raises(ExternalLinkError, match="external symbolic link"):
        staged(tmp_path / "o", tree, link, follow="BLOCK_EXTERNAL", staging=way)
    assert os.listdir(tmp_path / "o") == []


def names_in(path: Path) -> list[str]:
    if path.is_file():
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    return [str(found.relative_to(path)) for found in path.rglob("*")]


class WithOptions:
    def try_bundle(self, output_dir: str, options: Any) -> bool:
        return written(output_dir, options.image.image, options.user)


class WithArguments:
    def try_bundle(self, output_dir: str, *arguments: Any) -> bool:
        return written(output_dir, arguments[0].image.image, arguments[0].user)


class WithNames:
    def try_bundle(self, output_dir: str, *, image: Any, user: str | None = None) -> bool:
        return written(output_dir, image.image, user)


class WithSource:
    def try_bundle(self, output_dir: str, *, source_path: str) -> bool:
        return written(output_dir, "i", "u" if os.path.exists(f"{source_path}/a.txt") else None)


class WithNothing:
    def try_bundle(self, output_dir: str) -> bool:
        return written(output_dir, "i", "u")


def function(output_dir: str, options: Any) -> bool:
    return written(output_dir, options.image.image, options.user)


def written(output_dir: str, image: str, user: str | None) -> bool:
    Path(output_dir, "seen").write_text(f"{image} {user}")
    return True


SHAPES = [WithOptions(), WithArguments(), WithNames(), WithSource(), WithNothing(), function]


@pytest.mark.parametrize(
    "local", SHAPES, ids=lambda local: getattr(local, "__name__", type(local).__name__)
)
def test_row_26_a_bundler_has_one_of_many_shapes(local: object, tree: Path, tmp_path: Path) -> None:
    bundling = {"image": DockerImage("i"), "user": "u", "local": local}
    made = staged(tmp_path / "o", tree, bundling=bundling)
    assert (made / "seen").read_text() == "i u"


@pytest.mark.parametrize("returned", [None, 0, 1, "yes"])
def test_row_26_a_bundler_says_yes_or_no(returned: object, tree: Path, tmp_path: Path) -> None:
    def answer(_output_dir: str) -> object:
        return returned

    with pytest.raises(ValidationError, match="Unable to deserialize value as boolean"):
        staged(tmp_path / "o", tree, answer)


@pytest.mark.parametrize(
    "address",
    ["//me:secret@host/simple", "ht tp://me:secret@host/", "https://me:secret@h:x/simple"],
)
def test_a_password_in_a_wrong_address_is_not_shown(
    address: str, tree: Path, tmp_path: Path
) -> None:
    options = {"image": DockerImage("i"), "environment": {"PIP_INDEX_URL": address}}
    with pytest.raises(ValidationError, match="PIP_INDEX_URL must be a valid URL") as caught:
        staged(tmp_path / "o", tree, bundling=options)
    assert "secret" not in str(caught.value)
    assert "secret" not in "".join(traceback.format_exception(caught.value))
