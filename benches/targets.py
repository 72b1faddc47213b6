"""What the package promises about speed and memory, in one table, and how a run compares with it.

Timing decides no test: a comparison is printed, and that is all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from summary import find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Rows = Sequence[dict[str, Any]]

NODE = "node"
OURS = "ours"


@dataclass(frozen=True)
class Target:
    """One promise.

    Attributes:
        name: What it is about.
        bound: The figure.
        measure: Takes the figure from a summary; None if it was not measured.
        at_most: The figure is an upper bound instead of a lower one.
        unit: Follows the figure.
    """

    name: str
    bound: float
    measure: Callable[[Rows], float | None]
    at_most: bool = False
    unit: str = "x"

    def met(self, found: float) -> bool:
        """Whether a figure keeps the promise."""
        return found <= self.bound if self.at_most else found >= self.bound


def check(rows: Rows) -> str:
    """Compare a run with all targets.

    Args:
        rows: The summary of a run.

    Returns:
        One line a target: name, bound, figure, whether it is met.
    """
    lines = [f"{'target':<58} {'bound':>12} {'measured':>12}  met"]
    for target in TARGETS:
        found = target.measure(rows)
        sign = "<=" if target.at_most else ">="
        bound = f"{sign} {target.bound:g} {target.unit}"
        figure = "-" if found is None else f"{found:.2f} {target.unit}"
        verdict = "not measured" if found is None else "yes" if target.met(found) else "NO"
        lines.append(f"{target.name:<58} {bound:>12} {figure:>12}  {verdict}")
    return "\n".join(lines)


def _ratio(job: str, tree: str) -> Callable[[Rows], float | None]:
    def measure(rows: Rows) -> float | None:
        row = find(rows, job, tree, OURS)
        return row["ratio"] if row else None

    return measure


def _against(
    job: str, tree: str, other: str, mine: str = OURS, field: str = "median_ms"
) -> Callable[[Rows], float | None]:
    """Our figure divided by that of another."""

    def measure(rows: Rows) -> float | None:
        ours, theirs = find(rows, job, tree, mine), find(rows, job, tree, other)
        if not (ours and theirs and ours[field] and theirs[field]):
            return None
        return float(ours[field]) / float(theirs[field])

    return measure


def _growth(job: str) -> Callable[[Rows], float | None]:
    """Cost per file of half a million files divided by that of ten thousand."""

    def measure(rows: Rows) -> float | None:
        small, large = find(rows, job, "scale-10k", OURS), find(rows, job, "scale-500k", OURS)
        if not (small and large):
            return None
        return float(large["median_ms"]) / 50 / float(small["median_ms"])

    return measure


def _peak(job: str, tree: str) -> Callable[[Rows], float | None]:
    def measure(rows: Rows) -> float | None:
        row = find(rows, job, tree, OURS)
        return row["peak_mib"] if row else None

    return measure


def _worst_memory(rows: Rows) -> float | None:
    """The largest ratio of our peak memory to Node's over all jobs and trees."""
    ratios = [
        ratio
        for job, tree in {(row["job"], row["tree"]) for row in rows}
        if (ratio := _against(job, tree, NODE, field="peak_mib")(rows)) is not None
    ]
    return max(ratios, default=None)


def _ratios() -> Iterator[Target]:
    cold = {"npm": 6.5, "venv": 5, "icons": 8, "gen": 8}
    warm = {"npm": 7.5, "venv": 6.8, "icons": 6, "gen": 20}
    big = {"binary": 1.5, "ascii": 2.2, "utf8": 5, "crlf": 3}
    for tree, bound in cold.items():
        yield Target(f"cold {tree}, against Node", bound, _ratio("cold", tree))
    for tree, bound in warm.items():
        yield Target(f"warm {tree}, against Node", bound, _ratio("warm", tree))
    for kind, bound in big.items():
        yield Target(f"cold 512 MiB {kind}, against Node", bound, _ratio("big", f"big-{kind}"))
    for tree in ("npm", "venv"):
        for state, bound in (("cold", 15), ("warm", 40)):
            measure = _ratio(f"{state}-glob20", tree)
            yield Target(f"{state} {tree}, 20 GLOB excludes, against Node", bound, measure)
    for system, bound in (("ext4", 4), ("tmpfs", 3.3)):
        measure = _ratio("copy", f"copy to {system}")
        yield Target(f"copy to fresh {system}, against Node", bound, measure)
    measure = _ratio("stage", "copy to ext4")
    yield Target("fingerprint and copy in one pass, against Node", 5, measure)


def _bounds() -> Iterator[Target]:
    for tree in ("npm", "venv", "icons", "gen"):
        bound = 1.25 if tree in {"icons", "gen"} else 1.15
        measure = _against("cold", tree, "floor-hash")
        yield Target(f"cold {tree}, against the floor with SHA-256", bound, measure, at_most=True)
        measure = _against("cold", tree, "floor-settled")
        yield Target(f"cold {tree}, against that and a second stat", bound, measure, at_most=True)
    for tree in ("npm", "venv", "icons", "gen"):
        measure = _against("warm", tree, "floor-stat")
        yield Target(f"warm {tree}, against list and stat", 1.2, measure, at_most=True)
        measure = _against("warm", tree, "floor-order")
        yield Target(f"warm {tree}, against that and an outer hash", 1.2, measure, at_most=True)
    for state in ("cold", "warm"):
        for key in ("glob10", "git10", "docker10"):
            measure = _with_excludes(state, key)
            name = f"{state} npm, {key} excludes, against none"
            yield Target(name, 1.0, measure, at_most=True)
    for system in ("ext4", "tmpfs"):
        measure = _against("copy", f"copy to {system}", "cp")
        yield Target(f"copy to {system}, against cp -a", 1.0, measure, at_most=True)
    measure = _against("cli", "npm", "command", mine="import")
    yield Target("start-up and imports of the command, share", 0.5, measure, at_most=True)
    for state in ("cold", "warm"):
        name = f"{state}, cost per file at 500,000 against 10,000"
        yield Target(name, 1.2, _growth(f"scale-{state}"), at_most=True)
    yield Target("peak memory against Node, worst case", 1.0, _worst_memory, at_most=True)
    for state in ("cold", "warm"):
        measure = _peak(f"scale-{state}", "scale-500k")
        name = f"{state}, peak memory of 500,000 files"
        yield Target(name, 150, measure, at_most=True, unit="MiB")


def _with_excludes(state: str, key: str) -> Callable[[Rows], float | None]:
    def measure(rows: Rows) -> float | None:
        plain, excluded = find(rows, state, "npm", OURS), find(rows, f"{state}-{key}", "npm", OURS)
        if not (plain and excluded):
            return None
        return float(excluded["median_ms"]) / float(plain["median_ms"])

    return measure


TARGETS = (*_ratios(), *_bounds())
