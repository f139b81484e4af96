"""A small bitmap font: five by seven dots for ASCII, Cyrillic and Greek; of any other character its code point.

A code point is its underlined hexadecimal digits, each of three by five dots: ``4E2D`` takes the room of three letters.
"""

import functools
import re
from collections.abc import Iterator
from typing import Final

from vidspec.mock.letters import DRAWN, rows_of, spelled

#: Dots of a character, and of a character with the gap behind or below it.
WIDTH: Final = 5
HEIGHT: Final = 7
ADVANCE: Final = 6
LINE: Final = 9

#: The sixteen digits of code points: five rows of three dots.
_DIGITS: Final = (
    "75557", "26227", "61247", "61216", "55711", "74616", "34757", "71222",
    "75757", "75716", "25755", "65656", "34443", "65556", "74647", "74644",
)  # fmt: skip
_DOTS: Final = "..."
#: What stands before a word, and the word; what has no letter is one by itself.
_PIECE: Final = re.compile(rf"(\s*)([{re.escape(''.join(sorted(DRAWN - {' '})))}]+|\S)")


@functools.cache
def glyph(character: str) -> tuple[tuple[int, int, int], ...]:
    """Return the character's dots as horizontal runs: row, first column, column behind the last."""
    rows = rows_of(character)
    if rows is not None:
        return tuple(r for row, digit in enumerate(rows) for r in _runs(row, int(digit, 32), WIDTH))
    digits = [_DIGITS[int(digit, 16)] for digit in _code(character)]
    width = 4 * len(digits) - 1
    drawn = [int("0".join(f"{int(d[row]):03b}" for d in digits), 2) for row in range(5)]
    shown = [run for row, dots in enumerate(drawn) for run in _runs(row, dots, width)]
    return (*shown, (HEIGHT - 1, 0, width))


@functools.cache
def room(character: str) -> int:
    """Return how many letters' room a character takes."""
    return 1 if character in DRAWN else -(-4 * len(_code(character)) // ADVANCE)


def wrapped(text: str, columns: int, most: int) -> list[str]:
    """Break the text into at most ``most`` lines of ``columns`` letters' room; what does not fit becomes dots."""
    if columns < len(_DOTS) or most < 1:
        return []
    lines: list[str] = []
    left = 0
    for space, word in _PIECE.findall(spelled(text[: columns * most + 1])):
        # A word too long for a line is broken where the line ends.
        for number, piece in enumerate([word] if _room(word) <= columns else word):
            gap = " " if space and left and not number else ""
            need = _room(gap + piece)
            if need <= left:
                lines[-1] += gap + piece
                left -= need
                continue
            if len(lines) == most:
                lines[-1] = _cut(lines[-1], columns)
                return lines
            if _room(piece) > columns:
                return lines
            lines.append(piece)
            left = columns - _room(piece)
    return lines


def _cut(line: str, columns: int) -> str:
    while _room(line) + len(_DOTS) > columns:
        line = line.rpartition(" ")[0] if " " in line.strip() else line[:-1]
    return line.rstrip() + _DOTS


def _room(text: str) -> int:
    return sum(map(room, text))


def _code(character: str) -> str:
    return f"{ord(character):04X}"


def _runs(row: int, dots: int, width: int) -> Iterator[tuple[int, int, int]]:
    start: int | None = None
    for column in range(width + 1):
        lit = column < width and bool(dots >> (width - 1 - column) & 1)
        if lit and start is None:
            start = column
        elif not lit and start is not None:
            yield row, start, column
            start = None
