"""The sound of a mock video: a short beep at the beginning of every second, so that sound and picture can be compared."""

import math
from array import array
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from av import AudioFrame

#: Samples a second; the pitch divides it, so that a beep is a whole number of waves.
RATE: Final = 48_000
_PITCH, _BEEP, _LOUDNESS = 480, 0.1, 0.1
#: What the AAC encoder takes at once.
_FRAME = 1024


def tone(seconds: float) -> Iterator[AudioFrame]:
    """Yield mono sound of that length."""
    beep = [_LOUDNESS * math.sin(2 * math.pi * _PITCH * n / RATE) for n in range(int(RATE * _BEEP))]
    second = array("f", beep).tobytes() + bytes(4 * (RATE - len(beep)))
    second += second[: 4 * _FRAME]
    total = round(seconds * RATE)
    for start in range(0, total, _FRAME):
        count = min(_FRAME, total - start)
        frame = AudioFrame(format="fltp", layout="mono", samples=count, align=1)
        at = 4 * (start % RATE)
        frame.planes[0].update(second[at : at + 4 * count])
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield frame
