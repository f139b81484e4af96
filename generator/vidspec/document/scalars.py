"""What an unquoted YAML scalar means: the YAML 1.2 core schema, less what YAML 1.1 readers take for something else.

Half of the tools that will read these files are YAML 1.1, where ``no`` is false and ``16:9`` is 969.
A scalar that the two editions read differently is refused, so that no two readers of one file disagree.
"""

import math
import re
from typing import Any

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_SWITCHES = frozenset(
    form for word in ("yes", "no", "on", "off") for form in (word, word.title(), word.upper())
)
_LETTERS = frozenset("yYnN")

_NUMERIC_START = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_OCTAL = re.compile(r"[-+]?0(?:o[0-7_]+|b[01_]+|[0-9_]+)\Z")
_UNDERSCORES = re.compile(
    r"[-+]?(?:0x[0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?)\Z"
)
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_LONGEST_NUMBER = 400


class Trap(Exception):  # noqa: N818 - a finding about the text, turned into a Problem by the reader
    """An unquoted scalar that readers disagree about; holds rule, message and hint."""

    def __init__(self, message: str, rule: str, hint: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.hint = hint


def plain_value(text: str, *, key: bool = False) -> Any:
    """Return what the unquoted scalar means: None, bool, int, float or str; raise Trap if readers disagree.

    As a mapping key ``y`` and ``n`` are allowed: no YAML reader in use takes those for booleans.
    """
    if text[:1] in _NUMERIC_START and text:
        return _number(text)
    if text in _WORDS:
        return _WORDS[text]
    if text in _SWITCHES or (text in _LETTERS and not key):
        message = f"'{text}' without quotes is a boolean to YAML 1.1 readers and a string to others"
        raise Trap(
            message,
            "yaml-boolean",
            f'Write "{text}" for the string, true or false for the boolean.',
        )
    return text


def _number(text: str) -> Any:
    if _SEXAGESIMAL.match(text):
        message = f"'{text}' without quotes is a number in base 60 to YAML 1.1 readers"
        raise Trap(message, "yaml-number", f'Write "{text}".')
    if _OCTAL.match(text):
        message = f"'{text}' without quotes is read in base 8, 2 or 10, depending on the reader"
        raise Trap(message, "yaml-number", f'Write "{text}" for the string, or the decimal number.')
    if "_" in text and _UNDERSCORES.match(text):
        message = f"'{text}' without quotes is a number to YAML 1.1 readers and a string to others"
        raise Trap(
            message,
            "yaml-number",
            f'Write "{text}" for the string, {text.replace("_", "")} for the number.',
        )
    if _NOT_FINITE.match(text):
        message = f"'{text}' has no JSON value"
        raise Trap(message, "yaml-number", f'Write "{text}" for the string.')
    integer = _INTEGER.match(text)
    if not integer and _HEXADECIMAL.match(text):
        return int(text, 16)
    if not integer and not _FLOAT.match(text):
        return text
    value = int(text) if integer and len(text) <= _LONGEST_NUMBER else float(text)
    if not math.isfinite(value):
        message = "the number is too large"
        raise Trap(message, "yaml-number", "Write it in quotes for the string.")
    return value
