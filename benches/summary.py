"""From raw samples to medians, ranges and ratios."""

from __future__ import annotations

from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Whom the others are compared with, by the job's operation.
BASELINES = ("node", "node-command")
#: These do a part of what the others do: a ratio would say nothing.
PARTS = {"interpreter", "import"}


def summarise(samples: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each job, tree and contender, in the order of the samples.

    Args:
        samples: Raw samples.

    Returns:
        Rows with milliseconds, ratios to aws-cdk-lib (more is faster) and memory. A ratio is the median of the ratios of
        the rounds, so that a slow minute of the machine weighs on both sides.
    """
    grouped: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for sample in samples:
        key = (sample["job"], sample["tree"], sample["contender"])
        grouped.setdefault(key, []).append(sample)
    rows = []
    for (job, tree, contender), mine in grouped.items():
        names = () if contender in PARTS else BASELINES
        baseline = next(
            (grouped[job, tree, name] for name in names if (job, tree, name) in grouped), []
        )
        rows.append(
            {
                "job": job,
                "tree": tree,
                "contender": contender,
                **_times(mine),
                **_ratios(baseline, mine),
            }
        )
    return rows


def find(
    rows: Iterable[dict[str, Any]], job: str, tree: str, contender: str
) -> dict[str, Any] | None:
    """The row of a contender.

    Args:
        rows: A summary.
        job: Name of the job.
        tree: Name of the tree.
        contender: Name of the contender.
    """
    wanted = (job, tree, contender)
    return next((r for r in rows if (r["job"], r["tree"], r["contender"]) == wanted), None)


def by_job(rows: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The rows of each job.

    Args:
        rows: A summary, whose rows of one job follow each other.
    """
    return [(job, list(mine)) for job, mine in groupby(rows, key=lambda row: row["job"])]


def _times(samples: Sequence[dict[str, Any]]) -> dict[str, Any]:
    walls = [sample["wall"] * 1000 for sample in samples]
    disks = [sample["disk_kib"] for sample in samples if sample.get("disk_kib") is not None]
    peaks = [sample["peak_kib"] for sample in samples if sample["peak_kib"] is not None]
    return {
        "rounds": len(walls),
        "noisy": sum(sample["noisy"] for sample in samples),
        "median_ms": round(median(walls), 2),
        "min_ms": round(min(walls), 2),
        "max_ms": round(max(walls), 2),
        "cpu_ms": round(median(sample["cpu"] * 1000 for sample in samples), 2),
        "peak_mib": round(max(peaks) / 1024, 1) if peaks else None,
        "disk_mib": round(max(disks) / 1024, 1) if disks else None,
    }


def _ratios(
    baseline: Sequence[dict[str, Any]], samples: Sequence[dict[str, Any]]
) -> dict[str, float | None]:
    theirs = {sample["round"]: sample["wall"] for sample in baseline}
    ratios = [theirs[s["round"]] / s["wall"] for s in samples if s["round"] in theirs]
    if not ratios:
        return {"ratio": None, "ratio_min": None, "ratio_max": None}
    return {
        "ratio": round(median(ratios), 2),
        "ratio_min": round(min(ratios), 2),
        "ratio_max": round(max(ratios), 2),
    }
