"""Everything side by side: makes trees, runs all contenders in turn, writes results and charts.

    python benches/suite.py --scale 0.05 --rounds 3 --jobs cold,warm

``nox -s bench`` installs what it needs. Figures of one run are comparable with each other, not with those of another
machine. Copies need a file system from which nothing was deleted for a while: ext4 avoids freed inodes for minutes, and
creating a file then takes a millisecond. Best is a fresh one, given by ``--copy-to``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import real
import report
import targets
import trees
from contenders import ROOT, Contender, Places, all_contenders, custom
from jobs import JOBS
from machine import facts, file_system
from measure import Bench, ContenderError, HashMismatchError, say
from summary import summarise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobs import Job

SCHEMA = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run what the command line asks for.

    Args:
        argv: Arguments, those of the process if None.

    Returns:
        0, or 1 if contenders disagree or fail.
    """
    options = parser().parse_args(argv)
    options.work.mkdir(parents=True, exist_ok=True)
    older = _older(options)
    contenders = _contenders(options)
    copies = _targets(options)
    bench = Bench(options.work, contenders, options.rounds, copies, options.all)
    made: dict[str, trees.Tree] = {}
    try:
        for job, names in _plan(options):
            for name in names:
                if name not in made:
                    made[name] = _tree(options, name)
            chosen = [made[name] for name in names]
            for tree in [trees.together(chosen)] if job.operation == "app" else chosen:
                bench.run(job, tree)
    except (HashMismatchError, ContenderError) as error:
        say(f"error: {error}")
        return 1
    finally:
        bench.clean()
    results = _results(options, bench, made, older)
    report.write(results, options.results, None if options.no_charts else options.charts)
    if options.check:
        print(targets.check(results["summary"]))
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = found.add_argument
    work = ROOT / "benches/.work"
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    modules = os.environ.get("LAMBDA_ASSETS_ORACLE") or ROOT / "tests/oracle/node_modules"
    add("--jobs", type=_words, default=(), help="only these: " + ", ".join(j.name for j in JOBS))
    add("--trees", type=_words, default=(), help="only these: " + ", ".join(trees.NAMES))
    add("--contenders", type=_words, default=(), help="only these")
    add("--rounds", type=int, default=5, help="turns of each contender (5)")
    add("--scale", type=float, default=1.0, help="size of the trees (1)")
    add("--seed", type=int, default=1, help="seed of the trees (1)")
    add("--all", action="store_true", help="slow contenders on large trees, too")
    add("--tree", type=_pair, action="append", default=[], metavar="NAME=PATH", help="an own tree")
    add("--real", action="store_true", help="install real packages, and measure on them as well")
    add("--contender", type=_pair, action="append", default=[], metavar="NAME=COMMAND")
    add("--work", type=Path, default=work, help="keeps trees and caches, and takes the copies")
    add("--copy-to", type=Path, action="append", default=[], help="copy to here, not to --work")
    add("--node-modules", type=Path, default=Path(modules), help="where aws-cdk-lib is")
    add(
        "--floor",
        type=Path,
        default=target / "release/lambda-assets-floor",
        help="the floor program",
    )
    add("--results", type=Path, default=ROOT / "benches/results", help="takes JSON and table")
    add("--charts", type=Path, default=ROOT / "docs/assets", help="takes the charts")
    add("--no-charts", action="store_true", help="no charts")
    add("--add", action="store_true", help="keep what the results hold of other jobs and trees")
    add("--check", action="store_true", help="compare with the targets")
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _contenders(options: argparse.Namespace) -> dict[str, Contender]:
    everybody = all_contenders(Places(options.node_modules.resolve(), options.floor.resolve()))
    everybody |= {name: custom(name, command) for name, command in options.contender}
    own = {name for name, _ in options.contender}
    unknown = set(options.contenders) - set(everybody)
    if unknown:
        sys.exit(
            f"unknown contender {', '.join(sorted(unknown))}; there are {', '.join(everybody)}"
        )
    taking_part = {}
    for name, contender in everybody.items():
        if options.contenders and name not in options.contenders and name not in own:
            continue
        if contender.absent:
            say(f"without {name}: {contender.absent}")
        else:
            taking_part[name] = contender
    return taking_part


