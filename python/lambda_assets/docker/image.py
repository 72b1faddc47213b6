"""``DockerImage``: the image that bundling runs in (spec staging, section 10)."""

from __future__ import annotations

from lambda_assets.errors import OptionTypeError


class DockerImage:
    """An image, by name.

    Args:
        image: Its name.
        image_hash: What stands for it in hashes, the name if None.

    Attributes:
        image: Its name.
    """

    def __init__(self, image: str, image_hash: str | None = None) -> None:
        if not isinstance(image, str):
            raise OptionTypeError(f"image must be str, not {type(image).__name__}")
        self.image = image
        self._image_hash = image_hash

    @staticmethod
    def from_registry(image: str) -> DockerImage:
        """An image of a registry.

        Args:
            image: Its name.
        """
        return DockerImage(image)

    def to_json(self) -> str:
        """What stands for the image in hashes."""
        return self.image if self._image_hash is None else self._image_hash
