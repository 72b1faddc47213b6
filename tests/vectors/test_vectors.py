"""Every vector of the real library, through the native code and through the plain reference."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import _core, errors, reference

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
FINGERPRINTS = json.loads((HERE / "fingerprint-vectors.json").read_text("utf-8"))
IGNORES = json.loads((HERE / "ignore-vectors.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("vectors") / "trees"
    command = [sys.executable, str(HERE / "make_vectors.py"), str(place)]
    subprocess.run(command, check=True, capture_output=True)
    return place


def native(path: str, **options: Any) -> str:
    return _core.fingerprint(path, **options)[0]


IMPLEMENTATIONS = {
    "native": (native, _core.content_value),
    "reference": (reference.fingerprint, reference.content_value),
}

#: How each error text of the library begins → what ours must be.
CLASSES = {
    "ENOENT": FileNotFoundError,
    "ENOTDIR": NotADirectoryError,
    "ELOOP": OSError,
    "ENXIO": OSError,
    "Unable to hash": errors.SpecialFileError,
    "path should be": errors.PatternError,
    "Invalid regular": errors.PatternError,
    "pattern is too long": errors.PatternError,
}


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("row", FINGERPRINTS, ids=lambda row: row["name"])
def test_fingerprint(row: dict[str, Any], implementation: str, trees: Path) -> None:
    fingerprint, content_value = IMPLEMENTATIONS[implementation]
    options = {name: value for name, value in row["options"].items() if value}
    path = f"{trees}/{row['tree']}/{row['target']}"
    if "error" in row:
        [kind] = {kind for start, kind in CLASSES.items() if row["error"].startswith(start)}
        with pytest.raises(kind):
            fingerprint(path, **options)
        return
    assert fingerprint(path, **options) == row["digest"]
    if "content" in row:
        assert content_value(path) == row["content"]


def verdicts(matcher_class: Callable[..., Any], row: dict[str, Any]) -> object:
    """Both answers as the vector has them, or ``error``."""
    try:
        matcher = matcher_class(row["mode"], row["patterns"])
        both = matcher.ignores(row["path"]), matcher.completely_ignores(row["path"])
    except errors.PatternError:
        return "error"
    return tuple(answer if isinstance(answer, bool) else answer[0] for answer in both)


@pytest.mark.parametrize("mode", ["glob", "git", "docker"])
@pytest.mark.parametrize(
    "matcher_class", [_core.Matcher, reference.Matcher], ids=["native", "reference"]
)
def test_patterns(mode: str, matcher_class: Callable[..., Any]) -> None:
    rows = [row for row in IGNORES if row["mode"] == mode]
    assert len(rows) > 4000
    wrong = defaultdict(list)
    for row in rows:
        expected = "error" if "error" in row else (row["ignores"], row["completely"])
        try:
            found = verdicts(matcher_class, row)
        except reference.Untranslatable:
            # Only the plain twin has this way out, and it says which pattern it was.
            wrong["untranslatable"].append(row)
            continue
        if found != expected:
            wrong["different"].append((row, found))
    assert wrong["different"][:20] == []
    assert wrong["untranslatable"][:20] == []
