"""Reads a declaration from TOML: strictly, and with all that is wrong in one go.

What a file may say is the table in ``keys.py``; what the values mean is the API's business.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from typing import TYPE_CHECKING, Any

from lambda_assets.declaration import keys
from lambda_assets.declaration.command import Command
from lambda_assets.declaration.keys import Key, Kind
from lambda_assets.declaration.locate import Locator
from lambda_assets.declaration.model import Declaration, FileEntry, ImageEntry
from lambda_assets.docker.image import DockerImage
from lambda_assets.errors import AssetError, DeclarationError, asset_io_error
from lambda_assets.filesystem.options import path_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lambda_assets.declaration.model import AnyEntry
    from lambda_assets.filesystem.options import StrPath

LOCAL_IMAGE = "local"
"""Stands in the hash of what a command of this machine builds, where the CDK has the name of an image."""


def read_declaration(file: StrPath) -> Declaration:
    """Read a TOML file (``docs/declaration.md``).

    Args:
        file: The file. Relative paths in it begin at its directory.

    Raises:
        DeclarationError: It is no TOML, or a key is unknown, missing or has a wrong value; all problems at once.
        AssetIOError: The file can't be read.
    """
    path = path_text(file, "file")
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise asset_io_error("open", error) from None
    try:
        text = data.decode("utf-8-sig")
        document = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DeclarationError([f"{path}: this is no TOML: {error}"]) from None
    return _Reader(path, text).declaration(document)


class _Reader:
    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._base = os.path.dirname(path)
        # A line of TOML may end with CRLF; counting is simpler without.
        self._locator = Locator(text.replace("\r\n", "\n"))
        self._problems: list[tuple[int, str]] = []

    def declaration(self, document: dict[str, Any]) -> Declaration:
        """All of a file; see :func:`read_declaration`."""
        self._refuse_unknown((), document, keys.TOP)
        stack = self._table(("stack",), document.get("stack", {}), keys.STACK)
        names = [
            (kind, name)
            for kind in ("asset", "image")
            for name in self._names(kind, document.get(kind, {}))
        ]
        entries: list[AnyEntry] = []
        for kind, name in self._locator.in_order(names):
            content = document[kind][name]
            read = self._asset if kind == "asset" else self._image
            entry = read(name, content)
            if entry is not None:
                entries.append(entry)
        for _, name in names:
            if names.count(("asset", name)) and names.count(("image", name)):
                self._add(("image", name), f"[asset.{name}] and [image.{name}] have one name")
        if not names and not self._problems:
            self._problems.append((1, "no assets: it has neither [asset.NAME] nor [image.NAME]"))
        if self._problems:
            rows = sorted(dict.fromkeys(self._problems))
            raise DeclarationError([f"{self._path}:{line}: {text}" for line, text in rows])
        return Declaration(entries=tuple(entries), stack=stack)

    def _names(self, kind: str, tables: object) -> list[str]:
        if not isinstance(tables, dict):
            self._add((kind,), f"{kind!r} must be tables with names: [{kind}.NAME]")
            return []
        good = [name for name, table in tables.items() if isinstance(table, dict)]
        for name in tables:
            if name not in good:
                self._add((kind, name), f"'{kind}.{name}' must be a table: [{kind}.{name}]")
        return good

    def _asset(self, name: str, content: dict[str, Any]) -> FileEntry | None:
        before = len(self._problems)
        values = self._table(("asset", name), content, keys.ASSET)
        if len(self._problems) > before:
            return None
        path = values.pop("path")
        if "bundling" in values:
            values["bundling"] = bundling(name, values["bundling"])
        if "python" in values:
            values |= self._python(name, values)
            if len(self._problems) > before:
                return None
        return FileEntry(name=name, path=path, options=values)

    def _python(self, name: str, values: dict[str, Any]) -> dict[str, Any]:
        """Options of an asset in place of its ``python`` table, which is taken out."""
        from lambda_assets.bundling.python import (  # noqa: PLC0415  packaging and pyelftools
            LEFT_OUT,
            PythonDependencies,
        )

        place, options = ("asset", name, "python"), values.pop("python")
        if "bundling" in values:
            self._add(place, f"'bundling' and 'python' in [asset.{name}] exclude each other")
        try:
            made = PythonDependencies(**options).bundling()
        except AssetError as error:
            self._add(place, f"{_shown(place)}: " + str(error))
            return {}
        # What is not in the bundle counts for nothing.
        exclude = [*LEFT_OUT, *options.get("exclude", ()), *values.get("exclude", ())]
        return {"bundling": made, "exclude": exclude}

    def _image(self, name: str, content: dict[str, Any]) -> ImageEntry | None:
        before, place = len(self._problems), ("image", name)
        values = self._table(place, content, keys.IMAGE)
        places = [key for key in ("directory", "tarball_file") if key in content]
        if len(places) != 1:
            self._add(place, f"[image.{name}] needs one of 'directory' and 'tarball_file'")
        elif places == ["tarball_file"]:
            for key in content:
                if key in keys.IMAGE and key not in keys.TARBALL:
                    self._add((*place, key), f"{key!r} in [image.{name}] is for builds only")
        if len(self._problems) > before:
            return None
        path = values.pop(places[0])
        return ImageEntry(
            name=name, path=path, is_tarball=places == ["tarball_file"], options=values
        )

    def _table(
        self, place: tuple[str | int, ...], content: object, known: Mapping[str, Key]
    ) -> dict[str, Any]:
        if not isinstance(content, dict):
            self._add(place, f"{_shown(place)} must be a table")
            return {}
        self._refuse_unknown(place, content, known)
        for name, key in known.items():
            if key.is_required and name not in content:
                self._add(place, f"{_shown(place)} needs {name!r}")
        return {
            name: self._value((*place, name), value, known[name])
            for name, value in content.items()
            if name in known
        }

    def _value(self, place: tuple[str | int, ...], value: Any, key: Key) -> Any:  # noqa: ANN401
        if key.kind is Kind.TABLE:
            return self._table(place, value, key.keys or {})
        if not _fits(value, key.kind):
            self._add(place, f"{_shown(place)} must be {key.kind.value}, not {_told(value)}")
        elif key.kind is Kind.TABLES:
            return [self._table((*place, n), one, key.keys or {}) for n, one in enumerate(value)]
        elif key.choices and value not in key.choices:
            choices = ", ".join(key.choices)
            self._add(place, f"{_shown(place)} must be one of {choices}, not {value!r}")
        elif not value and (key.is_required or key.kind is Kind.PATH):
            self._add(place, f"{_shown(place)} must not be empty")
        elif key.kind is Kind.PATH:
            return os.path.join(self._base, value)
        return value

    def _refuse_unknown(
        self, place: tuple[str | int, ...], content: dict[str, Any], known: Collection[str]
    ) -> None:
        for name in content:
            if name not in known:
                close = difflib.get_close_matches(name, list(known), 1)
                meant = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
                where = f" in {_shown(place)}" if place else ""
                self._add((*place, name), f"unknown key {name!r}{where}; {meant}")

    def _add(self, place: Sequence[str | int], problem: str) -> None:
        self._problems.append((self._locator.line(place), problem))


def bundling(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The options of bundling by a command of this machine, as the API takes them.

    Args:
        name: Of the asset, for messages.
        values: Keys of an ``[asset.NAME.bundling]`` table.
    """
    environment = values.get("environment")
    local = Command(name, values["command"], environment, values.get("cache_key"))
    options = {
        "image": DockerImage.from_registry(LOCAL_IMAGE),
        "command": values["command"],
        "environment": environment,
        "output_type": values.get("output_type"),
        "local": local,
    }
    return {key: value for key, value in options.items() if value is not None}


def _fits(value: object, kind: Kind) -> bool:
    if kind in {Kind.TEXT, Kind.PATH}:
        return isinstance(value, str)
    if kind is Kind.FLAG:
        return isinstance(value, bool)
    if kind is Kind.NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is Kind.TEXTS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if kind is Kind.MAP:
        return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    return isinstance(value, list)


def _shown(place: Sequence[str | int]) -> str:
    """A place as the file has it: ``[asset.api]``, or ``'exclude' in [asset.api]``."""
    depth = 1 if place[0] == "stack" else 2
    table = "[" + ".".join(map(str, place[:depth])) + "]"
    rest = ".".join(map(str, place[depth:]))
    return f"{rest!r} in {table}" if rest else table


def _told(value: object) -> str:
    """A value of a wrong type, by its type: a value itself may be a secret."""
    names = {bool: "true or false", int: "a number", float: "a number", str: "a text"}
    names |= {list: "a list", dict: "a table"}
    return names.get(type(value), f"a {type(value).__name__}")
