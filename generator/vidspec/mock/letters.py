"""The letters of the mock's font: ASCII, and the Cyrillic and Greek capitals that do not look like any of it.

Each character is seven digits, one a row, top row first; a digit's five bits are the dots, the highest leftmost.
"""

import functools
import unicodedata
from typing import Final

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
_CAPITALS: Final = {
    line[0]: line[1:]
    for line in (
        "Бvgguhhu", "Гvgggggg", "Д6aaaavh", "Жlle4ell", "Зu11e11u", "Иhhjlphh", "Л799999h", "Пvhhhhhh",
        "Ф4ellle4", "Цiiiiiv1", "Чhhhf111", "Шllllllv", "Щlllllv1", "Ъo88e99e", "Ыhhhpllp", "Ьggguhhu",
        "Эu11f11u", "Юilltlli", "Яfhhf59h", "Єfgguggf", "Ґ1vggggg", "Δ44aahhv", "Θehhvhhe", "Λ44aahhh",
        "Ξv00e00v", "Σvg848gv", "Ψllle444", "Ωehhhaar",
    )
}  # fmt: skip
#: What looks like another character, or is written with others.
_ALIKE: Final = {
    **dict(zip("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧΓΠΦ", "ABEZHIKMNOPTYXГПФ", strict=True)),
    **dict(zip("‘’“”„‚–—−‐‑«»•·×。、「」", "''\"\"\",-----<>**x.,[]", strict=True)),
    "ß": "ss", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l",
    "Đ": "D", "đ": "d", "Ð": "D", "ð": "d", "Þ": "Th", "þ": "th", "ı": "i",
}  # fmt: skip
#: All that have rows.
DRAWN: Final = frozenset(map(chr, range(32, 127))) | frozenset(_CAPITALS)


def rows_of(character: str) -> str | None:
    """Return the rows of a character, None if there are none."""
    place = ord(character) - ord(" ")
    return _GLYPHS[place * 8 :][:7] if 0 <= place < 95 else _CAPITALS.get(character)


def spelled(text: str) -> str:
    """Return the text in letters that there are, without accents; what there is no letter for stays as it is."""
    return "".join(map(_spelled, unicodedata.normalize("NFC", text)))


@functools.cache
def _spelled(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    # Cyrillic and Greek are drawn as capitals.
    for known in (character, character.upper(), bare, bare.upper()):
        drawn = "".join(_ALIKE.get(c, c) for c in known)
        if drawn and all(c.isspace() or c in DRAWN for c in drawn):
            return drawn
    return character
