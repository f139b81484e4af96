"""Looking into media, by decoding it."""

import io
from dataclasses import dataclass

import av


@dataclass(frozen=True)
class Probe:
    """What a decoder finds in a video."""

    codec: str
    width: int
    height: int
    seconds: float
    frames: int


def probe_video(data: bytes) -> Probe:
    """Decode an MP4 to its end and return what is in it."""
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        assert stream.duration is not None
        assert stream.time_base is not None
        return Probe(
            codec=stream.codec_context.name,
            width=stream.width,
            height=stream.height,
            seconds=float(stream.duration * stream.time_base),
            frames=len(list(container.decode(stream))),
        )


def probe_picture(data: bytes) -> tuple[int, int]:
    """Return width and height of a still picture."""
    with av.open(io.BytesIO(data), "r") as container:
        frame = next(container.decode(video=0))
        return frame.width, frame.height
