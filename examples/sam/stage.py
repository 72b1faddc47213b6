"""Write ``staged.yaml``: the template with each ``CodeUri`` and ``ContentUri`` on its staged archive."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from lambda_assets.declaration import Declaration, FileEntry, stage_all

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


def sources(template: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    """Each mapping that names a local source, with the key that does; what lies in S3 stays there."""
    owners = [resource.get("Properties") for resource in template["Resources"].values()]
    owners.append(template.get("Globals", {}).get("Function"))
    for owner in filter(None, owners):
        for key in ("CodeUri", "ContentUri"):
            if isinstance(owner.get(key), str) and not owner[key].startswith("s3://"):
                yield owner, key


def main() -> None:
    """Stage every source that the template names."""
    yaml = YAML()  # keeps comments, order and tags such as !GetAtt
    yaml.width = 4096  # a path stays on the line of its key
    template = yaml.load(HERE / "template.yaml")
    options = {"exclude": ["*.pyc", "__pycache__"], "staging": "zip"}
    paths = sorted({owner[key] for owner, key in sources(template)})
    entries = [FileEntry(name=path, path=str(HERE / path), options=options) for path in paths]
    outcome = stage_all(Declaration(entries=tuple(entries)), HERE / "cdk.out")
    for failed in outcome.failures:
        sys.exit(f"{failed.entry.name}: {failed.error}")
    places = {one.entry.name: os.path.relpath(one.path, HERE) for one in outcome.results}
    for owner, key in sources(template):
        owner[key] = places[owner[key]]
    yaml.dump(template, HERE / "staged.yaml")


if __name__ == "__main__":
    main()
