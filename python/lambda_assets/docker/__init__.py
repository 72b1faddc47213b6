"""Images as bundling uses them."""
