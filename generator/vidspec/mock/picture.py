"""The picture of a mock video: colours chosen by the prompt, the prompt in letters, a clock and a bar.

Drawn straight into the planes of a YUV frame, so that no array library is needed.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from vidspec.mock.clip import Clip
from vidspec.mock.font import ADVANCE, HEIGHT, LINE, glyph, room, wrapped

if TYPE_CHECKING:
    from av import VideoFrame

Colour = tuple[int, int, int]
#: Left, top, right and bottom as fractions (0 to 1) of the frame.
Box = tuple[float, float, float, float]

_WHITE: Final = 235
#: Lines of prompt at most, and characters that a line should hold.
_LINES, _COLUMNS = 7, 30
_CLOCK: Final = "00:00:00.000"


@dataclass(frozen=True, slots=True)
class Palette:
    """Background, stripe and bar, each as (Y, U, V) of limited range."""

    background: Colour
    figure: Colour
    bar: Colour


def palette(prompt: str) -> Palette:
    """Choose the colours by the prompt's hash: the same prompt always looks the same."""
    digest = hashlib.sha256(prompt.encode("utf-8", "replace")).digest()

    def colour(at: int, low: int, span: int) -> Colour:
        y, u, v = digest[at : at + 3]
        return low + y * span // 255, 64 + u // 2, 64 + v // 2

    return Palette(colour(0, 40, 50), colour(3, 120, 60), (_WHITE, 128, 128))


class Canvas:
    """The planes of one frame as bytearrays, in the frame's own strides.

    ``frame`` is 4:2:0 or 4:4:4, 8 bits a sample; it is only measured here, and written by ``copy_to``.
    """

    def __init__(self, frame: "VideoFrame") -> None:
        self.width, self.height = frame.width, frame.height
        self._planes = [
            (bytearray(p.buffer_size), p.line_size, p.width, p.height) for p in frame.planes
        ]

    def fill(self, box: Box, colour: Colour) -> None:
        """Fill a rectangle."""
        left, top, right, bottom = box
        for (data, stride, width, height), value in zip(self._planes, colour, strict=True):
            first, last = round(left * width), round(right * width)
            row = bytes([value]) * (last - first)
            for y in range(round(top * height), round(bottom * height)):
                start = y * stride + first
                data[start : start + len(row)] = row

    def write(self, text: str, left: int, top: int, scale: int) -> None:
        """Write one line in white; ``left`` and ``top`` are pixels, ``scale`` the pixels of a dot."""
        data, stride, *_ = self._planes[0]
        x = left
        for character in text:
            for row, first, behind in glyph(character):
                run = bytes([_WHITE]) * ((behind - first) * scale)
                start = (top + row * scale) * stride + x + first * scale
                for at in range(start, start + scale * stride, stride):
                    data[at : at + len(run)] = run
            x += room(character) * ADVANCE * scale

    def copy_to(self, frame: "VideoFrame") -> None:
        """Write the picture into ``frame`` (same size and format)."""
        for plane, (data, *_) in zip(frame.planes, self._planes, strict=True):
            memoryview(plane)[:] = data


class Scene:
    """One clip drawn into a box of a canvas: ``draw`` once, then ``show`` for each moment."""

    def __init__(self, canvas: Canvas, clip: Clip, box: Box) -> None:
        self._canvas, self._clip, self._box = canvas, clip, box
        self._colours = palette(clip.prompt)
        left, top, right, bottom = box
        self._left, self._top = round(left * canvas.width), round(top * canvas.height)
        self._width = round((right - left) * canvas.width)
        self._height = round((bottom - top) * canvas.height)
        # As large as lets the lines and the clock fit; where not even the smallest does, there is no text.
        self._scale = min(self._width // (_COLUMNS * ADVANCE), self._height // (LINE * 10))
        if self._scale < 1:
            fits = self._width >= (len(_CLOCK) + 1) * ADVANCE and self._height >= 4 * LINE
            self._scale = 1 if fits else 0

    def draw(self) -> None:
        """Draw what stands still: background, stripe, prompt, and what the clip is."""
        clip, scale = self._clip, self._scale
        self._canvas.fill(self._box, self._colours.background)
        self._canvas.fill(self._part(0.0, 0.64, 1.0, 0.68), self._colours.figure)
        if not scale:
            return
        edge = ADVANCE * scale
        columns = (self._width - 2 * edge) // edge
        lines = (int(self._height * 0.62) - LINE * scale) // (LINE * scale)
        for number, line in enumerate(wrapped(clip.prompt, columns, min(_LINES, lines))):
            self._write(line, edge, LINE * scale * (number + 1))
        facts = f"{clip.width}x{clip.height} {clip.seconds:g} s"
        if len(facts) + len(_CLOCK) + 2 <= columns:
            self._write(facts, self._width - (len(facts) + 1) * edge, self._clock_top())

    def show(self, done: float, seconds: float) -> None:
        """Draw the moment ``seconds`` into the clip, which is ``done`` (0 to 1) then."""
        self._canvas.fill(self._part(0.0, 0.90, done, 0.94), self._colours.bar)
        if not self._scale:
            return
        edge, top = ADVANCE * self._scale, self._clock_top()
        right = (edge + len(_CLOCK) * edge) / self._width
        rows = top / self._height, (top + HEIGHT * self._scale) / self._height
        self._canvas.fill(self._part(0.0, rows[0], right, rows[1]), self._colours.background)
        self._write(timecode(seconds), edge, top)

    def _clock_top(self) -> int:
        return round(self._height * 0.79) - HEIGHT * self._scale // 2

    def _write(self, line: str, left: int, top: int) -> None:
        self._canvas.write(line, self._left + left, self._top + top, self._scale)

    def _part(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Return a part of the own box as a box of the canvas."""
        x, y, x2, y2 = self._box
        width, height = x2 - x, y2 - y
        return x + left * width, y + top * height, x + right * width, y + bottom * height


def timecode(seconds: float) -> str:
    """Return a moment as ``hh:mm:ss.mmm``."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
