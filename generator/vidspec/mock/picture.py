"""The picture of a mock video: flat colours chosen by the prompt, and a bar that grows with the clip.

Drawn straight into the planes of a YUV frame, so that no array library is needed.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import VideoFrame

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """Background, figure and bar, each as (Y, U, V) of limited range."""

    background: Colour
    figure: Colour
    bar: Colour


def palette(prompt: str) -> Palette:
    """Choose the colours by the prompt's hash: the same prompt always looks the same."""
    digest = hashlib.sha256(prompt.encode()).digest()

    def colour(at: int, low: int, span: int) -> Colour:
        y, u, v = digest[at : at + 3]
        return low + y * span // 255, 64 + u // 2, 64 + v // 2

    return Palette(colour(0, 40, 60), colour(3, 120, 60), (225, 128, 128))


class Canvas:
    """The planes of one frame as bytearrays, in the frame's own strides.

    ``frame`` is 4:2:0 or 4:4:4, 8 bits a sample; it is only measured here, and written by ``copy_to``.
    """

    def __init__(self, frame: "VideoFrame") -> None:
        self.width, self.height = frame.width, frame.height
        self._planes = [
            (bytearray(p.buffer_size), p.line_size, p.width, p.height) for p in frame.planes
        ]

    def fill(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill a rectangle; the edges are fractions (0 to 1) of the frame."""
        for (data, stride, width, height), value in zip(self._planes, colour, strict=True):
            first, last = round(left * width), round(right * width)
            row = bytes([value]) * (last - first)
            for y in range(round(top * height), round(bottom * height)):
                start = y * stride + first
                data[start : start + len(row)] = row

    def copy_to(self, frame: "VideoFrame") -> None:
        """Write the picture into ``frame`` (same size and format)."""
        for plane, (data, *_) in zip(frame.planes, self._planes, strict=True):
            plane.update(bytes(data))


def draw_scene(canvas: Canvas, colours: Palette, box: tuple[float, float, float, float]) -> None:
    """Draw the still part of the picture into ``box`` (left, top, right, bottom as fractions)."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    canvas.fill(left, top, right, bottom, colours.background)
    canvas.fill(
        left + 0.3 * width, top + 0.25 * height, left + 0.7 * width, top + 0.7 * height,
        colours.figure,
    )  # fmt: skip


def draw_bar(
    canvas: Canvas, colours: Palette, box: tuple[float, float, float, float], done: float
) -> None:
    """Draw the bar of a clip that is ``done`` (0 to 1) at this frame."""
    left, top, right, bottom = box
    height = bottom - top
    canvas.fill(
        left, top + 0.88 * height, left + done * (right - left), top + 0.92 * height, colours.bar
    )
