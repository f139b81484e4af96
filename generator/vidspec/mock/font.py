"""A small bitmap font: five by seven dots for every printable ASCII character, and a box for any other.

Each character is seven digits, one a row, top row first; a digit's five bits are the dots, the highest leftmost.
"""

import functools
import textwrap
import unicodedata
from collections.abc import Iterator
from typing import Final

#: Dots of a character, and of a character with the gap behind or below it.
WIDTH: Final = 5
HEIGHT: Final = 7
ADVANCE: Final = 6
LINE: Final = 9

_GLYPHS: Final = (
    "0000000 4444404 aaa0000 aavavaa 4fke5u4 op248j3 cik8lid 4480000 2488842 8422248 04lel40 "
    "044v440 0000c48 000v000 00000cc 01248g0 ehjlphe 4c4444e eh1248v v2421he 26aiv22 vgu11he "
    "68guhhe v124888 ehhehhe ehhf12c 0cc0cc0 0cc0c48 248g842 00v0v00 8421248 eh12404 eh1dlle "
    "ehhvhhh uhhuhhu ehggghe uhhhhhu vgguggv vgguggg ehgnhhf hhhvhhh e44444e 72222ic hikokih "
    "ggggggv hrllhhh hhpljhh ehhhhhe uhhuggg ehhhlid uhhukih fgge11u v444444 hhhhhhe hhhhha4 "
    "hhhllla hha4ahh hhha444 v1248gv e88888e 0g84210 e22222e 4ah0000 000000v 8420000 00e1fhf "
    "ggmphhu 00egghe 11djhhf 00ehvge 698s888 0fhhf1e ggmphhh 40c444e 20622ic ggikoki c44444e "
    "00qllhh 00mphhh 00ehhhe 00uhugg 00djf11 00mpggg 00fge1u 88s8896 00hhhjd 00hhha4 00hhlla "
    "00ha4ah 00hhf1e 00v248v 2448442 4444444 8442448 008l200"
)
_UNKNOWN: Final = "vhhhhhv"
_DOTS: Final = "..."


@functools.cache
def glyph(character: str) -> tuple[tuple[int, int, int], ...]:
    """Return the character's dots as horizontal runs: row, first column, column behind the last."""
    place = ord(character) - ord(" ")
    rows = _GLYPHS[place * 8 :][:HEIGHT] if 0 <= place < 95 else _UNKNOWN
    return tuple(run for row, digit in enumerate(rows) for run in _runs(row, int(digit, 32)))


def wrapped(text: str, columns: int, most: int) -> list[str]:
    """Break the text into at most ``most`` lines of ``columns`` characters; what does not fit becomes dots."""
    if columns < len(_DOTS) or most < 1:
        return []
    plain = _plain(text[: columns * most + 1])
    return textwrap.wrap(plain, columns, max_lines=most, placeholder=_DOTS)


def _plain(text: str) -> str:
    """Return the text without accents, which the font lacks."""
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


def _runs(row: int, dots: int) -> Iterator[tuple[int, int, int]]:
    start: int | None = None
    for column in range(WIDTH + 1):
        lit = column < WIDTH and bool(dots >> (WIDTH - 1 - column) & 1)
        if lit and start is None:
            start = column
        elif not lit and start is not None:
            yield row, start, column
            start = None
