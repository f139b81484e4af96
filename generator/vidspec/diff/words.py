"""How values are shown in messages: on one line, not too long, harmless in a terminal."""

import json
from collections.abc import Iterable
from typing import Any

_LONGEST = 80


def shown(value: Any) -> str:
    """Return the value as short JSON; plain words stand as they are."""
    if isinstance(value, str) and value and value.isprintable() and " " not in value:
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def listed(words: Iterable[Any]) -> str:
    """Return the words joined, in their order."""
    return ", ".join(shown(word) for word in words)
