"""The asset manifest of a stack while it grows: the first registration decides, more only add places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambda_assets.filesystem.file_system import report

if TYPE_CHECKING:
    from collections.abc import Mapping


class AssetManifest:
    """Entries of ``<stack>.assets.json`` in order of first registration (spec assembly, section 3).

    Attributes:
        files: File assets by id.
        docker_images: Image assets by id.
        templates: Ids of the file assets that are templates.
    """

    def __init__(self) -> None:
        self.files: dict[str, dict[str, Any]] = {}
        self.docker_images: dict[str, dict[str, Any]] = {}
        self.templates: set[str] = set()

    def add_file(self, asset_id: str, entry: Mapping[str, Any]) -> None:
        """List a file asset.

        Args:
            asset_id: Its id.
            entry: ``displayName``, ``source`` and ``destinations``.
        """
        _add(self.files, asset_id, entry)

    def add_image(self, asset_id: str, entry: Mapping[str, Any]) -> None:
        """List an image asset.

        Args:
            asset_id: Its id.
            entry: ``displayName``, ``source`` and ``destinations``.
        """
        if not _add(self.docker_images, asset_id, entry):
            name = entry.get("displayName", asset_id)
            message = (
                f"the image '{name}' has the hash of another one, and is built as that: what differs is not hashed"
                " (see invalidation)"
            )
            report([("image-built-as-another", message)])

    def forget_templates(self) -> None:
        """Drop the templates of an earlier synthesis, which the stack may have outgrown."""
        for asset_id in self.templates:
            self.files.pop(asset_id, None)
        self.templates.clear()

    def document(self, version: str) -> dict[str, Any]:
        """The file's content.

        Args:
            version: The schema version.
        """
        return {"version": version, "files": self.files, "dockerImages": self.docker_images}


def _add(entries: dict[str, dict[str, Any]], asset_id: str, entry: Mapping[str, Any]) -> bool:
    """List an asset; whether it is new, or made of the same."""
    known = entries.setdefault(asset_id, {**entry, "destinations": {}})
    for key, destination in entry["destinations"].items():
        known["destinations"].setdefault(key, destination)
    return bool(known["source"] == entry["source"])
