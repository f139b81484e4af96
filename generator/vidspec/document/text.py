"""From a file's bytes to text that is safe to parse and to print."""

import re
from pathlib import Path

from vidspec.source import Location, Problem

MAX_BYTES = 5_000_000
_MAX_COMPLAINTS = 20

# Everything that YAML forbids or that some readers take for the end of a line and others do not.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)"
)


def shown_path(path: Path) -> str:
    """Return the name by which messages call a file: relative to the working directory if it is below it."""
    absolute = path.absolute()
    here = Path.cwd()
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else absolute).as_posix()


def decode(raw: bytes, file: str) -> tuple[str | None, list[Problem]]:
    """Return the text of a specification file, or None, and what is wrong with its bytes."""
    if len(raw) > MAX_BYTES:
        message = f"the file has {len(raw):,} bytes; at most {MAX_BYTES:,} are read"
        return None, [Problem("yaml-size", message, Location(file, 1, 1), "Split it by $ref.")]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        return None, [
            Problem("yaml-encoding", message, _at(file, before), "Save the file as UTF-8.", "")
        ]
    if text.startswith("\ufeff"):
        message = "the file begins with a byte order mark"
        return None, [
            Problem("yaml-encoding", message, Location(file, 1, 1), "Save it as UTF-8 without BOM.")
        ]
    problems = []
    for match in _UNWANTED.finditer(text):
        message = f"the character U+{ord(match[0]):04X} may not stand here"
        hint = 'Remove it, or write it as an escape in a double-quoted string ("\\x1b").'
        at = _at(file, text[: match.start()])
        problems.append(Problem("yaml-control-character", message, at, hint))
        if len(problems) == _MAX_COMPLAINTS:
            break
    return (None if problems else text), problems


def _at(file: str, before: str) -> Location:
    line = before.count("\n") + 1
    return Location(file, line, len(before) - (before.rfind("\n") + 1) + 1)
