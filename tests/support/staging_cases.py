"""The recorded staging cases, and their bundling options as this package takes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lambda_assets.docker.image import DockerImage

VECTORS = Path(__file__).parents[1] / "vectors"
CASES: list[dict[str, Any]] = json.loads((VECTORS / "staging-vectors.json").read_text("utf-8"))


class Local:
    """A local bundler that does what a case says."""

    def __init__(self, spec: dict[str, Any], trees: str) -> None:
        self.spec = spec
        self.trees = trees

    def try_bundle(self, output_dir: str, _options: object) -> object:
        for name, text in self.spec.get("write", {}).items():
            path = Path(output_dir, name)
            if name.endswith("/"):
                path.mkdir(parents=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for name, target in self.spec.get("link", {}).items():
            Path(output_dir, name).symlink_to(target.replace("@tree", self.trees))
        if "raises" in self.spec:
            raise ValueError(self.spec["raises"])
        return self.spec.get("returns", True)


def bundling(spec: dict[str, Any], trees: str) -> dict[str, Any]:
    """The bundling options of a case; an image that it builds is built now.

    Args:
        spec: The case's options.
        trees: Where the trees are.
    """
    given = spec["image"]
    build = isinstance(given, dict)
    image = DockerImage.from_build(f"{trees}/{given['build']}") if build else DockerImage(given)
    options = dict(spec, image=image)
    if "env" in options:
        options["environment"] = dict(map(tuple, options.pop("env")))
    if "local" in options:
        options["local"] = Local(options["local"], trees)
    return options
