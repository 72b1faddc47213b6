"""Random apps, written once as data, built with aws_cdk and with this package: the same assemblies and errors."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lambda_assets
import lambda_assets.aws_ecr
import lambda_assets.aws_ecr_assets
import lambda_assets.aws_s3
from lambda_assets import AssetError, ValidationError, aws_lambda
from lambda_assets.assembly.scope import STOCK_SCHEMA_VERSION
from support import appbuild, apps

if TYPE_CHECKING:
    from collections.abc import Iterator

APPS = 300
WORKERS = 2
AHEAD = 3
SHOWN = 3


class Worker:
    """aws_cdk in a process of its own; it has some apps in hand while ours are built."""

    def __init__(self) -> None:
        tests = str(Path(apps.__file__).parents[1])
        silent = {
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            "PYTHONPATH": tests,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.cdk_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | silent,
            text=True,
        )

    def ask(self, app: dict[str, Any], base: Path) -> None:
        assert self._process.stdin
        question = {"app": app, "base": str(base), "outdir": str(base / "theirs")}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout
        self._process.stdout.close()


class StructBundler:
    """Writes some files; takes the options as one value."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def try_bundle(self, output_dir: str, options: Any) -> bool:
        assert options.image.image == "img:1"
        appbuild.write_output(self._files, output_dir)
        return True


class KeywordBundler(StructBundler):
    """The same; takes the options by name."""

    def try_bundle(self, output_dir: str, *, image: Any, user: str | None = None) -> bool:  # type: ignore[override]
        assert user in {None, "1000:1000"}
        assert image.image == "img:1"
        appbuild.write_output(self._files, output_dir)
        return True


def _app(outdir: str, context: dict[str, Any]) -> Any:
    # The real library stages contexts that no build can use.
    ours = {"lambda-assets:allow-unbuildable-images": True}
    return lambda_assets.App(
        outdir=outdir, context=context | ours, schema_version=STOCK_SCHEMA_VERSION
    )


def _function(scope: Any, name: str, code: Any, handler: str, runtime: str) -> Any:
    place = lambda_assets.Construct(scope, name)
    config = code.bind(place)
    properties = aws_lambda.function_properties(config, handler=handler, runtime=runtime)
    made = scope.add_resource(name, {"Type": "AWS::Lambda::Function", "Properties": properties})
    code.bind_to_resource(made)
    return place


def _layer(scope: Any, name: str, code: Any) -> Any:
    place = lambda_assets.Construct(scope, name)
    config = code.bind(place)
    content = {"Content": aws_lambda.layer_content(config)}
    made = scope.add_resource(name, {"Type": "AWS::Lambda::LayerVersion", "Properties": content})
    code.bind_to_resource(made, resource_property="Content")
    return place


def _bundler(given: dict[str, Any]) -> Any:
    kind = StructBundler if given["shape"] == "struct" else KeywordBundler
    return kind(given["writes"])


def _read_error(error: AssetError) -> dict[str, str]:
    # What is thrown outside a constructor has the name of the error in front, in the real library.
    assert not isinstance(error, ValidationError) or isinstance(error, RuntimeError)
    return {"text": str(error), "named": f"{error.code}: {error}"}


OURS = appbuild.Library(
    cdk=lambda_assets,
    app=_app,
    function=_function,
    layer=_layer,
    bundler=_bundler,
    errors=AssetError,
    read_error=_read_error,
)


@pytest.fixture(scope="module")
def workers() -> Iterator[list[Worker]]:
    if importlib.util.find_spec("aws_cdk") is None:
        pytest.skip("aws_cdk is not installed")
    processes = [Worker() for _ in range(WORKERS)]
    yield processes
    for process in processes:
        process.close()


