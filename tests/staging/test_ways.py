"""Every way to stage has the hash and the key of a copy, and nothing in the output directory is believed."""

from __future__ import annotations

import os
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lambda_assets.assembly.scope import App, Stack
from lambda_assets.aws_s3_assets import Asset
from lambda_assets.docker.image import DockerImage
from lambda_assets.errors import BundleNotCachedError, OptionError, OptionTypeError
from lambda_assets.staging import AssetStaging

WAYS = ("copy", "link", "zip", "reference")


def stack(out: Path, **options: Any) -> Stack:
    return Stack(App(outdir=out, **options), "S")


def staged(where: Stack, source: Path, id_: str = "A", **options: Any) -> AssetStaging:
    return AssetStaging(where, id_, source_path=source, **options)


class Bundler:
    def __init__(self, text: str, key: str | None = None) -> None:
        self.text = text
        self.runs = 0
        if key is not None:
            self.cache_key = lambda: key

    def try_bundle(self, output_dir: str, _options: object) -> bool:
        self.runs += 1
        Path(output_dir, "o.txt").write_text(self.text)
        return True

    @property
    def options(self) -> dict[str, Any]:
        return {"bundling": {"image": DockerImage("i"), "local": self}}


def new_process() -> None:
    AssetStaging.clear_asset_hash_cache()


@pytest.mark.parametrize("way", WAYS)
def test_hash_and_key_are_those_of_a_copy(way: str, tree: Path, tmp_path: Path) -> None:
    copied = Asset(stack(tmp_path / "copy"), "A", path=tree)
    other = Asset(stack(tmp_path / "other", staging=way), "A", path=tree)
    assert (other.asset_hash, other.s3_object_key) == (copied.asset_hash, copied.s3_object_key)
    assert other.is_zip_archive
    assert other.is_file == (way == "zip")


def test_an_archive_holds_the_files_and_is_not_made_again(tree: Path, tmp_path: Path) -> None:
    first = staged(stack(tmp_path / "o"), tree, staging="zip")
    with zipfile.ZipFile(first.absolute_staged_path) as archive:
        assert archive.namelist() == ["a.txt", "b/c.txt", "b/d/e.bin"]
    before = os.stat(first.absolute_staged_path)
    again = staged(stack(tmp_path / "o"), tree, staging="zip")
    assert os.path.samestat(before, os.stat(again.absolute_staged_path))
    Path(first.absolute_staged_path).write_bytes(b"x" * before.st_size)
    staged(stack(tmp_path / "o"), tree, staging="zip")
    assert zipfile.ZipFile(first.absolute_staged_path).testzip() is None


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="hard links are made on POSIX only")
def test_only_a_file_that_nobody_may_write_to_is_linked(tree: Path, tmp_path: Path) -> None:
    (tree / "a.txt").chmod(0o444)
    root = Path(staged(stack(tmp_path / "o"), tree, staging="link").absolute_staged_path)
    assert (root / "a.txt").samefile(tree / "a.txt")
    assert not (root / "b" / "c.txt").samefile(tree / "b" / "c.txt")
    assert (root / "empty").is_dir()


@pytest.mark.parametrize("way", ["copy", "link"])
def test_a_change_of_the_same_size_is_noticed(way: str, tree: Path, tmp_path: Path) -> None:
    root = Path(staged(stack(tmp_path / "o"), tree, staging=way).absolute_staged_path)
    (root / "a.txt").write_bytes(b"ALPHA\n")
    staged(stack(tmp_path / "o"), tree, staging=way)
    assert (root / "a.txt").read_bytes() == b"alpha\n"


@pytest.mark.parametrize(("way", "error"), [("move", OptionError), (1, OptionTypeError)])
def test_a_wrong_way_is_refused(
    way: Any, error: type[Exception], tree: Path, tmp_path: Path
) -> None:
    with pytest.raises(error, match="staging"):
        staged(stack(tmp_path / "o"), tree, staging=way)


def test_the_first_of_two_sources_with_one_custom_hash_stays(tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "x").write_text("x")
    where = stack(tmp_path / "o")
    first = staged(where, tree, "A", asset_hash="v1")
    with pytest.warns(UserWarning, match="two assets have the name"):
        second = staged(where, other, "B", asset_hash="v1")
    assert second.absolute_staged_path == first.absolute_staged_path
    assert (Path(first.absolute_staged_path) / "a.txt").exists()
    # In the next run it is the first.
    staged(stack(tmp_path / "o"), other, asset_hash="v1")
    assert os.listdir(first.absolute_staged_path) == ["x"]


def test_a_bundler_with_a_key_runs_once_for_all_processes(tree: Path, tmp_path: Path) -> None:
    bundlers = [Bundler("1", "v1") for _ in range(3)]
    for number, bundler in enumerate(bundlers):
        new_process()
        root = staged(stack(tmp_path / f"o{number}"), tree, **bundler.options).absolute_staged_path
        assert Path(root, "o.txt").read_text() == "1"
    assert [bundler.runs for bundler in bundlers] == [1, 0, 0]


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: (tree / "a.txt").write_bytes(b"alpha\r\n"),  # the CDK's hash is the same
        lambda tree: (tree / "a.txt").chmod(0o755),
        lambda tree: (tree / "more").mkdir(),
    ],
    ids=["line-end", "mode", "empty-directory"],
)
def test_what_the_hash_does_not_see_bundles_anew(change: Any, tree: Path, tmp_path: Path) -> None:
    bundler = Bundler("1", "v1")
    before = staged(stack(tmp_path / "o"), tree, **bundler.options).asset_hash
    change(tree)
    new_process()
    assert staged(stack(tmp_path / "o"), tree, **bundler.options).asset_hash == before
    assert bundler.runs == 2


