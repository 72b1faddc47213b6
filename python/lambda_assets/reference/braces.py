"""Brace expansion of glob patterns: ``{a,b}`` and ``{1..3}``.

Works on unit strings. Escaped characters are replaced by stand-ins outside the range of code units, so that they can
neither be taken for syntax nor for something the user wrote.
"""

from __future__ import annotations

import re

#: Upstream's limits; what would exceed them is silently lost.
MAX_RESULTS = 100_000
MAX_CHARACTERS = 4_000_000
MAX_DEPTH = 1000
MAX_REWRITES = 1000

_ESCAPABLE = "\\{},."
_STAND_IN = {character: chr(0x100000 + index) for index, character in enumerate(_ESCAPABLE)}
_ORIGINAL = {stand_in: character for character, stand_in in _STAND_IN.items()}

_NUMBERS = re.compile(r"(-?[0-9]+)\.\.(-?[0-9]+)(?:\.\.(-?[0-9]+))?")
_LETTERS = re.compile(r"([a-zA-Z])\.\.([a-zA-Z])(?:\.\.(-?[0-9]+))?")
_PADDED = re.compile("-?0[0-9]")
_SOME_BRACES = re.compile("\\{[^{\n\r\u2028\u2029]*\\}")
_LATER_COMMA_AND_BRACE = re.compile(",(?!,)[^\n\r\u2028\u2029]*\\}")


def expand_braces(pattern: str) -> list[str]:
    """Expand all braces of a pattern.

    Args:
        pattern: A glob pattern as a unit string.

    Returns:
        The alternatives in order, each once.
    """
    if not _SOME_BRACES.search(pattern):
        return [pattern]
    if pattern.startswith("{}"):
        pattern = f"\\{{\\}}{pattern[2:]}"
    hidden = re.sub(r"\\([\\{},.])", lambda match: _STAND_IN[match.group(1)], pattern)
    results = _expand(hidden, depth=0, top=True)
    return list(
        dict.fromkeys("".join(_ORIGINAL.get(unit, unit) for unit in result) for result in results)
    )


def _expand(text: str, *, depth: int, top: bool) -> list[str]:
    if depth > MAX_DEPTH:
        return [text]
    done = [""]
    drop_empty = False
    first = True
    rewrites = 0
    while True:
        group = _balanced(text)
        if group is None:
            return _combine(done, text, [""], drop_empty=drop_empty)
        before, body, after = group
        last = not after
        if before.endswith("$"):
            # ${...} is left alone, as in a shell.
            done = _combine(done, f"{before}{{{body}}}", [""], drop_empty=drop_empty and last)
            first = False
        else:
            sequence = _sequence(body)
            if sequence is None and "," not in body:
                if rewrites < MAX_REWRITES and _LATER_COMMA_AND_BRACE.search(after):
                    # {a},b}: the inner brace turns out to be text of the first alternative.
                    rewrites += 1
                    text = f"{before}{{{body}{_STAND_IN['}']}{after}"
                    top = True
                    continue
                return _combine(done, f"{before}{{{body}}}{after}", [""], drop_empty=drop_empty)
            if first:
                # Empty results vanish only where a comma list is the first group of the whole pattern.
                drop_empty = top and sequence is None
                first = False
            if sequence is None:
                dropping = drop_empty and last and not before and not any(done)
                sequence = _members(body, depth, drop_empty=dropping)
            done = _combine(done, before, sequence, drop_empty=drop_empty and last)
        if last:
            return done
        text = after


def _members(body: str, depth: int, *, drop_empty: bool) -> list[str]:
    parts = _split_at_commas(body)
    if len(parts) == 1:
        # {{a,b}}: the inner list is expanded inside the outer braces.
        parts = [f"{{{part}}}" for part in _expand(parts[0], depth=depth + 1, top=False)]
        if len(parts) == 1:
            return parts
    values: list[str] = []
    length = 0
    for part in parts:
        for value in _expand(part, depth=depth + 1, top=False):
            if drop_empty and not value:
                continue
            if len(values) >= MAX_RESULTS or length + len(value) > MAX_CHARACTERS:
                return values
            values.append(value)
            length += len(value)
    return values


def _combine(starts: list[str], middle: str, ends: list[str], *, drop_empty: bool) -> list[str]:
    results: list[str] = []
    length = 0
    for start in starts:
        for end in ends:
            result = start + middle + end
            if len(results) >= MAX_RESULTS:
                return results
            if drop_empty and not result:
                continue
            if length + len(result) > MAX_CHARACTERS:
                return results
            results.append(result)
            length += len(result)
    return results


def _balanced(text: str) -> tuple[str, str, str] | None:
    """Find the first group whose braces match; what is before, in and after it.

    It is the first outermost pair. If the first ``{`` is never closed, the pair that starts leftmost is taken.
    """
    open_at: list[int] = []
    best: tuple[int, int] | None = None
    for at, unit in enumerate(text):
        if unit == "{":
            open_at.append(at)
        elif unit == "}" and open_at:
            start = open_at.pop()
            if not open_at:
                best = (start, at)
                break
            if best is None or start < best[0]:
                best = (start, at)
    if best is None:
        return None
    return text[: best[0]], text[best[0] + 1 : best[1]], text[best[1] + 1 :]


def _split_at_commas(body: str) -> list[str]:
    """Split at the commas that are not inside a group."""
    parts: list[str] = []
    begun = ""
    while True:
        group = _balanced(body)
        if group is None:
            first, *rest = body.split(",")
            return [*parts, begun + first, *rest]
        before, inner, body = group
        first, *rest = before.split(",")
        pieces = [begun + first, *rest]
        pieces[-1] += f"{{{inner}}}"
        if not body:
            return parts + pieces
        begun = pieces.pop()
        parts += pieces


def _sequence(body: str) -> list[str] | None:
    """Expand ``1..5`` or ``a..e``, with a step as third member; None if it is neither."""
    numbers = _NUMBERS.fullmatch(body)
    match = numbers or _LETTERS.fullmatch(body)
    if not match:
        return None
    texts = [text for text in match.groups() if text is not None]
    first, last = (int(text) if numbers else ord(text) for text in texts[:2])
    step = max(abs(int(texts[2])), 1) if len(texts) > 2 else 1  # noqa: PLR2004 - the third is the step
    width = max(len(texts[0]), len(texts[1])) if any(_PADDED.match(text) for text in texts) else 0
    values: list[str] = []
    length = 0
    for value in range(first, last + 1, step) if first <= last else range(first, last - 1, -step):
        if numbers:  # noqa: SIM108  nested conditions read worse
            text = f"{value:0{width}d}"
        else:
            # Between Z and a lies the backslash, which upstream drops.
            text = "" if chr(value) == "\\" else chr(value)
        if len(values) >= MAX_RESULTS or length + len(text) > MAX_CHARACTERS:
            break
        values.append(text)
        length += len(text)
    return values
