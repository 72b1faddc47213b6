"""Those who take part: how each is started, what it promises, and whether it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jobs import Job

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WORKERS = HERE / "workers"
NODE_SCRIPT = """
const { fingerprint } = require(require('path').resolve(process.argv[1], 'aws-cdk-lib/core/lib/fs/fingerprint.js'));
console.log(fingerprint(process.argv[2]));
"""
FILES = 'find "$1" -type f -print0 | xargs -0 -n 256 '


@dataclass(frozen=True)
class Places:
    """Where contenders live that are no Python packages."""

    node_modules: Path
    floor: Path


@dataclass(frozen=True)
class Measure:
    """One measurement to be made: what a command line is made of."""

    job: Job
    path: str
    dest: str | None
    exclude: tuple[str, ...]
    ignore_mode: str

    def request(self, **more: object) -> str:
        """The request of a worker."""
        found: dict[str, Any] = {
            "op": self.job.operation,
            "path": self.path,
            "dest": self.dest,
            "exclude": list(self.exclude),
            "ignore_mode": self.ignore_mode,
            "cold": not self.job.warm,
            "cpus": cpus(),
        }
        return json.dumps({**found, **more})


@dataclass(frozen=True)
class Contender:
    """One who takes part.

    Attributes:
        name: How it is called on the command line and in results.
        label: How tables and charts call it.
        argv: Its command line for a measurement.
        absent: Why it can't take part, None if it can.
        cdk_hash: It promises the hash of the CDK.
        slow: It takes part on small trees only, or with ``--all``.
        environ: What its environment has besides a HOME and a cache of its own.
    """

    name: str
    label: str
    argv: Callable[[Measure], list[str]]
    absent: str | None = None
    cdk_hash: bool = False
    slow: bool = False
    environ: Mapping[str, str] | None = None


def cpus() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


def all_contenders(places: Places) -> dict[str, Contender]:
    """Everybody, also those that are not installed.

    Args:
        places: Where Node's library and the floor program are.
    """
    found = [*_ours(), *_node(places), *_python(), *_commands(), *_processes(places)]
    found += [_floor(places, mode) for mode in FLOORS]
    return {contender.name: contender for contender in found}


def custom(name: str, command: str) -> Contender:
    """A contender from the command line, which must return the CDK's hash.

    Args:
        name: How results call it.
        command: What is run, with the request as last argument.
    """
    return Contender(name, name, lambda m: [*command.split(), m.request()], cdk_hash=True)


def _ours() -> list[Contender]:
    absent = None if find_spec("lambda_assets") else "lambda_assets is not installed"

    def made(name: str, label: str, *, environ: dict[str, str], **more: object) -> Contender:
        return Contender(
            name,
            label,
            lambda m: _worker("ours", m, **more),
            absent=absent,
            cdk_hash=True,
            environ=environ,
        )

    ways = [
        made(f"ours-{way}", f"lambda-assets, staging={way}", environ={}, way=way)
        for way in ("link", "zip", "reference")
    ]
    one = {"LAMBDA_ASSETS_JOBS": "1"}
    return [
        *ways,
        made("ours", "lambda-assets", environ={}),
        made("ours-1", "lambda-assets, 1 thread", environ=one),
        made(
            "ours-fill",
            "lambda-assets, filling its cache",
            environ={"LAMBDA_ASSETS_NO_CACHE": ""},
            empty_cache=True,
        ),
    ]


def _node(places: Places) -> list[Contender]:
    def argv(measure: Measure) -> list[str]:
        return ["node", f"{WORKERS}/node.cjs", str(places.node_modules), measure.request()]

    return [Contender("node", "aws-cdk-lib in Node", argv, _no_node(places), cdk_hash=True)]


def _no_node(places: Places) -> str | None:
    if not shutil.which("node"):
        return "node is not on PATH"
    if not (places.node_modules / "aws-cdk-lib").is_dir():
        return "no aws-cdk-lib in --node-modules (npm ci --prefix tests/oracle)"
    return None


def _python() -> list[Contender]:
    def made(name: str, label: str, package: str, **more: Any) -> Contender:  # noqa: ANN401
        absent = None if find_spec(package) else f"{package} is not installed"
        return Contender(name, label, lambda m: _worker(name, m), absent, **more)

    return [
        made("jsii", "aws_cdk through jsii", "aws_cdk", cdk_hash=True),
        made("reference", "our reference, Python", "lambda_assets", cdk_hash=True, slow=True),
        made("dirhash", "dirhash", "dirhash"),
    ]


def _commands() -> list[Contender]:
    def piped(name: str, flags: str) -> Contender:
        line = f"{FILES} {flags} {name} > /dev/null"
        return _command(
            name, f"find | xargs {name}", name, lambda m: ["sh", "-c", line, "sh", m.path]
        )

    copy = _command("cp", "cp -a", "cp", lambda m: ["cp", "-a", m.path, str(m.dest)])
    # b3sum has threads of its own.
    return [piped("sha256sum", f"-P {cpus()}"), piped("b3sum", ""), copy]


def _processes(places: Places) -> list[Contender]:
    script = Path(sys.executable).with_name("lambda-assets")
    program = [str(script)] if script.is_file() else [sys.executable, "-m", "lambda_assets"]
    node = ["node", "-e", NODE_SCRIPT, str(places.node_modules)]
    return [
        _command(
            "command",
            "lambda-assets hash",
            program[0],
            lambda m: [*program, "hash", m.path],
            prints_hash=True,
        ),
        _command(
            "import",
            "its interpreter and imports",
            sys.executable,
            lambda _: [sys.executable, "-c", "import lambda_assets.cli.main"],
        ),
        _command(
            "interpreter",
            "its interpreter",
            sys.executable,
            lambda _: [sys.executable, "-c", "pass"],
        ),
        _command(
            "node-command",
            "a Node script with aws-cdk-lib",
            "node",
            lambda m: [*node, m.path],
            prints_hash=True,
            absent=_no_node(places),
        ),
    ]


def _command(
    name: str,
    label: str,
    program: str,
    argv: Callable[[Measure], list[str]],
    *,
    prints_hash: bool = False,
    absent: str | None = None,
) -> Contender:
    absent = absent or (None if shutil.which(program) else f"{program} is not on PATH")

    def line(measure: Measure) -> list[str]:
        found = argv(measure)
        version = _version_of(program)
        return _worker("command", measure, argv=found, prints_hash=prints_hash, version=version)

    return Contender(name, label, line, absent, cdk_hash=prints_hash)


_versions: dict[str, str] = {}


def _version_of(program: str) -> str:
    if program not in _versions:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        _versions[program] = (done.stdout.splitlines() or ["unknown"])[0]
    return _versions[program]


#: The modes of the floor program, by what they do.
FLOORS = {
    "list": "list",
    "stat": "list, stat",
    "order": "list, stat, sort, outer SHA-256",
    "read": "list, read",
    "hash": "list, read, SHA-256",
    "settled": "list, sort, read, SHA-256, stat again",
}


def _floor(places: Places, mode: str) -> Contender:
    absent = None if places.floor.is_file() else "no floor program at --floor"
    program = str(places.floor)
    return Contender(
        f"floor-{mode}", f"floor: {FLOORS[mode]}", lambda m: [program, mode, m.path], absent
    )


def _worker(name: str, measure: Measure, **more: object) -> list[str]:
    return [sys.executable, f"{WORKERS}/worker.py", name, measure.request(**more)]
