"""What the package loads, shows and documents."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import lambda_assets
from lambda_assets import _core, errors, settings
from lambda_assets.cli import exit_codes

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SOURCES = Path(lambda_assets.__file__).parent

spec = importlib.util.spec_from_file_location("generate", HERE / "generate.py")
assert spec
assert spec.loader
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)

# Each costs more than everything that a hash needs.
HEAVY = {
    "asyncio", "blake3", "boto3", "concurrent", "dataclasses", "docker", "email", "hashlib", "http", "importlib.metadata",
    "inspect", "json", "logging", "pathlib", "pathspec", "random", "rich", "shutil", "socket", "subprocess",
    "tempfile", "typing", "urllib",
}  # fmt: skip


def _loaded(program: str) -> set[str]:
    # Without site: what a virtual environment's start-up files load is not ours.
    paths = [p for p in sys.path if p]
    code = f"import sys; sys.path[:] = {paths!r}; before = set(sys.modules)\n{program}\nprint(*(set(sys.modules) - before))"
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split("\n")[-2].split())


def test_importing_the_package_loads_only_what_a_hash_needs() -> None:
    loaded = _loaded("import lambda_assets")
    assert loaded & HEAVY == set()
    assert {name for name in loaded if name.startswith("lambda_assets")} == {
        "lambda_assets",
        "lambda_assets._core",
        "lambda_assets.errors",
        "lambda_assets.filesystem",
        "lambda_assets.filesystem.enums",
        "lambda_assets.filesystem.file_system",
        "lambda_assets.filesystem.ignore",
        "lambda_assets.filesystem.options",
        "lambda_assets.settings",
    }
    assert not {"re", "argparse"} & loaded


def test_hashing_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    loaded = _loaded(f"from lambda_assets.cli.main import main; main(['hash', {str(tmp_path)!r}])")
    # argparse itself asks shutil for the width of the terminal when it formats help, and only then.
    assert loaded & HEAVY == set()


def test_lazy_names_load_and_unknown_ones_do_not() -> None:
    for name in lambda_assets.__all__:
        assert getattr(lambda_assets, name) is not None
    assert set(lambda_assets.__all__) <= set(dir(lambda_assets))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        lambda_assets.nonsense  # noqa: B018


def test_the_public_surface_is_the_stored_one() -> None:
    stored = (HERE / "surface.txt").read_text(encoding="utf-8")
    assert generate.surface() == stored, "python tests/package/regenerate.py"


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="argparse words its help anew now and then"
)
def test_the_page_of_the_command_is_generated() -> None:
    stored = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    assert generate.command_page() == stored, "python tests/package/regenerate.py"


def test_the_page_of_the_environment_says_what_the_constants_say() -> None:
    source = (SOURCES / "settings.py").read_text(encoding="utf-8")
    documented = dict(re.findall(r'^[A-Z_]+ = "([A-Z_]+)"\n"""(.+)"""$', source, re.MULTILINE))
    assert tuple(documented) == settings.VARIABLES
    page = (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+) \|$", page, re.MULTILINE)
    assert dict(rows) == documented


def test_every_error_is_documented() -> None:
    classes = {
        value.__name__: value.code
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.AssetError)
    }
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `([\w-]+)` \|", page, re.MULTILINE)
    assert dict(rows) == classes
    assert set(classes) <= set(lambda_assets.__all__)


def test_exit_codes_are_documented() -> None:
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    for name, value in vars(exit_codes).items():
        if name.isupper():
            assert re.search(rf"^  {value} ", page, re.MULTILINE), name


def test_the_environment_is_read_and_processes_are_started_in_one_place_each() -> None:
    for path in SOURCES.rglob("*.py"):
        name = path.relative_to(SOURCES).as_posix()
        if name.startswith("reference/"):
            continue
        text = path.read_text(encoding="utf-8")
        assert ("os.environ" in text) is (name == "settings.py"), name
        starts = name in {
            "filesystem/git.py",
            "aws_lambda/command.py",
            "bundling/python/tools.py",
            "declaration/command.py",
            "docker/program.py",
        }
        assert ("import subprocess" in text) is starts, name


def test_no_file_is_too_long() -> None:
    for path in SOURCES.rglob("*.py"):
        if "reference" not in path.parts:
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


def test_the_stub_says_what_the_native_module_has() -> None:
    assert sorted(_core.__all__) == sorted(
        n for n in vars(_core) if not n.startswith("_") and n != "annotations"
    )
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed; `nox -s lint` runs its stubtest")
    command = [sys.executable, "-m", "mypy.stubtest", "lambda_assets._core"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT / "tests")
    assert done.returncode == 0, done.stdout


def _python_blocks() -> list[Any]:
    blocks = []
    for page in sorted((ROOT / "docs" / "guide").glob("*.md")):
        found = re.findall(
            r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
        blocks += [pytest.param(code, id=f"{page.stem}-{n}") for n, code in enumerate(found)]
    return blocks


@pytest.mark.parametrize("code", _python_blocks())
def test_python_of_the_guides_runs(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _example(tmp_path, monkeypatch)
    exec(compile(code, "guide", "exec"), {"__name__": "guide"})


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs" / "guide").glob("*.md")), ids=lambda p: p.stem
)
def test_commands_of_the_guides_run_and_print_what_they_show(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _example(tmp_path, monkeypatch)
    blocks = re.findall(
        r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert blocks
    for command, expected in re.findall(
        r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", "".join(blocks), re.MULTILINE
    ):
        shell = command.replace("lambda-assets", f"{sys.executable} -m lambda_assets")
        done = subprocess.run(shell, shell=True, capture_output=True, text=True, check=False)
        assert done.returncode in {0, 3}, done.stderr
        shown = done.stdout.replace(str(tmp_path.resolve()), "/home/me/project")
        if expected:
            assert shown == expected, command


def _example(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project that the guides speak of."""
    monkeypatch.setenv("LAMBDA_ASSETS_CACHE_DIR", str(place.parent / f"{place.name}-cache"))
    monkeypatch.chdir(place)
    source = place / "src"
    (source / "__pycache__").mkdir(parents=True)
    (source / "handler.py").write_bytes(b"def handler(event, context):\n    return 'hello'\n")
    (source / "__pycache__" / "handler.cpython-311.pyc").write_bytes(b"\0")
    (source / "build").mkdir()
    (source / "build" / "out.txt").write_bytes(b"built\n")
    (source / ".gitignore").write_bytes(b"__pycache__/\n/build/\n")
    other = place / "ci"
    other.mkdir()
    (other / "handler.py").write_bytes(b"def handler(event, context):\r\n    return 'hello'\r\n")
    (other / "build").mkdir()
    (other / "build" / "out.txt").write_bytes(b"built elsewhere\n")
    (other / ".gitignore").write_bytes(b"__pycache__/\n/build/\n")


