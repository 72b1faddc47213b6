"""The benchmark suite runs, and stops when a contender gets another hash; no figure is looked at here."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the suite measures by what Linux tells in /proc"
)

SUITE = Path(__file__).parents[2] / "benches" / "suite.py"


def run(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    options = {
        "--scale": "0.005",
        "--rounds": "1",
        "--work": str(place / "work"),
        "--results": str(place / "results"),
        "--charts": str(place / "charts"),
        # Node and a built floor program are for real runs.
        "--contenders": "ours,ours-fill,reference,command",
    }
    command = [sys.executable, str(SUITE), *(word for pair in options.items() for word in pair)]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)


def results(place: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((place / "results" / "latest.json").read_text())
    return found


def test_writes_samples_table_and_charts(tmp_path: Path) -> None:
    done = run(tmp_path, "--jobs", "cold,warm,cold-glob20,copy", "--trees", "npm,copy", "--check")
    assert done.returncode == 0, done.stderr
    found = results(tmp_path)
    measured = {(s["job"], s["tree"].split()[0], s["contender"]) for s in found["samples"]}
    assert measured == {
        ("cold", "npm", "ours"),
        ("cold", "npm", "ours-fill"),
        ("cold", "npm", "reference"),
        ("warm", "npm", "ours"),
        ("cold-glob20", "npm", "ours"),
        ("cold-glob20", "npm", "reference"),
        ("copy", "copy", "ours"),
    }
    hashes = {s["result"] for s in found["samples"]}
    # One of all files, one without the excluded ones, none for a copy.
    assert len(hashes) == 3
    assert found["trees"]["npm"]["files"] == 205
    assert "not measured" in done.stdout
    table = (tmp_path / "results" / "README.md").read_text()
    assert "| npm | lambda-assets |" in table
    assert str(tmp_path) not in table + json.dumps(found)
    # matplotlib is in the group `bench`; without it a run has everything but charts.
    drawn = {path.name for path in (tmp_path / "charts").glob("*.svg")}
    if importlib.util.find_spec("matplotlib"):
        assert "benchmark-cold.svg" in drawn
    else:
        assert drawn == set()


def test_the_same_seed_makes_the_same_tree(tmp_path: Path) -> None:
    hashes = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        place = tmp_path / name
        done = run(
            place, "--jobs", "cold", "--trees", "venv", "--contenders", "ours", "--seed", seed
        )
        assert done.returncode == 0, done.stderr
        hashes.append(results(place)["samples"][0]["result"])
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_wrong_hash_stops_the_suite(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "file").write_text("content")
    line = {"wall": 1, "cpu": 1, "peak_kib": 1, "result": "0" * 64, "version": "1"}
    liar = tmp_path / "liar.py"
    liar.write_text(f"print({json.dumps(line)!r})")
    own = ("--tree", f"own={tree}", "--trees", "own", "--jobs", "cold", "--no-charts")
    done = run(tmp_path, *own, "--contender", f"liar={sys.executable} {liar}")
    assert done.returncode == 1
    assert "own with options 'none'" in done.stderr
    assert "liar says 0000" in done.stderr
    assert not (tmp_path / "results").exists()
