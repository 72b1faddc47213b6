"""The options of the bundler, read once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lambda_assets.bundling.python import inputs, tools
from lambda_assets.bundling.python.install import names
from lambda_assets.bundling.python.target import Target, target
from lambda_assets.errors import OptionError, OptionTypeError
from lambda_assets.filesystem.file_system import FileSystem
from lambda_assets.filesystem.options import path_text
from lambda_assets.staging.identity import sha256

if TYPE_CHECKING:
    from lambda_assets.filesystem.options import StrPath

LEFT_OUT = (
    "__pycache__",
    "*.pyc",
    "*.egg-info",
    ".git",
    ".venv",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".DS_Store",
    "cdk.out",
    ".lambda-assets-*.tmp",
)
"""Patterns of what is never taken from the code."""

LAYOUTS = {"function": "", "layer": "python"}
"""Layouts, and the directory in which everything lies then."""

_FORMAT = 1  # counted up when the same packages give other bytes
_CONTENTS = ("all", "dependencies", "code")
_OVERSIZE = ("error", "warn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a bundler does; the meaning of each is that of ``PythonDependencies``."""

    target: Target
    source: str | None
    requirements: str | None
    tool: str
    layout: str
    contents: str
    extras: tuple[str, ...]
    groups: tuple[str, ...]
    exclude: tuple[str, ...]
    from_source: frozenset[str]
    allow_foreign: frozenset[str]
    scripts: bool
    layers_size: int
    oversize: str

    @property
    def installs(self) -> bool:
        """Whether packages are part of the bundle."""
        return self.contents != "code"

    def needed(self, source: str) -> inputs.Dependencies:
        """What the code in a directory needs.

        Args:
            source: The directory, or the file that says it.

        Raises:
            PythonBundlingError: Nothing says it, or it can't be read.
        """
        path = self.requirements or inputs.find(source)
        return inputs.read(path, source, self.target, extras=self.extras, groups=self.groups)

    def described(self) -> dict[str, Any]:
        """What decides about the bytes of a bundle, besides its source and the tool: plain values.

        Raises:
            PythonBundlingError: A file given by ``requirements`` can't be read.
        """
        shown = asdict(self)
        shown["target"] = str(self.target)
        for name in ("from_source", "allow_foreign"):
            shown[name] = sorted(shown[name])
        for name in ("source", "tool", "layers_size", "oversize"):
            del shown[name]
        if self.requirements is not None and self.installs:
            # Outside the source nothing else tells that it changed, and its path is another one on each machine.
            base = self.source or os.path.dirname(self.requirements)
            needed = self.needed(base)
            shown["requirements"] = sha256(needed.key)
            shown["paths"] = {
                name: FileSystem.fingerprint(path, exclude=LEFT_OUT)
                for name, path in needed.paths.items()
            }
        return {"format": _FORMAT, **shown}


def read_options(  # noqa: PLR0913  each is an option of its own
    *,
    runtime: object,
    architecture: object,
    source: StrPath | None,
    requirements: StrPath | None,
    tool: str,
    layout: str,
    contents: str,
    extras: Sequence[str],
    groups: Sequence[str],
    exclude: Sequence[str],
    from_source: Sequence[str],
    allow_foreign: Sequence[str],
    scripts: bool,
    layers_size: int,
    oversize: str,
) -> Options:
    """Validate what a caller passed.

    Raises:
        OptionError: A wrong value or type.
    """
    if isinstance(layers_size, bool) or not isinstance(layers_size, int):
        raise OptionTypeError(f"layers_size must be int, not {type(layers_size).__name__}")
    if layers_size < 0:
        raise OptionError(f"layers_size must be 0 or more, not {layers_size}")
    if not isinstance(scripts, bool):
        raise OptionTypeError(f"scripts must be bool, not {type(scripts).__name__}")
    return Options(
        target=target(runtime, architecture),
        source=_path(source, "source"),
        requirements=_path(requirements, "requirements"),
        tool=_one_of(tool, tools.TOOLS, "tool"),
        layout=_one_of(layout, tuple(LAYOUTS), "layout"),
        contents=_one_of(contents, _CONTENTS, "contents"),
        extras=_texts(extras, "extras"),
        groups=_texts(groups, "groups"),
        exclude=_texts(exclude, "exclude"),
        from_source=names(_texts(from_source, "from_source")),
        allow_foreign=names(_texts(allow_foreign, "allow_foreign")),
        scripts=scripts,
        layers_size=layers_size,
        oversize=_one_of(oversize, _OVERSIZE, "oversize"),
    )


def _path(value: StrPath | None, what: str) -> str | None:
    return None if value is None else os.path.abspath(path_text(value, what))


def _one_of(value: object, known: tuple[str, ...], what: str) -> str:
    if not isinstance(value, str):
        raise OptionTypeError(f"{what} must be str, not {type(value).__name__}")
    if value not in known:
        raise OptionError(f"unknown {what} {value!r}").with_hint("use " + ", ".join(known))
    return value


def _texts(value: object, what: str) -> tuple[str, ...]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise OptionTypeError(f"{what} must be a sequence of str, not {type(value).__name__}")
    if not all(isinstance(one, str) for one in value):
        raise OptionTypeError(f"{what} must hold str only")
    return tuple(value)