@pytest.mark.aws_cdk
def test_names_are_those_of_aws_cdk() -> None:
    aws_cdk = pytest.importorskip("aws_cdk", reason="aws-cdk-lib is not installed")
    for name in ("SymlinkFollowMode", "IgnoreMode"):
        ours, theirs = getattr(lambda_assets, name), getattr(aws_cdk, name)
        assert {m.name: m.value for m in ours} == {m.name: m.value for m in theirs}
    # Left out: rmrf, which the standard library has as shutil.rmtree.
    shared = {
        "FileSystem": {"copy_directory", "fingerprint", "is_empty", "mkdtemp"},
        "IgnoreStrategy": {
            "add",
            "completely_ignores",
            "docker",
            "from_copy_options",
            "git",
            "glob",
            "ignores",
        },
    }
    for kind in ("Glob", "Git", "Docker"):
        shared[f"{kind}IgnoreStrategy"] = shared["IgnoreStrategy"] | {"__init__"}
    for struct in ("CopyOptions", "FingerprintOptions"):
        shared[struct] = {"__init__"}
    for owner, methods in shared.items():
        ours, theirs = getattr(lambda_assets, owner), getattr(aws_cdk, owner)
        public = {n for n, _ in inspect.getmembers(theirs, callable) if not n.startswith("_")}
        assert public - methods - {"rmrf"} == set(), owner
        for method in methods:
            found = inspect.signature(getattr(ours, method)).parameters.values()
            wanted = inspect.signature(getattr(theirs, method)).parameters.values()
            assert _shape(found) == _shape(wanted), f"{owner}.{method}"


def _shape(parameters: Any) -> list[tuple[str, bool, bool]]:
    shape = [
        (p.name, p.kind is inspect.Parameter.KEYWORD_ONLY, p.default is inspect.Parameter.empty)
        for p in parameters
    ]
    # The order of keyword-only parameters means nothing.
    return [row for row in shape if not row[1]] + sorted(row for row in shape if row[1])
