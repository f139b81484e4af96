"""What decides a video's bytes."""

from dataclasses import dataclass
from fractions import Fraction

#: Frames per second where the job does not say; a bar needs no more, and encoding stays cheap.
DEFAULT_FPS = 4
#: A long clip gets fewer frames per second instead of a long wait.
_FRAMES = 48
#: So do large pictures: pixels in all, but never fewer frames than these.
_FEW_PIXELS = 400_000_000
_FEWEST_FRAMES = 12
#: The longest side, the longest clip, the most frames and the most pixels in all that are drawn.
_LONGEST_SIDE = 5120
_LONGEST_CLIP = 600.0
_MOST_FRAMES = 2400
_MOST_PIXELS = 8_000_000_000


@dataclass(
    slots=True, unsafe_hash=True
)  # Not frozen: that takes thrice as long, and each job has one.
class Clip:
    """What decides a video's bytes: pixels, seconds, frames per second (None: few), prompt, sound. Not to be written to."""

    width: int
    height: int
    seconds: float
    prompt: str = ""
    fps: float | None = None
    #: With a beep every second.
    audio: bool = False

    def timing(self) -> tuple[int, Fraction]:
        """Return the number of frames and the exact rate at which they last ``seconds``."""
        seconds = Fraction(self.seconds).limit_denominator(1000)
        enough = max(_FEWEST_FRAMES, _FEW_PIXELS / (self.width * self.height)) / self.seconds
        fps = self.fps or min(DEFAULT_FPS, max(1.0, _FRAMES / self.seconds), enough)
        frames = max(1, round(seconds * Fraction(fps).limit_denominator(1001)))
        return frames, Fraction(frames) / seconds

    def bounded(self) -> "Clip":
        """Return the clip with its size and length cut to what the mock is willing to draw."""
        scale = min(1.0, _LONGEST_SIDE / max(self.width, self.height))
        seconds = min(max(self.seconds, 0.1), _LONGEST_CLIP)
        width, height = max(2, round(self.width * scale)), max(2, round(self.height * scale))
        frames = max(1.0, min(_MOST_FRAMES, _MOST_PIXELS / (width * height)))
        fps = min(self.fps, 60.0, frames / seconds) if self.fps and self.fps > 0 else None
        return Clip(width, height, seconds, self.prompt, fps, self.audio)
