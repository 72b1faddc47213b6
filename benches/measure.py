"""Runs contenders in turn, each measurement in a fresh process, and stops when two that must agree do not."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contenders import Measure
from jobs import OPTIONS
from machine import Watch, file_system
from trees import settle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contenders import Contender
    from jobs import Job
    from trees import Tree

#: Slow contenders are left out above this many files, unless asked for.
FEW_FILES = 3_000


class HashMismatchError(Exception):
    """Two contenders that promise the same hash gave different ones."""


class ContenderError(Exception):
    """A contender failed."""


@dataclass
class Sample:
    """One measurement.

    Attributes:
        job: What was measured.
        tree: On which tree; for copies with the file system of the target.
        contender: Who.
        round: Which turn, from 0.
        wall: Seconds.
        cpu: User and system seconds.
        peak_kib: Largest resident memory of the process, None if unknown.
        result: The hash, None where there is none.
        others: Share of a core that other processes used meanwhile.
        noisy: That is too much.
        disk_kib: What it has written takes so much of the disk, None if that was not measured.
    """

    job: str
    tree: str
    contender: str
    round: int
    wall: float
    cpu: float
    peak_kib: int | None
    result: str | None
    others: float
    noisy: bool
    disk_kib: int | None = None


@dataclass
class Hashes:
    """The hash of each tree and option set, and who said so first."""

    known: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def check(self, tree: str, options: str, contender: str, result: str | None) -> None:
        """Compare a hash with that of the others.

        Args:
            tree: The tree.
            options: A key of ``jobs.OPTIONS``.
            contender: Who computed it.
            result: The hash.

        Raises:
            HashMismatchError: Somebody else got another one.
        """
        hash_, first = self.known.setdefault((tree, options), (str(result), contender))
        if hash_ != result:
            raise HashMismatchError(
                f"{tree} with options {options!r}: {first} says {hash_}, {contender} says {result}"
            )


@dataclass
class Bench:
    """A run of the suite.

    Attributes:
        work: Directory for trees, homes and copies.
        contenders: Those who take part, by name.
        rounds: Turns for each job and tree.
        targets: Where copies go, one directory for each file system.
        everything: Slow contenders on large trees, too.
    """

    work: Path
    contenders: Mapping[str, Contender]
    rounds: int
    targets: Sequence[Path]
    everything: bool = False
    hashes: Hashes = field(default_factory=Hashes)
    versions: dict[str, str] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    _made: int = 0

    def run(self, job: Job, tree: Tree) -> None:
        """Measure one job on one tree.

        Args:
            job: What is measured.
            tree: On what.

        Raises:
            HashMismatchError: Contenders disagree.
            ContenderError: A contender failed.
        """
        taking_part = [self.contenders[name] for name in job.contenders if name in self.contenders]
        taking_part = [c for c in taking_part if self._may(c, tree)]
        copies = job.operation in {"copy", "stage", "app"}
        for target in self.targets if copies else [None]:
            label = f"{tree.name} to {file_system(target)}" if target else tree.name
            self._prepare(job, tree, taking_part, target)
            for round_ in range(self.rounds):
                for contender in taking_part:
                    self._sample(job, tree, label, contender, round_, target)

    def clean(self) -> None:
        """Delete all copies. Not before: ext4 avoids freed inodes for minutes, and later copies would pay for it."""
        for target in self.targets:
            shutil.rmtree(self._copies(target), ignore_errors=True)

    def _may(self, contender: Contender, tree: Tree) -> bool:
        return self.everything or not contender.slow or tree.files <= FEW_FILES

    def _prepare(
        self, job: Job, tree: Tree, taking_part: Sequence[Contender], target: Path | None
    ) -> None:
        """Fills what has to be full: the page cache, and for a warm job the cache of each."""
        if job.warm:
            settle()
        for contender in taking_part:
            if job.warm and contender.cdk_hash:
                shutil.rmtree(self._home(contender), ignore_errors=True)
                dest = self._new_copy(target) if target else None
                self._start(contender, job, contender.argv(self._measure(job, tree, dest)))
        if not job.warm:
            for path in tree.path.split(os.pathsep):
                read_all(path)

    def _sample(
        self,
        job: Job,
        tree: Tree,
        label: str,
        contender: Contender,
        round_: int,
        target: Path | None,
    ) -> None:
        dest = self._new_copy(target) if target else None
        argv = contender.argv(self._measure(job, tree, dest))
        watch = Watch()
        found = self._start(contender, job, argv)
        others, noisy = watch.others()
        self.versions[contender.name] = str(found["version"])
        result, disk = found["result"], None
        if dest and job.operation == "app":
            result, disk = asset_ids(dest), disk_kib(dest)
        if contender.cdk_hash and job.operation != "copy":
            self.hashes.check(tree.name, job.options, contender.name, result)
        if contender.cdk_hash and dest and job.operation != "app":
            self._check_copy(job, tree, contender, dest)
        wall, cpu, peak = found["wall"], found["cpu"], found["peak_kib"]
        row = (
            job.name,
            label,
            contender.name,
            round_,
            wall,
            cpu,
            peak,
            result,
            others,
            noisy,
            disk,
        )
        self.samples.append(Sample(*row))
        mark = " (noisy)" if noisy else ""
        say(f"{job.name:>14} {label:<14} {contender.name:<12} {wall * 1000:9.1f} ms{mark}")

    def _check_copy(self, job: Job, tree: Tree, contender: Contender, dest: str) -> None:
        """A copy has the fingerprint of what it is a copy of."""
        ours = self.contenders.get("ours")
        if ours is None or OPTIONS[job.options].exclude:
            return
        for path, who in (
            (tree.path, "ours, of the source"),
            (dest, f"{contender.name}, its copy"),
        ):
            fields = {"op": "fingerprint", "path": path, "exclude": [], "ignore_mode": "glob"}
            argv = ours.argv(self._measure(job, tree, None))
            found = self._start(ours, job, [*argv[:-1], json.dumps({**fields, "cold": True})])
            self.hashes.check(tree.name, job.options, who, found["result"])

    def _measure(self, job: Job, tree: Tree, dest: str | None) -> Measure:
        options = OPTIONS[job.options]
        return Measure(job, tree.path, dest, options.exclude, options.ignore_mode)

    def _start(self, contender: Contender, job: Job, argv: Sequence[str]) -> dict[str, Any]:
        # Warnings, as that of jsii about the version of Node, are of interest only when something fails.
        environ = self._environ(contender, job)
        done = subprocess.run(argv, capture_output=True, env=environ, check=False)
        lines = done.stdout.decode().splitlines()
        if done.returncode or not lines:
            reason = done.stderr.decode(errors="replace")[-2000:]
            raise ContenderError(
                f"{contender.name} failed with {done.returncode}: {' '.join(argv)}\n{reason}"
            )
        found: dict[str, Any] = json.loads(lines[-1])
        return found

    def _environ(self, contender: Contender, job: Job) -> dict[str, str]:
        home = self._home(contender)
        home.mkdir(parents=True, exist_ok=True)
        ambient = {"NODE_OPTIONS", "XDG_CACHE_HOME"}
        found = {
            name: value
            for name, value in os.environ.items()
            if name not in ambient and not name.startswith("LAMBDA_ASSETS_")
        }
        found |= {"HOME": str(home), "LAMBDA_ASSETS_CACHE_DIR": str(home / "cache")}
        if not job.warm:
            found["LAMBDA_ASSETS_NO_CACHE"] = "1"
        return {**found, **(contender.environ or {})}

    def _home(self, contender: Contender) -> Path:
        return self.work / "homes" / contender.name

    def _copies(self, target: Path) -> Path:
        return target / f"copies-{os.getpid()}"

    def _new_copy(self, target: Path) -> str:
        place = self._copies(target)
        place.mkdir(exist_ok=True)
        # What the last one has written is on its way to the disk while the next one runs.
        os.sync()
        self._made += 1
        return str(place / str(self._made))


def asset_ids(assembly: str) -> str:
    """The ids of all assets of a cloud assembly but its templates, in order.

    Args:
        assembly: Its directory.
    """
    ids = []
    for manifest in sorted(Path(assembly).glob("*.assets.json")):
        files = json.loads(manifest.read_text())["files"]
        ids += [id_ for id_, file in files.items() if not is_template(file["source"]["path"])]
    return " ".join(sorted(ids))


def is_template(path: str) -> bool:
    """Whether an asset is the template of a stack.

    Args:
        path: Where it is.
    """
    return path.endswith(".template.json")


def disk_kib(path: str) -> int:
    """What a tree takes of the disk: files with other names elsewhere take nothing.

    Args:
        path: Its top.
    """
    blocks = 0
    for here, _, names in os.walk(path):
        found = [os.lstat(os.path.join(here, name)) for name in (".", *names)]
        blocks += sum(f.st_blocks for f in found if stat.S_ISDIR(f.st_mode) or f.st_nlink == 1)
    return blocks // 2


def read_all(path: str) -> None:
    """Bring a tree into the page cache.

    Args:
        path: Its top.
    """
    for here, _, names in os.walk(path):
        for name in names:
            full = os.path.join(here, name)
            if os.path.isfile(full):
                with open(full, "rb", buffering=0) as file:
                    while file.read(1 << 20):
                        pass


def say(line: str) -> None:
    """Report progress.

    Args:
        line: What happened.
    """
    print(line, file=sys.stderr, flush=True)
