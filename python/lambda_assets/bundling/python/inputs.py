"""What to install: found beside the code, read from any of the files that Python projects have."""

from __future__ import annotations

import os
import shutil
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from urllib.request import pathname2url, url2pathname

from packaging.dependency_groups import resolve_dependency_groups
from packaging.pylock import (
    PackageArchive,
    PackageDirectory,
    PackageSdist,
    PackageVcs,
    PackageWheel,
    Pylock,
    PylockSelectError,
    PylockUnsupportedVersionError,
    PylockValidationError,
)

from lambda_assets.bundling.python import requirement_file, tools
from lambda_assets.errors import OptionError, PythonBundlingError, PythonToolError, asset_io_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.markers import Environment
    from packaging.pylock import Package

    from lambda_assets.bundling.python.requirement_file import Line, RequirementFile
    from lambda_assets.bundling.python.target import Target

NAMES = ("uv.lock", "pylock.toml", "poetry.lock", "requirements.txt", "pyproject.toml")
"""What is looked for in the source, the first one counts."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What to install on a target.

    Attributes:
        lines: The requirements that apply there.
        options: Options for the tool.
        files: What was read, absolute.
        directory: Where the tool runs.
    """

    lines: tuple[Line, ...]
    options: tuple[str, ...]
    files: tuple[str, ...]
    directory: str

    @property
    def constraints(self) -> tuple[str, ...]:
        """The files that limit versions, absolute."""
        found = (one.partition(" ") for one in self.options)
        return tuple(path for option, _, path in found if option == "--constraint")

    @property
    def local(self) -> tuple[Line, ...]:
        """The lines that name no package of an index: directories, repositories, archives."""
        return tuple(
            one for one in self.lines if not one.name or (not one.hashes and _is_address(one))
        )

    @property
    def named(self) -> tuple[Line, ...]:
        """The other lines."""
        local = self.local
        return tuple(one for one in self.lines if one not in local)

    @property
    def is_locked(self) -> bool:
        """Whether nothing is left to choose: each package has its version and its hashes."""
        return all(one.is_locked for one in self.named)

    @property
    def paths(self) -> dict[str, str]:
        """Directories and files of this machine that are installed, by what names them: absolute."""
        return {one.name or one.text: path for one in self.local if (path := self._path(one))}

    @property
    def key(self) -> str:
        """What is installed besides :attr:`paths`: the same text for the same packages, however a file is written."""
        rows = sorted(one.bare() for one in self.lines if not self._path(one))
        if not self.is_locked:
            # What is left to choose is chosen by these. Of a constraint the content counts, not where it lies.
            rows += [one for one in self.options if not one.startswith("--constraint ")]
            rows += [requirement_file.text_of(path) for path in self.constraints]
        return "\n".join(rows)

    def _path(self, line: Line) -> str:
        where = line.address
        is_url = where.startswith("file:")
        if not where or ("://" in where and not is_url):
            return ""
        name = url2pathname(urlsplit(where).path) if is_url else where
        path = os.path.abspath(os.path.join(self.directory, name))
        return path if is_url or os.path.exists(path) else ""


def find(source: str) -> str:
    """The file that says what the code in a directory needs.

    Args:
        source: The directory, or that file itself.

    Raises:
        PythonBundlingError: There is none.
    """
    if not os.path.isdir(source):
        return source
    for name in NAMES:
        path = os.path.join(source, name)
        if os.path.isfile(path) and (name != "pyproject.toml" or "project" in _toml(path)):
            return path
    hint = "write requirements.txt, or give requirements=…, or contents='code'"
    if os.path.isfile(os.path.join(source, "Pipfile.lock")):
        hint = "`pipenv requirements --hash > requirements.txt` writes what can be read"
    raise PythonBundlingError(f"{source!r} has none of {', '.join(NAMES)}").with_hint(hint)


def read(
    path: str,
    source: str,
    target: Target,
    *,
    extras: Sequence[str] = (),
    groups: Sequence[str] = (),
) -> Dependencies:
    """Read what to install.

    Args:
        path: The file; its name tells the format.
        source: The directory of the code, where a member of a uv workspace has its ``pyproject.toml``.
        target: The machine to install for.
        extras: Extras of the project.
        groups: Dependency groups of the project.

    Raises:
        AssetIOError: A file can't be read.
        PythonToolError: The format needs a tool that is not installed.
        PythonBundlingError: The file is not valid, or the tool fails.
        OptionError: The format has no extras or groups.
    """
    path = os.path.abspath(path)
    name, directory = os.path.basename(path), os.path.dirname(path)
    if name == "uv.lock":
        member = os.path.isfile(os.path.join(source, "pyproject.toml"))
        directory = os.path.abspath(source) if member else directory
        made = _uv_lock(path, directory, extras, groups)
    elif name == "poetry.lock":
        made = _poetry_lock(path, directory, extras, groups)
    elif name.startswith("pylock.") and name.endswith(".toml"):
        made = _pylock(path, target, extras, groups)
    elif name == "pyproject.toml":
        made = _pyproject(path, extras, groups)
    elif extras or groups:
        raise OptionError(f"{path!r} has no extras and no groups").with_hint("lock with them")
    else:
        made = requirement_file.read(path)
    applying = tuple(one for one in made.lines if one.applies(target))
    return Dependencies(applying, made.options, made.files, directory)


