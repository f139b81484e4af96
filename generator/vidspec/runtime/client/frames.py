"""Width and height, said in one way and needed in another: exact conversions only."""

import math
import re
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import Any

#: The ways to say how large the picture is.
WAYS: tuple[str, ...] = ("size", "width", "height", "aspect_ratio", "resolution")

_SIZE = re.compile(r"([1-9]\d{0,4})[xX]([1-9]\d{0,4})", re.ASCII)
_RATIO = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})", re.ASCII)
_LINES = re.compile(r"([1-9]\d{0,4})p", re.ASCII)


def restate(
    wishes: Mapping[str, Any], offered: Collection[str], sizes: Iterable[Any]
) -> Mapping[str, Any]:
    """Return ``wishes`` with the picture's size said in the ways that are ``offered``, when that can be done exactly.

    ``1280x720`` is 1280 by 720, and is 16:9 in 720p. A ratio or a resolution alone means a size only when exactly one of
    ``sizes`` has it. Whatever cannot be restated is returned as it is.
    """
    asked = {way: wishes[way] for way in WAYS if way in wishes}
    if not asked or all(way in offered for way in asked):
        return wishes
    rest = {name: value for name, value in wishes.items() if name not in WAYS}
    frame = _frame(asked, sizes)
    if frame is None:
        return wishes
    width, height = frame
    for said in _sayings(width, height):
        if all(way in offered for way in said):
            return rest | said
    return wishes


def fits(size: str, ratio: str | None, resolution: str | None) -> bool:
    """Say whether a size has that ratio and that resolution (None: any)."""
    frame, lines = _pixels(size), _LINES.fullmatch(resolution or "")
    shape = _RATIO.fullmatch(ratio or "")
    if frame is None or (ratio and not shape) or (resolution and not lines):
        return False
    same_shape = shape is None or Fraction(*frame) == Fraction(int(shape[1]), int(shape[2]))
    return same_shape and (lines is None or min(frame) == int(lines[1]))


def _sayings(width: int, height: int) -> list[dict[str, Any]]:
    divisor = math.gcd(width, height)
    shape = f"{width // divisor}:{height // divisor}"
    return [
        {"size": f"{width}x{height}"},
        {"width": width, "height": height},
        {"aspect_ratio": shape, "resolution": f"{min(width, height)}p"},
    ]


def _frame(asked: Mapping[str, Any], sizes: Iterable[Any]) -> tuple[int, int] | None:
    """Return the width and height that ``asked`` can only mean."""
    ways = set(asked)
    if ways == {"size"}:
        return _pixels(asked["size"])
    if ways == {"width", "height"}:
        return int(asked["width"]), int(asked["height"])
    if not ways <= {"aspect_ratio", "resolution"}:
        return None
    ratio, resolution = asked.get("aspect_ratio"), asked.get("resolution")
    listed = [size for size in sizes if isinstance(size, str) and fits(size, ratio, resolution)]
    if len(listed) == 1:
        return _pixels(listed[0])
    return _computed(str(ratio), str(resolution)) if len(ways) == 2 and not listed else None


def _computed(ratio: str, resolution: str) -> tuple[int, int] | None:
    shape, lines = _RATIO.fullmatch(ratio), _LINES.fullmatch(resolution)
    if shape is None or lines is None:
        return None
    across, down, short = int(shape[1]), int(shape[2]), int(lines[1])
    long, left = divmod(short * max(across, down), min(across, down))
    if left:
        return None
    return (long, short) if across >= down else (short, long)


def _pixels(size: Any) -> tuple[int, int] | None:
    match = _SIZE.fullmatch(str(size))
    return (int(match[1]), int(match[2])) if match else None
