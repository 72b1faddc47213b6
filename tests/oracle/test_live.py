"""Fresh random input in every run, against the real aws-cdk-lib: zero differences."""

from __future__ import annotations

import os
import random
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import _core, errors, reference
from support.oracle import Oracle, OracleError, OracleHungError, Question
from support.trees import (
    PADDING,
    Link,
    Tree,
    random_content,
    random_path,
    random_patterns,
    random_tree,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLLOW = ["never", "always", "external", "internal-only"]
MODES = ["glob", "git", "docker"]

FINGERPRINTS = 3_000
PATTERN_ROWS = 30_000
CONTENTS = 2_000
COPIES = 300
#: One in so many questions goes to the plain reference as well.
REFERENCE_SHARE = 5


@pytest.fixture
def rng(seed: int, request: pytest.FixtureRequest) -> Iterator[random.Random]:
    print(f"repeat with LAMBDA_ASSETS_TEST_SEED={seed}")
    return random.Random(f"{seed} {request.node.name}")


def random_options(rng: random.Random, paths: list[str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if rng.random() < 0.8:
        options["follow"] = rng.choice(FOLLOW)
    if rng.random() < 0.7:
        options["ignore_mode"] = rng.choice(MODES)
    if rng.random() < 0.7:
        options["exclude"] = random_patterns(rng, paths)
    if rng.random() < 0.2:
        options["extra_hash"] = rng.choice(["salt", "é\U0001f600", "\x01\x02", "a" * 100])
    return options


def outcome(function: Any, *arguments: Any, **options: Any) -> str:
    """A digest, ``error``, ``hang`` where the library does not come back, ``steps`` where we refuse a pattern."""
    try:
        result = function(*arguments, **options)
    except errors.PatternError as error:
        return "steps" if "too many steps" in str(error) else "error"
    except (errors.AssetError, OracleError):
        return "error"
    except OracleHungError:
        # Links whose texts lead in a circle keep its realpath busy for ever (docs/parity.md).
        return "hang"
    except reference.Untranslatable:
        return "untranslatable"
    return result if isinstance(result, str) else result[0]


def test_fingerprints(oracle: Oracle, rng: random.Random, scale: float, tmp_path: Path) -> None:
    asked = errors_seen = refused = 0
    number = 0
    while asked < FINGERPRINTS * scale:
        number += 1
        tree = random_tree(rng)
        place = tmp_path / str(number)
        place.mkdir()
        base = tree.build(place)
        paths = tree.below()
        for _ in range(10):
            options = random_options(rng, paths)
            target = base / "root"
            if rng.random() < 0.1 and paths:
                target = target / rng.choice(paths)
            if is_fifo(target):
                # The library would wait for a writer; what we do is told in docs/parity.md.
                continue
            expected = outcome(oracle.fingerprint, str(target), **options)
            found = outcome(_core.fingerprint, str(target), jobs=rng.choice([1, 2, 4]), **options)
            asked += 1
            errors_seen += expected == "error"
            if expected == "hang":
                refused += 1
                break
            if found == "steps":
                refused += 1
                continue
            context = f"{target} {options}\n{tree.describe()}"
            assert found == expected, context
            if asked % REFERENCE_SHARE == 0:
                plain = outcome(reference.fingerprint, str(target), **options)
                assert plain in {expected, "untranslatable"}, context
    print(
        f"{asked} fingerprints, {errors_seen} errors on both sides, {refused} refused by us alone"
    )
    assert refused < asked / 100
    assert errors_seen < asked / 2


def is_fifo(path: Path) -> bool:
    try:
        return stat.S_ISFIFO(path.stat().st_mode)
    except OSError:
        return False


@pytest.mark.parametrize("mode", MODES)
def test_patterns(oracle: Oracle, rng: random.Random, scale: float, mode: str) -> None:
    rows = refused = 0
    while rows < PATTERN_ROWS / len(MODES) * scale:
        questions = []
        for _ in range(100):
            paths = [random_path(rng) for _ in range(8)]
            patterns = random_patterns(rng, paths)
            questions.append(Question(mode, tuple(patterns), tuple(paths)))
        for question, answers in zip(questions, oracle.verdicts(questions), strict=True):
            for path, answer in zip(question.paths, answers, strict=True):
                rows += 1
                for method, expected in zip(("ignores", "completely_ignores"), answer, strict=True):
                    wanted = "error" if isinstance(expected, OracleError) else expected
                    found = verdict(_core.Matcher, question, path, method)
                    context = f"{question.mode} {list(question.patterns)!r} {method}({path!r})"
                    if found == "steps":
                        refused += 1
                        continue
                    assert found == wanted, context
                    if rows % REFERENCE_SHARE == 0:
                        plain = verdict(reference.Matcher, question, path, method)
                        assert plain in {wanted, "untranslatable"}, f"reference: {context}"
    print(f"{rows} rows in {mode} mode, {refused} refused by us alone")
    assert refused < rows / 1000


def verdict(matcher_class: Any, question: Question, path: str, method: str) -> bool | str:
    try:
        answer = getattr(matcher_class(question.mode, list(question.patterns)), method)(path)
    except errors.PatternError as error:
        return "steps" if "too many steps" in str(error) else "error"
    except reference.Untranslatable:
        return "untranslatable"
    return answer if isinstance(answer, bool) else answer[0]


def test_contents(oracle: Oracle, rng: random.Random, scale: float, tmp_path: Path) -> None:
    paths = []
    for number in range(int(CONTENTS * scale)):
        path = tmp_path / str(number)
        path.write_bytes(random_content(rng, long=0.5))
        paths.append(path)
    for path, expected in zip(paths, oracle.content_values(paths), strict=True):
        assert _core.content_value(path) == expected, path.read_bytes()
        assert reference.content_value(path) == expected, path.read_bytes()


def picture(top: Path) -> dict[str, object]:
    """Everything about a copied tree that the rules promise."""
    found: dict[str, object] = {}
    for here, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(here, name)
            status = os.lstat(path)
            relative = os.path.relpath(path, top)
            if stat.S_ISLNK(status.st_mode):
                found[relative] = ("link", os.readlink(path))
            elif stat.S_ISDIR(status.st_mode):
                found[relative] = ("directory", stat.S_IMODE(status.st_mode))
            else:
                found[relative] = (stat.S_IMODE(status.st_mode), Path(path).read_bytes())
    return found


def copied(function: Any, *arguments: Any, **options: Any) -> str:
    function(*arguments, **options)
    return "copied"


def has_twin_link(tree: Tree) -> bool:
    """Whether a name that is not UTF-8 lies beside a link with its decoded name."""
    for name in tree.entries:
        twin = name.decode("utf-8", "replace").encode()
        if twin != name and isinstance(tree.entries.get(twin), Link):
            return True
    return False


def check_one_pass(source: Path, place: Path, options: dict[str, Any], tree: Tree) -> None:
    """Hash and copy in one pass: the same as one after the other, by bytes and by the digest cache."""
    context = f"{options}\n{tree.describe()}"
    apart = {key: value for key, value in options.items() if key != "extra_hash"}
    digest = outcome(_core.fingerprint, source, **options)
    copy = outcome(copied, _core.copy_directory, source, place / "apart", **apart)
    failed = {digest, copy} & {"error", "steps"}
    cache = _core.CacheDir(place / "cache", uid=os.geteuid())
    for number in range(2):
        to = place / f"one-pass-{number}"
        found = outcome(_core.fingerprint_and_copy, source, to, cache=cache, **options)
        if failed:
            assert found in failed, context
            assert not to.exists(), context
        else:
            assert found == digest, context
            assert picture(to) == picture(place / "apart"), context


def check_content_digest(
    source: Path, copy: Path, place: Path, options: dict[str, Any], context: str
) -> None:
    """A source and its copy have one digest, from bytes and from the cache; a copy that is touched has another."""
    if outcome(_core.fingerprint, source, **options) == "error":
        return  # a copy leaves out what is no file; nothing without a hash is staged
    copy.mkdir(exist_ok=True)  # nothing is made where nothing is copied
    cache = _core.CacheDir(place / "digests", uid=os.geteuid())
    for exact in (True, False, False):
        wanted = _core.content_digest(source, exact=exact, of_copy=True, cache=cache, **options)
        assert _core.content_digest(copy, follow="never", exact=exact, cache=cache) == wanted, (
            context
        )
    (copy / "one more").mkdir()
    assert _core.content_digest(copy, follow="never", cache=cache) != wanted, context


def test_copies(oracle: Oracle, rng: random.Random, scale: float, tmp_path: Path) -> None:
    failed = 0
    copies = int(COPIES * scale)
    for number in range(copies):
        tree = random_tree(rng)
        place = tmp_path / str(number)
        place.mkdir()
        base = tree.build(place)
        options = random_options(rng, tree.below())
        source = base / "root"
        if rng.random() < 0.2:
            # A copy judges links by where it was told to look, not by where that is. Its `..` must
            # not lead to where the copies are.
            source = place / "through" / PADDING / "root"
            source.parent.mkdir(parents=True)
            source.symlink_to(base / "root")
        check_one_pass(source, place, options, tree)
        options.pop("extra_hash", None)
        if rng.random() < 0.2:
            options["root_dir"] = str(base)
        # Beside each other, so that kept links to the outside have the same text in both.
        theirs, ours = place / "theirs", place / "ours"
        expected = outcome(copied, oracle.copy_directory, str(source), str(theirs), **options)
        found = outcome(copied, _core.copy_directory, str(source), str(ours), **options)
        context = f"{options}\n{tree.describe()}"
        if found == "steps" or expected == "hang":
            continue
        if has_twin_link(tree) and (found, expected) == ("copied", "error"):
            continue  # the library makes the directory where it will want to make the link
        assert found == expected, context
        if expected == "error":
            failed += 1
            assert not ours.exists(), context
        elif not has_twin_link(tree):
            # With one the library writes through a link that it copied; we never do (docs/parity.md).
            assert picture(ours) == picture(theirs), context
            if "root_dir" not in options:
                check_content_digest(source, ours, place, options, context)
        assert not [name for name in os.listdir(place) if name.startswith(".lambda-assets")], (
            context
        )
    print(f"{copies} copies, {failed} errors on both sides")
    assert failed < copies / 2