def _plan(options: argparse.Namespace) -> list[tuple[Job, list[str]]]:
    """Each job with its trees; own and real trees take part wherever a whole tree is hashed."""
    unknown = set(options.jobs) - {job.name for job in JOBS}
    if unknown:
        sys.exit(f"unknown job {', '.join(sorted(unknown))}")
    own = [name for name, _ in options.tree] + (list(real.NAMES) if options.real else [])
    names = [name for name, _ in options.contender]
    found = []
    for job in JOBS:
        chosen = [name for name in job.trees if not options.trees or name in options.trees]
        if "npm" in job.trees:
            chosen += own
        if options.jobs and job.name not in options.jobs:
            continue
        if names and job.operation == "fingerprint":
            found.append((replace(job, contenders=(*job.contenders, *names)), chosen))
        else:
            found.append((job, chosen))
    return found


def _tree(options: argparse.Namespace, name: str) -> trees.Tree:
    own = dict(options.tree)
    if name in own:
        return trees.existing(name, own[name])
    if name in real.NAMES:
        return trees.existing(name, str(real.install(name, options.work)))
    say(f"tree {name}")
    return trees.make(name, options.work, scale=options.scale, seed=options.seed)


def _targets(options: argparse.Namespace) -> list[Path]:
    """Where copies go, one directory for each type of file system, by which results tell them apart."""
    found = options.copy_to or [options.work]
    kinds = [file_system(target) for target in found]
    if len(set(kinds)) < len(kinds):
        sys.exit(f"--copy-to: the same file system twice in {', '.join(kinds)}")
    return list(found)


def _older(options: argparse.Namespace) -> dict[str, Any] | None:
    """The results to add to, which must come from the same machine and trees."""
    place = options.results / "latest.json"
    if not options.add or not place.is_file():
        return None
    found: dict[str, Any] = json.loads(place.read_text())
    if found["machine"] != facts(options.work):
        sys.exit(f"--add: {place} was measured on another machine")
    if any(found["settings"][name] != getattr(options, name) for name in ("scale", "seed")):
        sys.exit(f"--add: {place} was measured with another scale or seed")
    return found


def _results(
    options: argparse.Namespace,
    bench: Bench,
    made: dict[str, trees.Tree],
    older: dict[str, Any] | None,
) -> dict[str, Any]:
    described = {
        name: {k: v for k, v in asdict(t).items() if k != "path"} for name, t in made.items()
    }
    samples = [asdict(sample) for sample in bench.samples]
    labels = {name: contender.label for name, contender in bench.contenders.items()}
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "machine": facts(options.work),
        "versions": bench.versions,
        "commit": _commit(),
        "settings": {"scale": options.scale, "seed": options.seed, "rounds": options.rounds},
        "labels": labels,
        "trees": described,
        "samples": samples,
    }
    if older:
        found = _added(older, found)
    order = {job.name: place for place, job in enumerate(JOBS)}
    found["samples"].sort(key=lambda sample: order[sample["job"]])
    found["summary"] = summarise(found["samples"])
    return found


def _added(older: dict[str, Any], newer: dict[str, Any]) -> dict[str, Any]:
    """The older results with the newer ones in the place of those of the same job and tree."""
    replaced = {(sample["job"], sample["tree"]) for sample in newer["samples"]}
    kept = [s for s in older["samples"] if (s["job"], s["tree"]) not in replaced]
    merged = {key: {**older[key], **newer[key]} for key in ("versions", "labels", "trees")}
    commits = dict.fromkeys(filter(None, (*str(older["commit"]).split(", "), newer["commit"])))
    merged["commit"] = ", ".join(commits)
    return {**newer, **merged, "samples": [*kept, *newer["samples"]]}


def _commit() -> str | None:
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    done = subprocess.run(git, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


if __name__ == "__main__":
    sys.exit(main())
