"""Package index addresses without their passwords, as Node writes them (spec staging, section 2).

The text is hashed, so it must be that of the parser which Node uses: Ada, of which ``ada-url`` is the binding.
"""

from __future__ import annotations

import re

from lambda_assets.errors import ValidationError

_USER = re.compile(r"[^/]*@")
PIP_VARIABLES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")


def clean_url(name: str, value: str) -> str:
    """An address without its password; unchanged if it has none.

    Args:
        name: The variable, for the message.
        value: The address.

    Raises:
        ValidationError: It is not an address.
    """
    from ada_url import URL  # noqa: PLC0415  few assets are built with such a variable

    # As JavaScript hands text to it: without lone surrogates.
    text = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    try:
        url = URL(text)
    except ValueError:
        # Upstream shows a password too.
        shown = _USER.sub("***@", value)
        raise ValidationError(f"{name} must be a valid URL, got {shown}.", "InvalidUrl") from None
    if not url.password:
        return value
    url.password = ""
    return url.href
