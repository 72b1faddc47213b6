"""The command ``lambda-assets``."""
