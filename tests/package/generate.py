"""Text that is generated from the code: the list of public names and the reference page of the command."""

from __future__ import annotations

import argparse
import enum
import importlib
import inspect
import os
import re

MODULES = ("lambda_assets",)


def surface() -> str:
    """Every public name with its signature, a line each."""
    lines = []
    for module in MODULES:
        names = importlib.import_module(module)
        for name in sorted(names.__all__):
            value = getattr(names, name)
            lines.append(f"{module}.{name}{_signature(value)}")
            if inspect.isclass(value):
                lines += [f"{module}.{name}.{line}" for line in _members(value)]
    return "\n".join(lines) + "\n"


def _signature(value: object) -> str:
    if inspect.isclass(value):
        bases = ", ".join(base.__name__ for base in value.__bases__)
        if issubclass(value, (enum.Enum, BaseException)):
            return f"({bases})"
        return f"({bases}) {inspect.signature(value)}"
    return str(inspect.signature(value)) if callable(value) else ""


def _members(owner: type) -> list[str]:
    if issubclass(owner, enum.Enum):
        return [f"{member.name} = {member.value!r}" for member in owner]
    found = []
    for name in sorted(n for n in dir(owner) if not n.startswith("_")):
        raw = inspect.getattr_static(owner, name)
        if issubclass(owner, BaseException) and name not in vars(owner):
            continue
        value = getattr(owner, name)
        if isinstance(raw, (staticmethod, classmethod)) or inspect.isfunction(raw):
            found.append(f"{name}{inspect.signature(value)}")
        elif name == "code":
            found.append(f"{name} = {value!r}")
        else:
            found.append(name)
    return found


def command_page() -> str:
    """docs/reference/cli.md."""
    from lambda_assets.cli.main import parser  # noqa: PLC0415

    os.environ["NO_COLOR"] = "1"
    parts = [
        "# Command line\n",
        "Generated from the parser by `python tests/package/regenerate.py`.\n",
        "Data goes to stdout, everything else to stderr. `--json` prints exactly one document.\n",
    ]
    for name, command in _commands(parser()):
        parts.append(f"## {name}\n\n```text\n{_stable(command.format_help()).rstrip()}\n```\n")
    return "\n".join(parts)


def _commands(top: argparse.ArgumentParser) -> list[tuple[str, argparse.ArgumentParser]]:
    found = [(top.prog, top)]
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                found += _commands(command)
    return found


def _stable(text: str) -> str:
    """The usage in one line: where it breaks differs between Python versions."""
    usage, _, rest = text.partition("\n\n")
    return re.sub(r"\s+", " ", usage) + "\n\n" + rest
