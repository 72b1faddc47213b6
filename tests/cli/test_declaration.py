"""``lambda-assets stage --file``: what a declaration may say, what is wrong with others, and what becomes of it."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import App, AssetError, Construct, DeclarationError, Stack
from lambda_assets.aws_ecr_assets import DockerImageAsset
from lambda_assets.declaration import FileEntry, keys, read_declaration, stage_all
from lambda_assets.declaration.locate import Locator
from lambda_assets.declaration.model import Declaration
from lambda_assets.filesystem.file_system import FileSystem
from lambda_assets.staging import AssetStaging
from support.commands import document, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambda_assets.declaration.keys import Key

DOCS = Path(__file__).parents[2] / "docs" / "declaration.md"
TABLES = {
    "`[stack]`": keys.STACK,
    "`[asset.NAME]`": keys.ASSET,
    "`[asset.NAME.bundling]`": keys.BUNDLING,
    "`[asset.NAME.python]`": keys.PYTHON,
    "`[image.NAME]`": keys.IMAGE,
    "`cache_from`, `cache_to`": keys.CACHE,
    "`[image.NAME.invalidation]`": keys.INVALIDATION,
}
#: A good value for each type, as the documentation names the type.
VALUES = {
    "text": '"x"',
    "flag": "true",
    "whole number": "1",
    "list of texts": '["x"]',
    "table of texts": '{ x = "y" }',
}


@pytest.fixture
def project(tree: Path) -> Path:
    (tree / "Dockerfile").write_bytes(b"FROM scratch\n")
    return tree.parent


def write(directory: Path, text: str) -> Path:
    file = directory / "assets.toml"
    file.write_text(text, encoding="utf-8", newline="")
    return file


def documented() -> dict[str, dict[str, str]]:
    """Key and type of each table of the page, by the heading above."""
    found: dict[str, dict[str, str]] = {}
    for section in DOCS.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading = section.split("\n", 1)[0]
        rows = re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section, re.MULTILINE)
        found[heading] = dict(rows)
    return found


def test_every_key_is_documented_with_its_type_and_no_other() -> None:
    assert {heading: list(rows) for heading, rows in documented().items()} == {
        heading: list(table) for heading, table in _in_page_order().items()
    }
    for heading, table in TABLES.items():
        for name, key in table.items():
            told = documented()[heading][name]
            assert told.endswith(", required") == key.is_required, (heading, name)
            kind = key.kind.value.removeprefix("a ").replace("true or false", "flag")
            assert told.removesuffix(", required") == kind.replace("path", "text"), (heading, name)
            for choice in key.choices:
                assert f"`{choice}`" in DOCS.read_text(encoding="utf-8"), choice


def _in_page_order() -> dict[str, Mapping[str, Key]]:
    pages = documented()
    assert {heading: set(rows) for heading, rows in pages.items()} == {
        heading: set(table) for heading, table in TABLES.items()
    }
    return {
        heading: {name: TABLES[heading][name] for name in rows} for heading, rows in pages.items()
    }


def python_table(project: Path, name: str, line: str) -> str:
    (project / "x").write_text("", encoding="utf-8")
    chosen = {"runtime": "python3.12", "architecture": "arm64", "tool": "pip", "layout": "layer"}
    chosen |= {"contents": "dependencies", "oversize": "warn"}
    line = f"{name} = {chosen[name]!r}" if name in chosen else line
    begin = "" if name == "runtime" else 'runtime = "python3.12"'
    return f'[asset.a]\npath = "p"\n[asset.a.python]\n{begin}\n{line}\n'


def _rows() -> list[Any]:
    return [
        pytest.param(heading, name, told.removesuffix(", required"), id=f"{heading} {name}")
        for heading, rows in documented().items()
        for name, told in rows.items()
    ]


@pytest.mark.parametrize(("heading", "name", "told"), _rows())
def test_every_documented_key_is_accepted(
    project: Path, heading: str, name: str, told: str
) -> None:
    key = TABLES[heading][name]
    value = f'"{key.choices[0]}"' if key.choices else VALUES.get(told, "")
    line = f"{name} = {value}"
    if told in {"table", "list of tables"}:
        inner = {"bundling": '{ command = ["x"] }', "invalidation": "{ file = false }"}
        inner["python"] = '{ runtime = "python3.12" }'
        one = inner.get(name, '{ type = "x" }')
        line = f"{name} = {one}" if told == "table" else f"{name} = [{one}]"
    needed = {
        "`[stack]`": "",
        "`[asset.NAME]`": 'path = "p"',
        "`[asset.NAME.bundling]`": 'command = ["x"]',
        "`[image.NAME]`": 'directory = "d"',
    }
    begin = needed.get(heading, "")
    if begin.startswith(f"{name} ") or name == "tarball_file":
        begin = ""
    texts = {
        "`[stack]`": f'[stack]\n{line}\n[asset.a]\npath = "p"',
        "`[asset.NAME]`": f"[asset.a]\n{begin}\n{line}",
        "`[asset.NAME.bundling]`": f'[asset.a]\npath = "p"\n[asset.a.bundling]\n{begin}\n{line}',
        "`[asset.NAME.python]`": python_table(project, name, line),
        "`[image.NAME]`": f"[image.a]\n{begin}\n{line}",
        "`[image.NAME.invalidation]`": f'[image.a]\ndirectory = "d"\n[image.a.invalidation]\n{line}',
        "`cache_from`, `cache_to`": (
            f'[image.a]\ndirectory = "d"\n[image.a.cache_to]\n{line}'
            + ("" if name == "type" else '\ntype = "x"')
        ),
    }
    assert len(read_declaration(write(project, texts[heading])).entries) == 1


PROBLEMS = [
    ("x = 1", 1, "unknown key 'x'; known: stack, asset, image"),
    ("[assets.a]\npath = 'p'", 1, "unknown key 'assets'; did you mean 'asset'?"),
    ("[stack]\nregoin = 'x'", 2, "unknown key 'regoin' in [stack]; did you mean 'region'?"),
    ("[asset.a]\npath = 'p'\n\n# why\nexlude = [\n'x']", 5, "did you mean 'exclude'?"),
    ("[asset.a]\nexclude = ['x']", 1, "[asset.a] needs 'path'"),
    ("[asset.a]\npath = ''", 2, "'path' in [asset.a] must not be empty"),
    ("[asset.a]\npath = 1", 2, "'path' in [asset.a] must be a path, not a number"),
    ("[asset.a]\npath = 'p'\nexclude = 'x'", 3, "must be a list of texts, not a text"),
    ("[asset.a]\npath = 'p'\nexclude = [1]", 3, "must be a list of texts, not a list"),
    ("[asset.a]\npath = 'p'\ngitignore = 1", 3, "must be true or false, not a number"),
    ("[asset.a]\npath = 'p'\nstaging = 'x'", 3, "one of copy, link, zip, reference, not 'x'"),
    ("[asset.a]\npath = 'p'\n[asset.a.bundling]\n", 3, "'bundling' in [asset.a] needs 'command'"),
    ("[asset.a]\npath = 'p'\nbundling.command = []", 3, "must not be empty"),
    ("[asset.a]\npath = 'p'\nbundling = 1", 3, "'bundling' in [asset.a] must be a table"),
    ("[[asset]]\npath = 'p'", 1, "'asset' must be tables with names: [asset.NAME]"),
    ("[asset]\npath = 'p'", 2, "'asset.path' must be a table: [asset.path]"),
    ("[image.a]\nfile = 'x'", 1, "[image.a] needs one of 'directory' and 'tarball_file'"),
    ("[image.a]\ndirectory = 'x'\ntarball_file = 'y'", 1, "needs one of"),
    ("[image.a]\ntarball_file = 'y'\ntarget = 'x'", 3, "'target' in [image.a] is for builds only"),
    ("[image.a]\ndirectory = 'x'\nbuild_args = {A = 1}", 3, "must be a table of texts"),
    ("[image.a]\ndirectory = 'x'\ncache_from = [\n{typ = 'x'}]", 3, "did you mean 'type'?"),
    ("[asset.a]\npath = 'p'\n[image.a]\ndirectory = 'x'", 3, "[asset.a] and [image.a] have one name"),
    ("", 1, "no assets: it has neither [asset.NAME] nor [image.NAME]"),
]  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(("text", "line", "message"), PROBLEMS)
def test_a_problem_is_told_with_file_and_line(
    tmp_path: Path, text: str, line: int, message: str, newline: str
) -> None:
    file = write(tmp_path, text.replace("\n", newline))
    with pytest.raises(DeclarationError) as caught:
        read_declaration(file)
    assert message in str(caught.value)
    assert f"{file}:{line}: " in str(caught.value)


def test_all_problems_are_told_at_once_and_nothing_is_staged(project: Path) -> None:
    write(project, "[asset.a]\npath = 'tree'\nx = 1\n[image.b]\ny = 2\n")
    code, out, err = run("stage", "--file", "assets.toml", "-o", "out", cwd=project)
    assert (code, out) == (1, "")
    assert [line.split(": ")[2] for line in err.splitlines()] == [
        "assets.toml:3",
        "assets.toml:4",
        "assets.toml:5",
    ]
    assert not (project / "out").exists()


@pytest.mark.parametrize("text", ["[asset", "a = ", "\x00"])
def test_what_is_no_toml_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DeclarationError, match=r"assets\.toml: this is no TOML: .* \(at "):
        read_declaration(write(tmp_path, text))


def test_a_secret_in_the_wrong_place_is_not_told(tmp_path: Path) -> None:
    file = write(tmp_path, "[image.a]\ndirectory = 'x'\nbuild_secrets = 'hunter2'")
    with pytest.raises(DeclarationError) as caught:
        read_declaration(file)
    assert "hunter2" not in str(caught.value)


def test_order_and_lines_hold_also_beside_texts_of_several_lines() -> None:
    text = (
        '[image.z]\ndirectory = """\n[asset.a]\n"""\n[asset.a]\npath = [\n[1],\n[2]]\n[image.b]\n'
    )
    locator = Locator(text)
    assert locator.in_order([("asset", "a"), ("image", "z"), ("image", "b")]) == [
        ("image", "z"),
        ("asset", "a"),
        ("image", "b"),
    ]
    assert [locator.line(p) for p in (("asset", "a"), ("asset", "a", "path"), ("nope",))] == [
        5,
        6,
        1,
    ]


MIXED = """
[stack]
name = "Mine"
account = "123456789012"
region = "eu-west-1"
bucket = "b"
[image.web]
directory = "tree"
target = "t"
build_args = { A = "1" }
cache_from = [{ type = "registry", params = { ref = "r" } }]
invalidation = { build_args = false }
[asset.plain]
path = "tree"
exclude = ["b"]
follow_symlinks = "block-external"
extra_hash = "x"
[image.api]
directory = "tree"
ignore_mode = "git"
[asset.file]
path = "tree/a.txt"
asset_hash = "v1"
display_name = "shown"
"""


def test_a_declaration_gives_what_the_program_gives(project: Path) -> None:
    found = document("stage", "--file", write(project, MIXED), "-o", project / "out")
    assert [row["name"] for row in found["assets"]] == ["web", "plain", "api", "file"]
    assert found["assets"][0]["uri"].startswith("123456789012.dkr.ecr.eu-west-1.amazonaws.com/")

    app = App(outdir=project / "program")
    env = {"account": "123456789012", "region": "eu-west-1"}
    stack = Stack(app, "Mine", env=env)
    tree = project / "tree"
    web = DockerImageAsset(
        stack,
        "web",
        directory=tree,
        target="t",
        build_args={"A": "1"},
        cache_from=[{"type": "registry", "params": {"ref": "r"}}],
        invalidation={"build_args": False},
    )
    api = DockerImageAsset(stack, "api", directory=tree, ignore_mode="git")
    plain = AssetStaging(
        Construct(stack, "plain"),
        "Stage",
        source_path=tree,
        exclude=["b"],
        follow="internal-only",
        extra_hash="x",
    )
    file = AssetStaging(
        Construct(stack, "file"), "Stage", source_path=tree / "a.txt", asset_hash="v1"
    )
    hashes = [web.asset_hash, plain.asset_hash, api.asset_hash, file.asset_hash]
    assert [row["hash"] for row in found["assets"]] == hashes
    app.synth()
    ours, theirs = (
        json.loads((project / name / "Mine.assets.json").read_text()) for name in ("out", "program")
    )
    assert list(ours["dockerImages"].items()) == list(theirs["dockerImages"].items())
    assert [e["displayName"] for e in ours["files"].values()][:2] == ["plain", "shown"]


def test_relative_paths_begin_at_the_file_and_the_command_line_overrules_the_stack(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = write(project, "[stack]\nname = 'A'\nbucket = 'b'\n[asset.a]\npath = 'tree'\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    options = ("--file", file, "-o", "out", "--stack-name", "B")
    found = document("stage", *options, cwd=elsewhere)
    assert (found["stack"], found["assets"][0]["bucket"]) == ("B", "b")
    assert found["assets"][0]["source"] == str(project / "tree")
    assert (elsewhere / "out" / "B.assets.json").exists()


COPY = "import os, shutil, sys; print('copying'); shutil.copy('a.txt', os.path.join(sys.argv[1], os.environ['NAME']))"


def bundled(code: str, more: str = "") -> str:
    command = json.dumps([sys.executable, "-c", code, "{output}", "{input}"])
    return f"[asset.built]\npath = 'tree'\n[asset.built.bundling]\ncommand = {command}\n{more}\n"


def test_a_command_of_this_machine_builds_the_asset(project: Path, capfd: Any) -> None:
    file = write(project, bundled(COPY, "environment = { NAME = 'made.txt' }"))
    (row,) = document("stage", "--file", file, "-o", project / "out")["assets"]
    assert os.listdir(row["path"]) == ["made.txt"]
    assert capfd.readouterr().out == ""
    plain = FileSystem.fingerprint(project / "tree", exclude=[".is_custom_resource"])
    assert row["hash"] != plain


def test_what_a_command_says_goes_to_stderr_with_the_name_of_the_asset(project: Path) -> None:
    write(project, bundled(COPY, "environment = { NAME = 'x' }"))
    _, _, err = run("stage", "--file", "assets.toml", "-o", "out", cwd=project)
    assert "built: copying\n" in err


@pytest.mark.parametrize(
    "change",
    [("'a.txt'", "'b/c.txt'"), ("NAME = 'x'", "NAME = 'y'")],
    ids=["command", "environment"],
)
def test_command_and_environment_are_part_of_the_hash(
    project: Path, change: tuple[str, str]
) -> None:
    text = bundled(COPY, "environment = { NAME = 'x' }")
    hashes = set()
    for one in (text, text.replace(*change)):
        found = document("stage", "--file", write(project, one), "-o", project / "out")
        hashes.add(found["assets"][0]["hash"])
    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; print('no luck'); sys.exit(3)", "ended with status 3:\nno luck"),
        ("pass", "bundling did not produce any output"),
    ],
)
def test_a_command_that_fails_fails_the_asset(project: Path, code: str, message: str) -> None:
    write(project, bundled(code) + "[asset.other]\npath = 'tree/b'\n")
    status, out, err = run("stage", "--file", "assets.toml", "-o", "out", cwd=project)
    assert (status, out) == (1, "")
    assert "lambda-assets: error: 'built': " in err
    assert message in err
    assert not (project / "out" / "manifest.json").exists()
    assert not [name for name in os.listdir(project / "out") if name.startswith(".")]


def test_a_program_that_is_not_there_is_named(project: Path) -> None:
    write(project, "[asset.a]\npath = 'tree'\nbundling.command = ['no-such-program']\n")
    _, _, err = run("stage", "--file", "assets.toml", "-o", "out", cwd=project)
    assert "'no-such-program' can't be run" in err


def test_a_cache_key_lets_results_be_kept(project: Path) -> None:
    """The command writes a random number: only a kept result is the same in two output directories."""
    code = "import os, sys; open(sys.argv[1] + '/n', 'wb').write(os.urandom(8))"

    def made(more: str, out: str) -> bytes:
        file = write(project, bundled(code, more))
        (row,) = document("stage", "--file", file, "-o", project / out)["assets"]
        return (Path(row["path"]) / "n").read_bytes()

    assert made("cache_key = 'v1'", "1") == made("cache_key = 'v1'", "2")
    assert made("", "3") != made("", "4")


class Meeting:
    """A bundler that is done only when as many as are expected run at once."""

    def __init__(self, count: int) -> None:
        self._barrier = threading.Barrier(count, timeout=20)

    def try_bundle(self, output_dir: str, options: object) -> bool:  # noqa: ARG002
        self._barrier.wait()
        (Path(output_dir) / "x").touch()
        return True


def test_assets_are_staged_side_by_side_and_told_in_their_order(tmp_path: Path) -> None:
    meeting = Meeting(4)
    entries = []
    for name in "dacb":
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
        options = {"bundling": {"image": _image(), "local": meeting}}
        entries.append(FileEntry(name=name, path=str(tmp_path / name), options=options))
    seen: list[tuple[int, tuple[str, ...]]] = []
    outcome = stage_all(
        Declaration(entries=tuple(entries)),
        tmp_path / "out",
        concurrency=4,
        watch=lambda done, running: seen.append((done, tuple(running))),
    )
    assert not outcome.failures
    assert [one.entry.name for one in outcome.results] == list("dacb")
    assert seen[-1][0] == 4


def _image() -> Any:
    from lambda_assets.docker.image import DockerImage  # noqa: PLC0415

    return DockerImage.from_registry("local")


def test_an_asset_that_is_there_twice_is_listed_once(project: Path) -> None:
    file = write(project, "[asset.a]\npath = 'tree'\n[asset.b]\npath = 'tree'\n")
    found = document("stage", "--file", file, "-o", project / "out")["assets"]
    assert found[0]["hash"] == found[1]["hash"]
    listed = json.loads((project / "out" / "Assets.assets.json").read_text())["files"]
    assert len([e for e in listed.values() if e["source"]["packaging"] == "zip"]) == 1


def test_errors_have_stable_codes() -> None:
    assert DeclarationError(["x"]).code == "declaration"
    assert isinstance(DeclarationError(["x"]), AssetError)
