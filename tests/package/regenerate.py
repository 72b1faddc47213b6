"""Rewrite the generated files: ``python tests/package/regenerate.py``."""

from __future__ import annotations

from pathlib import Path

import generate

HERE = Path(__file__).parent

if __name__ == "__main__":
    (HERE / "surface.txt").write_text(generate.surface(), encoding="utf-8")
    page = HERE.parent.parent / "docs" / "reference" / "cli.md"
    page.write_text(generate.command_page(), encoding="utf-8")
