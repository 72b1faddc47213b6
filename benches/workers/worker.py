"""A contender in Python, or any command, in a process of its own: imports first, then one measured operation.

    python worker.py NAME REQUEST

prints one JSON line: wall and cpu seconds of the operation, peak memory of the process, result and version.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Request = dict[str, Any]
    #: What is measured, and the version of what does it.
    Prepared = tuple[Callable[[], str | None], str]


def main(name: str, request: Request) -> None:
    """Measure one operation.

    Args:
        name: A function below.
        request: What to do.
    """
    operation, version = CONTENDERS[name](request)
    cpu, start = _cpu(), time.perf_counter()
    result = operation()
    wall, cpu = time.perf_counter() - start, _cpu() - cpu
    line = {"wall": wall, "cpu": cpu, "peak_kib": _peak(name), "result": result, "version": version}
    print(json.dumps(line))


def ours(request: Request) -> Prepared:
    """The API of this package; its environment decides about cache and threads."""
    from lambda_assets import CopyOptions, FileSystem, IgnoreMode

    source, dest = request["path"], request.get("dest")
    exclude, mode = request["exclude"], IgnoreMode[request["ignore_mode"].upper()]

    def fingerprint() -> str:
        return FileSystem.fingerprint(source, exclude=exclude, ignore_mode=mode)

    def copy() -> None:
        FileSystem.copy_directory(source, dest, CopyOptions(exclude=exclude, ignore_mode=mode))

    def stage() -> str:
        return FileSystem.fingerprint_and_copy(source, dest, exclude=exclude, ignore_mode=mode)

    def app() -> None:
        """Ten functions that share the trees."""
        tree = App(outdir=dest, context={"lambda-assets:staging": request.get("way", "copy")})
        stack = Stack(tree, "S")
        for number in range(10):
            scope = Construct(stack, f"F{number}")
            Code.from_asset(sources[number % len(sources)]).bind(scope)
        tree.synth()

    if request["op"] == "app":
        from lambda_assets import App, Construct, Stack
        from lambda_assets.aws_lambda import Code

        sources = source.split(os.pathsep)
    if request.get("empty_cache"):
        shutil.rmtree(os.environ["LAMBDA_ASSETS_CACHE_DIR"], ignore_errors=True)
    operations = {"fingerprint": fingerprint, "copy": copy, "stage": stage, "app": app}
    return operations[request["op"]], _version("lambda-assets")


def reference(request: Request) -> Prepared:
    """The same rules in plain Python."""
    from lambda_assets import reference as plain

    options = {"exclude": request["exclude"], "ignore_mode": request["ignore_mode"]}

    def fingerprint() -> str:
        return plain.fingerprint(request["path"], **options)

    return fingerprint, _version("lambda-assets")


def jsii(request: Request) -> Prepared:
    """aws_cdk for Python, which asks a Node process that it starts."""
    import aws_cdk

    source, dest = request["path"], request.get("dest")
    exclude, mode = request["exclude"], aws_cdk.IgnoreMode[request["ignore_mode"].upper()]

    def fingerprint() -> str:
        return aws_cdk.FileSystem.fingerprint(source, exclude=exclude, ignore_mode=mode)

    def copy() -> None:
        os.mkdir(dest)
        options = aws_cdk.CopyOptions(exclude=exclude, ignore_mode=mode)
        aws_cdk.FileSystem.copy_directory(source, dest, options)

    def stage() -> str:
        digest = fingerprint()
        copy()
        return digest

    def app() -> None:
        from aws_cdk import aws_lambda

        tree = aws_cdk.App(outdir=dest)
        stack = aws_cdk.Stack(tree, "S")
        sources = source.split(os.pathsep)
        for number in range(10):
            code = aws_lambda.Code.from_asset(sources[number % len(sources)])
            runtime = aws_lambda.Runtime.PYTHON_3_12
            aws_lambda.Function(stack, f"F{number}", runtime=runtime, handler="i.h", code=code)
        tree.synth()

    aws_cdk.FileSystem.is_empty(os.curdir)  # the Node process has started and loaded the library
    if request.get("cold"):
        shutil.rmtree(os.path.join(os.environ["HOME"], ".cdk"), ignore_errors=True)
    operations = {"fingerprint": fingerprint, "copy": copy, "stage": stage, "app": app}
    return operations[request["op"]], _version("aws-cdk-lib")


def dirhash(request: Request) -> Prepared:
    """The package dirhash with SHA-256 and a process a core; another hash, of names and bytes."""
    from dirhash import dirhash as hash_directory

    def run() -> None:
        hash_directory(request["path"], "sha256", jobs=request["cpus"])

    return run, _version("dirhash")


def command(request: Request) -> Prepared:
    """A whole process, from its start to its end."""

    def run() -> str | None:
        done = subprocess.run(request["argv"], stdout=subprocess.PIPE, check=True)
        return done.stdout.split()[0].decode() if request["prints_hash"] else None

    return run, request["version"]


CONTENDERS: dict[str, Callable[[Request], Prepared]] = {
    "ours": ours,
    "reference": reference,
    "jsii": jsii,
    "dirhash": dirhash,
    "command": command,
}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


def _cpu() -> float:
    """User and system seconds of this process, of children that have ended and of those that run."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = time.process_time() + ended.ru_utime + ended.ru_stime
    tick = os.sysconf("SC_CLK_TCK")
    for pid in _running():
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        seconds += (int(fields[11]) + int(fields[12])) / tick
    return seconds


def _peak(name: str) -> int | None:
    """Largest resident memory in KiB, of a child where the work is done in one; None if it can't be told."""
    own = _high_water("self")
    if name == "command":
        # A child counts its parent's memory as its own until it runs its program.
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        return child if child > own else None
    return max([own, *(_high_water(pid) for pid in _running())])


def _high_water(pid: str) -> int:
    with open(f"/proc/{pid}/status") as file:
        found = re.search(r"^VmHWM:\s*(\d+)", file.read(), re.MULTILINE)
    return int(found[1]) if found else 0


def _running(pid: str = "self") -> Iterator[str]:
    """Processes that this one has started, and that those have."""
    for task in os.listdir(f"/proc/{pid}/task"):
        # A thread may end meanwhile.
        with contextlib.suppress(FileNotFoundError), open(f"/proc/{pid}/task/{task}/children") as f:
            for child in f.read().split():
                yield child
                yield from _running(child)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
