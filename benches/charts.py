"""Charts as SVG: one for the README, one for each job. The same results give the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from jobs import BY_NAME
from summary import by_job, find

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    Rows = Sequence[dict[str, Any]]

OURS, NODE, OTHER, FLOOR = "#0b7285", "#c2255c", "#868e96", "#e8890c"
INK, FAINT = "#212529", "#dee2e6"
ROW_INCHES = 0.3
#: Milliseconds above which tenths say nothing.
WHOLE_FROM = 100
#: Job, its heading in the main chart, whose ratio is the limit.
MAIN = (
    ("cold", "cold", "floor-hash"),
    ("warm", "warm", "floor-stat"),
    ("cold-glob20", "cold, 20 GLOB excludes", None),
    ("warm-glob20", "warm, 20 GLOB excludes", None),
    ("copy", "copy", None),
    ("stage", "hash and copy", None),
)
#: Trees as readers of the README know them.
TREES = {
    "npm": "node_modules, {files:,} files",
    "icons": "tiny modules, {files:,} files",
    "venv": "virtual environment, {files:,} files",
    "gen": "small files, {files:,}",
    "big-binary": "binary, {mib:,.0f} MiB",
    "big-ascii": "ASCII text, {mib:,.0f} MiB",
    "big-utf8": "UTF-8 text, {mib:,.0f} MiB",
    "big-crlf": "text with CR LF, {mib:,.0f} MiB",
    "big-memory": "{files} binary files, {mib:,.0f} MiB together",
    "real-npm": "real node_modules, {files:,} files",
    "real-venv": "real virtual environment, {files:,} files",
}


def draw_all(results: dict[str, Any], place: Path) -> None:
    """Draw every chart that the results have rows for.

    Args:
        results: What a run has found.
        place: Takes ``benchmark.svg`` and ``benchmark-JOB.svg``.
    """
    style = {
        "svg.hashsalt": "lambda-assets",
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "text.color": INK,
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.edgecolor": FAINT,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with mpl.rc_context(style):
        _save(_main(results), place / "benchmark.svg")
        for job, rows in by_job(results["summary"]):
            figure = (
                _by_files(results, job, rows)
                if job.startswith("scale-")
                else _times(results, job, rows)
            )
            _save(figure, place / f"benchmark-{job}.svg")


def _save(figure: Figure | None, path: Path) -> None:
    if figure is not None:
        # An opaque ground, for readers in the dark; no date, for equal bytes.
        figure.savefig(path, facecolor="white", metadata={"Date": None, "Creator": None})


def _tree_label(results: dict[str, Any], tree: str) -> str:
    name, _, place = tree.partition(" to ")
    known = results["trees"].get(name)
    if known is None:
        return tree
    mib = known["bytes"] / 2**20
    if place:
        return f"{known['files']:,} files, {mib:,.0f} MiB, to {place}"
    return TREES[name].format(**known, mib=mib) if name in TREES else name


def _main(results: dict[str, Any]) -> Figure | None:
    """How many times faster than aws-cdk-lib, by job and tree."""
    rows = results["summary"]
    lines: list[tuple[str, dict[str, Any] | None, float | None]] = []
    for job, heading, limit in MAIN:
        mine = [r for r in rows if r["job"] == job and r["contender"] == "ours" and r["ratio"]]
        if mine:
            lines.append((heading, None, None))
        for row in mine:
            floor = find(rows, job, row["tree"], limit) if limit else None
            lines.append(
                (_tree_label(results, row["tree"]), row, floor["ratio"] if floor else None)
            )
    if not lines:
        return None
    figure = Figure(figsize=(8.4, 1.5 + ROW_INCHES * len(lines)), layout="constrained")
    axes = figure.add_subplot()
    most = max(max(row["ratio_max"], floor or 0) for _, row, floor in lines if row)
    for place, (_, row, floor) in enumerate(lines):
        if row is not None:
            _main_row(axes, place, row, floor, most)
    _rows(axes, [label for label, _, _ in lines], most)
    for text, (_, row, _) in zip(axes.get_yticklabels(), lines, strict=True):
        text.set_weight("bold" if row is None else "normal")
    axes.axvline(1, color=NODE, lw=1.4, label=f"aws-cdk-lib {results['versions'].get('node', '')}")
    axes.set_xlabel("times faster than aws-cdk-lib in Node (more is better)")
    figure.suptitle("lambda-assets against aws-cdk-lib", x=0.01, ha="left", weight="bold")
    axes.set_title(_conditions(results), loc="right", fontsize=8)
    axes.barh([0], [0], color=OURS, label="lambda-assets, with the range over the rounds")
    axes.plot([], [], color=FLOOR, lw=2.2, label="limit of the machine (floor program)")
    figure.legend(loc="outside lower left", ncols=3, frameon=False, fontsize=8)
    return figure


def _main_row(
    axes: Axes, place: int, row: dict[str, Any], floor: float | None, most: float
) -> None:
    _bar(axes, place, (row["ratio"], row["ratio_min"], row["ratio_max"]), OURS)
    end = row["ratio_max"]
    if floor:
        axes.plot([floor, floor], [place - 0.42, place + 0.42], color=FLOOR, lw=2.2)
        # Between bar and limit if there is room, else behind both.
        end = end if floor - end > most * 0.09 else max(end, floor)
    axes.text(end + most * 0.012, place, f"{row['ratio']:.1f}", va="center", weight="bold")


def _conditions(results: dict[str, Any]) -> str:
    machine, rounds = results["machine"], results["settings"]["rounds"]
    cores = f"{machine['cores']} cores of {machine['cpu']}"
    return f"{cores}, {machine['file_system']}, page cache warm, medians of {rounds} rounds"


def _bar(axes: Axes, place: float, values: tuple[float, float, float], color: str) -> None:
    middle, least, most = values
    axes.barh([place], [middle], height=0.66, color=color)
    whiskers = [[middle - least], [most - middle]]
    axes.errorbar([middle], [place], xerr=whiskers, color=INK, lw=1, capsize=2.5)


def _rows(axes: Axes, labels: Sequence[str], most: float) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlim(0, most * 1.14)
    axes.grid(axis="x", color=FAINT, lw=0.6)
    axes.set_axisbelow(True)


def _times(results: dict[str, Any], job: str, rows: Rows) -> Figure:
    """Milliseconds of each contender, one panel a tree."""
    trees = list(dict.fromkeys(row["tree"] for row in rows))
    panels = [[row for row in rows if row["tree"] == tree] for tree in trees]
    heights = [len(panel) + 1.6 for panel in panels]
    figure = Figure(figsize=(8.4, 0.7 + ROW_INCHES * sum(heights)), layout="constrained")
    found = figure.subplots(len(panels), 1, gridspec_kw={"height_ratios": heights}, squeeze=False)
    for axes, tree, panel in zip(found.flat, trees, panels, strict=True):
        most = max(row["max_ms"] for row in panel)
        for place, row in enumerate(sorted(panel, key=lambda row: row["median_ms"])):
            values = (row["median_ms"], row["min_ms"], row["max_ms"])
            _bar(axes, place, values, _color(row["contender"]))
            text = f"{row['median_ms']:,.{0 if row['median_ms'] >= WHOLE_FROM else 1}f}"
            if row["ratio"] and not row["contender"].startswith("node"):
                text += f"  ({row['ratio']:.1f}x)"
            axes.text(row["max_ms"] + most * 0.012, place, text, va="center", fontsize=8)
        ordered = sorted(panel, key=lambda row: row["median_ms"])
        _rows(axes, [results["labels"].get(r["contender"], r["contender"]) for r in ordered], most)
        axes.set_title(_tree_label(results, tree), loc="left", fontsize=9, weight="bold")
    found.flat[-1].set_xlabel(
        "milliseconds (less is better); in brackets how many times faster than aws-cdk-lib"
    )
    title = BY_NAME[job].title
    figure.suptitle(f"{title[0].upper()}{title[1:]}", x=0.01, ha="left", weight="bold")
    return figure


def _by_files(results: dict[str, Any], job: str, rows: Rows) -> Figure:
    """Cost per file and peak memory against the number of files."""
    figure = Figure(figsize=(8.4, 3.2), layout="constrained")
    costs, memory = figure.subplots(1, 2)
    for name, color in (("node", NODE), ("ours", OURS)):
        mine = [row for row in rows if row["contender"] == name]
        files = [results["trees"][row["tree"]]["files"] for row in mine]
        label = results["labels"].get(name, name)
        cost = [row["median_ms"] * 1000 / n for row, n in zip(mine, files, strict=True)]
        costs.plot(files, cost, "o-", color=color, label=label)
        memory.plot(files, [row["peak_mib"] for row in mine], "o-", color=color, label=label)
    for axes, title in ((costs, "µs a file"), (memory, "peak memory, MiB")):
        axes.set(xscale="log", ylim=(0, None), xlabel="files", title=title)
        axes.grid(color=FAINT, lw=0.6)
    costs.legend(frameon=False)
    title = BY_NAME[job].title
    figure.suptitle(f"{title[0].upper()}{title[1:]}", x=0.01, ha="left", weight="bold")
    return figure


def _color(contender: str) -> str:
    if contender.startswith("floor"):
        return FLOOR
    if contender in {"node", "node-command"}:
        return NODE
    return OURS if contender.startswith("ours") or contender == "command" else OTHER
