"""Write ``staged.yaml``: the template with each ``CodeUri`` on its staged archive."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from lambda_assets.declaration import Declaration, FileEntry, stage_all

HERE = Path(__file__).parent
CODE_URI = re.compile(r"^(\s*CodeUri:\s*)(\S+)\s*$", re.MULTILINE)


def main() -> None:
    """Stage every source that the template names."""
    template = (HERE / "template.yaml").read_text(encoding="utf-8")
    sources = sorted({source for _, source in CODE_URI.findall(template)})
    options = {"exclude": ["*.pyc", "__pycache__"], "staging": "zip"}
    entries = [FileEntry(name=s, path=str(HERE / s), options=options) for s in sources]
    outcome = stage_all(Declaration(entries=tuple(entries)), HERE / "cdk.out")
    for failed in outcome.failures:
        sys.exit(f"{failed.entry.name}: {failed.error}")
    places = {one.entry.name: os.path.relpath(one.path, HERE) for one in outcome.results}
    staged = CODE_URI.sub(lambda found: found[1] + places[found[2]], template)
    (HERE / "staged.yaml").write_text(staged, encoding="utf-8")


if __name__ == "__main__":
    main()
