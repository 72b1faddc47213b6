"""The hashing rules a second time, in plain Python.

This is the same behaviour as the native core, written from the rules in ``docs/parity.md`` and not from the core's
code, so that a mistake has to be made twice to go unnoticed. It is slow and private: tests compare it with the core
and with the real aws-cdk-lib, and a benchmark uses it as the plain contender. Nothing of the public API calls it.

Known limits, both without influence on ordinary trees: Unicode tables are those of the running Python (Node's may be
a version newer), and a pattern whose regular expression Python's ``re`` cannot state raises :class:`Untranslatable`.
"""

from __future__ import annotations

from lambda_assets.reference.content import content_value
from lambda_assets.reference.copy import copy_directory
from lambda_assets.reference.jsregex import Untranslatable
from lambda_assets.reference.patterns import Matcher, differs_from_git
from lambda_assets.reference.walk import fingerprint

__all__ = [
    "Matcher",
    "Untranslatable",
    "content_value",
    "copy_directory",
    "differs_from_git",
    "fingerprint",
]