def _uv_lock(
    path: str, directory: str, extras: Sequence[str], groups: Sequence[str]
) -> RequirementFile:
    tool = tools.uv()
    if tool is None:
        raise PythonToolError(f"{path!r} can be read by uv only, which is not installed").with_hint(
            "pip install uv, or `uv export -o pylock.toml` where there is one"
        )
    words = (
        "export --quiet --frozen --format requirements-txt --no-default-groups --no-emit-project"
    )
    command = [*tool.command, *words.split(), "--no-editable", "--no-header", "--no-annotate"]
    command += [word for extra in extras for word in ("--extra", extra)]
    command += [word for group in groups for word in ("--group", group)]
    text = tools.run(tuple(command), directory, f"reading {path!r}")
    made = requirement_file.read(os.path.join(directory, "uv.lock"), text)
    files = (path, os.path.join(directory, "pyproject.toml"))
    return requirement_file.RequirementFile(made.lines, made.options, files)


def _poetry_lock(
    path: str, directory: str, extras: Sequence[str], groups: Sequence[str]
) -> RequirementFile:
    poetry = shutil.which("poetry")
    if poetry is None:
        raise PythonToolError(
            f"{path!r} can be read by poetry only, which is not installed"
        ).with_hint(
            "install poetry and poetry-plugin-export, or run"
            " `poetry export -o requirements.txt` where they are"
        )
    command = [poetry, "export", "--no-interaction", "--format", "requirements.txt", "--only"]
    command.append(",".join(["main", *groups]))
    command += [word for extra in extras for word in ("--extras", extra)]
    made = requirement_file.read(path, tools.run(tuple(command), directory, f"reading {path!r}"))
    files = (path, os.path.join(directory, "pyproject.toml"))
    return requirement_file.RequirementFile(made.lines, made.options, files)


def _pyproject(path: str, extras: Sequence[str], groups: Sequence[str]) -> RequirementFile:
    document = _toml(path)
    project = document.get("project", {})
    if "dependencies" in project.get("dynamic", []):
        raise PythonBundlingError(
            f"the dependencies of {path!r} are known to its build alone"
        ).with_hint(
            "lock them: `uv lock`, or `uv pip compile --generate-hashes -o requirements.txt`"
        )
    texts = list(project.get("dependencies", []))
    for extra in extras:
        if extra not in project.get("optional-dependencies", {}):
            raise OptionError(f"{path!r} has no extra {extra!r}")
        texts += project["optional-dependencies"][extra]
    try:
        texts += resolve_dependency_groups(document.get("dependency-groups", {}), *groups)
    except (LookupError, ValueError, TypeError, ExceptionGroup) as error:
        raise OptionError(f"dependency groups {list(groups)} of {path!r}: {error}") from None
    lines = tuple(requirement_file.line(text, (), path) for text in texts)
    return requirement_file.RequirementFile(lines, (), (path,))


def _pylock(
    path: str, target: Target, extras: Sequence[str], groups: Sequence[str]
) -> RequirementFile:
    try:
        lock = Pylock.from_dict(_toml(path))
        chosen = list(
            lock.select(
                environment=cast("Environment", target.markers),
                tags=target.tags,
                extras=extras,
                dependency_groups=groups or None,
            )
        )
    except (PylockValidationError, PylockUnsupportedVersionError, PylockSelectError) as error:
        raise PythonBundlingError(f"{path!r} can't be used for {target}: {error}") from None
    lines = tuple(_pylock_line(path, package, file) for package, file in chosen)
    return requirement_file.RequirementFile(lines, (), (path,))


def _pylock_line(
    path: str,
    package: Package,
    file: PackageVcs | PackageDirectory | PackageArchive | PackageWheel | PackageSdist,
) -> Line:
    if isinstance(file, PackageDirectory):
        place = os.path.join(os.path.dirname(path), file.path, file.subdirectory or "")
        text = f"{package.name} @ file://{pathname2url(os.path.abspath(place))}"
        return requirement_file.line(text, (), path)
    if isinstance(file, PackageVcs):
        text = f"{package.name} @ {file.type}+{file.url or file.path}@{file.commit_id}"
        return requirement_file.line(text, (), path)
    hashes = tuple(f"{name}:{value}" for name, value in sorted(file.hashes.items()))
    if isinstance(file, PackageArchive):
        return requirement_file.line(f"{package.name} @ {file.url or file.path}", hashes, path)
    made = requirement_file.line(f"{package.name}=={package.version}", hashes, path)
    return replace(made, is_source=isinstance(file, PackageSdist))


def _is_address(line: Line) -> bool:
    return line.parsed is not None and line.parsed.url is not None


def _toml(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise asset_io_error("open", error) from None
    except ValueError as error:  # of TOML or of UTF-8
        raise PythonBundlingError(f"{path!r} is not TOML: {error}") from None
