"""Secrets that nobody named: recognised by where they stand, in addresses and in JSON."""

import re
from typing import Final

STRUCK: Final = "[struck out]"

_WORDS: Final = r"signature|credential|api[-_]?key|access[-_]?key|secret|password|security[-_]token|auth[-_]?token|access[-_]token"
#: ``&`` also comes escaped, in JSON (``\u0026``) and in HTML (``&amp;``).
_QUERY: Final = re.compile(
    rf"((?:[?&]|\\u0026|&amp;)(?:[\w.%-]*(?:{_WORDS})[\w.-]*|sig|key|token)=)[^&\s\"'<>\\#]+",
    re.IGNORECASE,
)
_MEMBER: Final = re.compile(
    rf'("[\w-]*(?:{_WORDS}|authorization)"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE
)


def strike_unnamed(text: str) -> str:
    """Return the text without signatures of addresses and without JSON members that hold secrets."""
    return _MEMBER.sub(rf"\g<1>{STRUCK}", _QUERY.sub(rf"\g<1>{STRUCK}", text))
