"""Results for people: JSON, a Markdown table and charts.

    python benches/report.py benches/results/latest.json

redraws the table and all charts from the JSON alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import BY_NAME
from summary import by_job, find

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
#: Programs that are named once: the version of these is that of another, or of nothing.
UNVERSIONED = {"command", "import", "interpreter", "reference"}
VERSIONED = {"node": "aws-cdk-lib", "node-command": "Node", "cp": "cp:", "sha256sum": "sha256sum:"}
METHOD = (
    "Times are of the operation alone, without start-up: medians, and the least and the most. A ratio is the median over "
    "the rounds of aws-cdk-lib's time divided by the contender's: more is faster. `~` marks a figure during which other "
    "processes used more than 8 % of a core in at least one round. In a cold hash aws-cdk-lib always writes its cache: "
    "`filling its cache` is the same for lambda-assets, which otherwise runs without one."
)


def write(results: dict[str, Any], place: Path, charts: Path | None) -> None:
    """Write everything.

    Args:
        results: Raw samples, summary and what they were measured on.
        place: Takes ``latest.json`` and ``README.md``.
        charts: Takes the charts, None for no charts.
    """
    place.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results, indent=1, sort_keys=False)
    (place / "latest.json").write_text(text + "\n")
    draw(results, place, charts)


def draw(results: dict[str, Any], place: Path, charts: Path | None) -> None:
    """Write table and charts.

    Args:
        results: What a run has found.
        place: Takes ``README.md``.
        charts: Takes the charts, None for no charts.
    """
    (place / "README.md").write_text(markdown(results))
    if charts is None:
        return
    if find_spec("matplotlib") is None:
        print("no charts: matplotlib is not installed (group bench)", file=sys.stderr)
        return
    from charts import draw_all  # noqa: PLC0415  half a second, and not everybody has it

    charts.mkdir(parents=True, exist_ok=True)
    draw_all(results, charts)


def markdown(results: dict[str, Any]) -> str:
    """The results as Markdown.

    Args:
        results: What a run has found.
    """
    lines = [*_head(results), *_trees(results)]
    for job, rows in by_job(results["summary"]):
        title = BY_NAME[job].title
        lines += [
            "",
            f"## {title[0].upper()}{title[1:]} (`{job}`)",
            "",
            *_table(results, job, rows),
        ]
    return "\n".join(lines) + "\n"


def _head(results: dict[str, Any]) -> Iterator[str]:
    machine, settings = results["machine"], results["settings"]
    labels = results["labels"]
    versions = [
        f"{VERSIONED.get(name, labels.get(name, name))} {version}"
        for name, version in results["versions"].items()
        if name not in UNVERSIONED and not name.startswith(("floor-", "ours-"))
    ]
    yield "# Benchmark results"
    yield ""
    yield "Written by `nox -s bench`; `python benches/report.py benches/results/latest.json` redraws this page and the charts."
    yield ""
    yield (
        f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB, {machine['kernel']}, "
        f"{machine['file_system']}, Python {machine['python']}; page cache warm. {_rounds(results)} rounds, all "
        f"contenders in turn, each in a fresh process. {METHOD}"
    )
    yield ""
    yield (
        f"Scale {settings['scale']:g}, seed {settings['seed']}, commit {results['commit']}. "
        f"{'; '.join(versions)}."
    )


def _rounds(results: dict[str, Any]) -> str:
    """Of all jobs together, which may have been run with different numbers."""
    rounds = [row["rounds"] for row in results["summary"]]
    least, most = min(rounds), max(rounds)
    return f"{most}" if least == most else f"{least} to {most}"


def _trees(results: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield "| tree | files | directories | links | MB | size, median | 90 % |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for name, tree in results["trees"].items():
        counts = f"{tree['files']:,} | {tree['dirs']:,} | {tree['links']}"
        sizes = f"{tree['bytes'] / 1e6:,.1f} | {tree['p50']:,} | {tree['p90']:,}"
        yield f"| {name} | {counts} | {sizes} |"


def _table(results: dict[str, Any], job: str, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    by_file = job.startswith("scale-")
    on_disk = any(row.get("disk_mib") is not None for row in rows)
    extra = " µs a file |" if by_file else " MiB on disk |" if on_disk else ""
    yield f"| tree | contender | median ms | range | times faster than aws-cdk-lib | cpu ms | peak MiB |{extra}"
    yield "|---|---|--:|--:|--:|--:|--:|" + ("--:|" if extra else "")
    for row in rows:
        label = results["labels"].get(row["contender"], row["contender"]).replace("|", "\\|")
        mark = "~" if row["noisy"] else ""
        ratio = (
            ""
            if row["ratio"] is None
            else f"{row['ratio']:.1f} ({row['ratio_min']:.1f}-{row['ratio_max']:.1f})"
        )
        peak = "" if row["peak_mib"] is None else f"{row['peak_mib']:,.0f}"
        line = (
            f"| {row['tree']} | {label} | {mark}{row['median_ms']:,.1f} "
            f"| {row['min_ms']:,.1f}-{row['max_ms']:,.1f} | {ratio} | {row['cpu_ms']:,.1f} | {peak} |"
        )
        if by_file:
            files = results["trees"][row["tree"]]["files"]
            line += f" {row['median_ms'] * 1000 / files:.1f} |"
        elif on_disk:
            line += f" {row['disk_mib']:,.1f} |"
        yield line
    if job == "cli":
        yield from _start_up(rows)


def _start_up(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    for tree in dict.fromkeys(row["tree"] for row in rows):
        whole, start = (find(rows, "cli", tree, name) for name in ("command", "import"))
        if whole and start:
            share = start["median_ms"] / whole["median_ms"]
            yield ""
            yield f"On {tree}, start-up of the interpreter and imports are {share:.0%} of the command's time."


def main() -> None:
    """Redraw from a results file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--charts", type=Path, default=ROOT / "docs/assets")
    options = parser.parse_args()
    draw(json.loads(options.results.read_text()), options.results.parent, options.charts)


if __name__ == "__main__":
    main()
