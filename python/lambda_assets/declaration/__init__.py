"""Assets that are declared instead of programmed: one TOML file, or one command line, for one cloud assembly."""

from lambda_assets.declaration.model import Declaration, FileEntry, ImageEntry, Staged
from lambda_assets.declaration.read import read_declaration
from lambda_assets.declaration.stage import stage_all

__all__ = ["Declaration", "FileEntry", "ImageEntry", "Staged", "read_declaration", "stage_all"]