# Of two assets with one name the first stays, as upstream; that we say so is no difference.
@pytest.mark.filterwarnings("ignore:two assets have the name")
def test_random_apps_become_the_same_assemblies(
    workers: list[Worker], seed: int, scale: float, tmp_path: Path
) -> None:
    print(f"repeat with LAMBDA_ASSETS_TEST_SEED={seed}")
    dice = random.Random(f"{seed} apps")
    count = max(1, round(APPS * scale))
    started = time.monotonic()
    waiting: list[tuple[int, dict[str, Any], Path]] = []
    seen: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(count + AHEAD * WORKERS):
        if number < count:
            app = apps.random_app(dice.randrange(1 << 32))
            base = tmp_path / str(number)
            base.mkdir()
            appbuild.write_trees(app, base)
            workers[number % WORKERS].ask(app, base)
            waiting.append((number, app, base))
        if waiting and (len(waiting) > AHEAD * WORKERS or number >= count):
            index, app, base = waiting.pop(0)
            theirs = workers[index % WORKERS].answer()
            ours = appbuild.build(app, base, base / "ours", OURS)
            seen.update(_counted(theirs))
            ours, theirs = _neutral(ours, base / "ours"), _neutral(theirs, base / "theirs")
            difference = _difference(ours, _without_leftovers(theirs, ours))
            if difference:
                wrong.append(f"{difference}\n{json.dumps(app, ensure_ascii=False)}")
    seconds = time.monotonic() - started
    print(f"{count} apps in {seconds:.0f} s: {dict(seen.most_common())}; {len(wrong)} differ")
    assert not wrong, "\n\n".join([f"{len(wrong)} of {count} differ", *wrong[:SHOWN]])
    assert seen["made"]


def _counted(answer: dict[str, Any]) -> list[str]:
    if "broken" in answer:
        return ["broken"]
    return ["made" if "made" in one else "refused" for one in answer["outcomes"]]


def _neutral(answer: dict[str, Any], outdir: Path) -> dict[str, Any]:
    """Both output directories under one name."""
    text = json.dumps(answer, ensure_ascii=False).replace(str(outdir), "<outdir>")
    neutral: dict[str, Any] = json.loads(text)
    for one in neutral.get("outcomes", ()):
        if "text" in one:
            one["text"] = re.sub(r"<outdir>/[^ :]*", "<outdir>", one["text"])
    return neutral


def _without_leftovers(theirs: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """Without what only aws_cdk leaves behind and nothing refers to: failed bundling, and what was around an archive."""
    found: dict[str, Any] = theirs.get("assembly", {})
    documents = json.dumps(found, ensure_ascii=False)
    known = ours["assembly"]
    names = {key for key in found if key.startswith("asset.") and "/" not in key}
    left = {
        name
        for name in names
        if name not in known and f'{name}"' not in documents.replace(f'"{name}":', "")
    }
    kept = {key: value for key, value in found.items() if key.split("/")[0] not in left}
    return {**theirs, "assembly": kept} if found else theirs


def _difference(ours: Any, theirs: Any, where: str = "") -> str | None:
    """The first difference, None if there is none; the order of keys counts."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        if "text" in theirs and "text" in ours:
            same = theirs["text"] in ours.values()
            return None if same else f"{where}: ours {ours}, theirs {theirs['text']!r}"
        if list(ours) != list(theirs):
            mine, yours = (
                [k for k in a if k not in b] for a, b in ((ours, theirs), (theirs, ours))
            )
            kept = {k: a[k] for a, b in ((ours, theirs), (theirs, ours)) for k in a if k not in b}
            return f"{where}: only ours {mine}, only theirs {yours}, else the order: {kept}"
        found = (_difference(ours[key], theirs[key], f"{where}/{key}") for key in ours)
        return next((one for one in found if one), None)
    if isinstance(theirs, list) and isinstance(ours, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        found = (_difference(mine, yours, f"{where}/{n}") for n, (mine, yours) in pairs)
        return next((one for one in found if one), None)
    return None if ours == theirs else f"{where}: ours {ours!r}, theirs {theirs!r}"