@pytest.mark.parametrize(("first", "second"), [("v1", "v2"), (None, None)])
def test_another_bundler_of_the_same_hash_is_asked(
    first: str | None, second: str | None, tree: Path, tmp_path: Path
) -> None:
    root = ""
    for text, key in (("1", first), ("2", second)):
        new_process()
        root = staged(
            stack(tmp_path / "o"), tree, **Bundler(text, key).options
        ).absolute_staged_path
    assert Path(root, "o.txt").read_text() == "2"


def test_a_damaged_entry_is_a_missing_one(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMBDA_ASSETS_CACHE_DIR", str(tmp_path / "cache"))
    bundler = Bundler("1", "v1")
    staged(stack(tmp_path / "o1"), tree, **bundler.options)
    [kept] = (tmp_path / "cache").glob("bundles-v1/*/output/o.txt")
    kept.write_text("2")
    new_process()
    root = staged(stack(tmp_path / "o2"), tree, **bundler.options).absolute_staged_path
    assert (Path(root, "o.txt").read_text(), bundler.runs) == ("1", 2)


def test_the_environment_says_where_results_come_from(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundler = Bundler("1", "v1")
    for mode, runs in (("never", 0), ("auto", 1), ("never", 1), ("auto", 1), ("always", 2)):
        monkeypatch.setenv("LAMBDA_ASSETS_BUNDLING", mode)
        new_process()
        if runs == 0:
            with pytest.raises(BundleNotCachedError, match="never"):
                staged(stack(tmp_path / "o"), tree, **bundler.options)
        else:
            staged(stack(tmp_path / "o"), tree, **bundler.options)
        assert bundler.runs == runs


def test_threads_bundle_equal_assets_once_and_others_at_once(tree: Path, tmp_path: Path) -> None:
    meeting = threading.Barrier(2, timeout=30)

    class Meets(Bundler):
        def try_bundle(self, output_dir: str, options: object) -> bool:
            meeting.wait()  # breaks unless two of them run at the same time
            return super().try_bundle(output_dir, options)

    bundlers = [Meets("1", "v1"), Meets("2", "v2")]
    stacks = [stack(tmp_path / f"o{number % 2}") for number in range(4)]
    threads = [
        threading.Thread(target=staged, args=(where, tree), kwargs=bundlers[number % 2].options)
        for number, where in enumerate(stacks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [bundler.runs for bundler in bundlers] == [1, 1]


def test_a_bundled_directory_is_zipped_when_asked(tree: Path, tmp_path: Path) -> None:
    bundler = Bundler("1", "v1")
    for _ in range(2):
        new_process()
        found = staged(stack(tmp_path / "o"), tree, staging="zip", **bundler.options)
    with zipfile.ZipFile(found.absolute_staged_path) as archive:
        assert archive.namelist() == ["o.txt"]
    assert (bundler.runs, os.listdir(tmp_path / "o")) == (1, [f"asset.{found.asset_hash}.zip"])


@pytest.mark.parametrize("kind", [None, "SOURCE"])
def test_an_empty_custom_hash_takes_the_place_of_the_fingerprint(
    kind: str | None, tmp_path: Path
) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "a.txt").write_text("x")
    found = staged(
        stack(tmp_path / "o"),
        tmp_path / "s",
        asset_hash="",
        asset_hash_type=kind,
        **Bundler("o").options,
    )
    # aws-cdk-lib 2.275.0 for the same app: sha256 of '{"image":"i","local":{}}'
    assert found.asset_hash == "d101ca32b330f61d9c9284a301fd2ebd0e0daca3afe3998119a1bed225c03cb8"


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("missing", {"asset_hash_type": "CUSTOM"}, "Cannot find asset at"),
        ("missing", {"follow": "BLOCK_EXTERNAL"}, "Cannot find asset at"),
        ("linked", {"follow": "BLOCK_EXTERNAL", "asset_hash_type": "CUSTOM"}, "external symbolic"),
        ("linked", {"asset_hash_type": "CUSTOM"}, "`assetHash` must be specified"),
        ("linked", {"asset_hash_type": "OUTPUT"}, "Cannot use `output` hash type"),
    ],
)
def test_checks_come_in_the_order_of_the_cdk(
    source: str, options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "l").symlink_to("/outside")
    with pytest.raises(ValueError, match=message):
        staged(stack(tmp_path / "o"), tmp_path / source, **options)
    assert os.listdir(tmp_path / "o") == []


def test_an_address_of_a_package_index_counts_as_node_writes_it(tree: Path, tmp_path: Path) -> None:
    def hash_of(address: str) -> str:
        options = Bundler("1").options
        options["bundling"]["environment"] = {"PIP_INDEX_URL": address}
        new_process()
        return staged(stack(tmp_path / "o"), tree, **options).asset_hash

    assert hash_of("https://u:one@h/%7Ea/../simple") == hash_of("https://u:two@h/simple")
    assert hash_of("http://u:p@münchen.de/") == hash_of("http://u@xn--mnchen-3ya.de/")
