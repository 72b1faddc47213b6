"""``python -m lambda_assets`` is the command ``lambda-assets``."""

from __future__ import annotations

from lambda_assets.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
