"""Encoding: H.264 in MP4, WebP, JPEG. The only module that loads the codecs; import it when needed.

The bytes depend on the clip alone: one encoder thread, no dates, no random numbers.
"""

import math
import tempfile
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final

import av
from av import AudioStream, CodecContext, VideoCodecContext, VideoFrame, VideoStream
from av.container import OutputContainer

from vidspec.mock.clip import Clip
from vidspec.mock.picture import Box, Canvas, Scene
from vidspec.mock.tone import RATE, tone

_CODEC_OPTIONS: Final[Mapping[str, dict[str, str]]] = {
    "libx264": {"preset": "ultrafast", "tune": "zerolatency", "crf": "30"},
    "mpeg4": {},
}
_WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
_SHEET_COLUMNS, _SHEET_ROWS, _SHEET_WIDTH = 5, 2, 800


def encode_video(clip: Clip, codec: str = "libx264", *, faststart: bool = True) -> bytes:
    """Encode the clip as H.264, and AAC if it has sound, in a fast-start MP4 of exactly its size and length.

    Another ``codec``, or an index at the end, is for faults on purpose.
    """
    frames, rate = clip.timing()
    pixels = _pixel_format(clip.width, clip.height)
    with tempfile.TemporaryDirectory(prefix="vidspec-") as folder:
        # A real file: faststart reopens its output by name to move the index to the front.
        path = Path(folder) / "clip.mp4"
        options = {"movflags": "+faststart"} if faststart else {}
        options["fflags"] = "+bitexact"
        with av.open(str(path), "w", format="mp4", options=options) as container:
            stream = container.add_stream(codec, rate=rate, options=_CODEC_OPTIONS[codec])
            assert isinstance(stream, VideoStream)  # noqa: S101 - the codec decides; ours are all video
            stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, pixels
            stream.codec_context.thread_count = 1
            sound = _Sound(container, clip.seconds) if clip.audio else None
            for frame in _frames(clip, pixels, frames, rate):
                container.mux(stream.encode(frame))
                if sound is not None and frame.time is not None:
                    # Side by side: a player must not read far to find what is heard with a picture.
                    sound.advance(frame.time)
            container.mux(stream.encode(None))
            if sound is not None:
                sound.advance(math.inf)
                container.mux(sound.stream.encode(None))
        return path.read_bytes()


def encode_thumbnail(clip: Clip) -> bytes:
    """Encode the clip's first picture as lossy WebP of the clip's size."""
    codec = CodecContext.create("libwebp", "w")
    frames, rate = clip.timing()
    return _still(codec, next(_frames(clip, "yuv420p", frames, rate)))


def encode_spritesheet(clip: Clip) -> bytes:
    """Encode ten moments of the clip, five to a row, as a JPEG 800 pixels wide."""
    tile = _SHEET_WIDTH // _SHEET_COLUMNS
    height = max(2, round(tile * clip.height / clip.width)) * _SHEET_ROWS
    frame = VideoFrame(_SHEET_WIDTH, height + height % 2, "yuvj420p")
    canvas = Canvas(frame)
    tiles = _SHEET_COLUMNS * _SHEET_ROWS
    for number in range(tiles):
        row, column = divmod(number, _SHEET_COLUMNS)
        box = (
            column / _SHEET_COLUMNS, row / _SHEET_ROWS,
            (column + 1) / _SHEET_COLUMNS, (row + 1) / _SHEET_ROWS,
        )  # fmt: skip
        scene = Scene(canvas, clip, box)
        scene.draw()
        scene.show((number + 1) / tiles, clip.seconds * number / tiles)
    canvas.copy_to(frame)
    return _still(CodecContext.create("mjpeg", "w"), frame)


class _Sound:
    """The sound of a clip, encoded as far as its pictures are."""

    def __init__(self, container: OutputContainer, seconds: float) -> None:
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        assert isinstance(stream, AudioStream)  # noqa: S101 - the codec decides
        self._container, self.stream, self._rest = container, stream, tone(seconds)

    def advance(self, seconds: float) -> None:
        """Encode the sound up to that moment."""
        for frame in self._rest:
            self._container.mux(self.stream.encode(frame))
            if frame.time is not None and frame.time >= seconds:
                return


def _pixel_format(width: int, height: int) -> str:
    """Odd sizes need full chroma: subsampling would round them to even ones."""
    return "yuv444p" if width % 2 or height % 2 else "yuv420p"


def _frames(clip: Clip, pixels: str, count: int, rate: Fraction) -> Iterator[VideoFrame]:
    scene: Scene | None = None
    for number in range(count):
        frame = VideoFrame(clip.width, clip.height, pixels)
        if scene is None:
            canvas = Canvas(frame)
            scene = Scene(canvas, clip, _WHOLE)
            scene.draw()
        scene.show((number + 1) / count, float(number / rate))
        canvas.copy_to(frame)
        frame.pts, frame.time_base = number, 1 / rate
        yield frame


def _still(codec: VideoCodecContext, frame: VideoFrame) -> bytes:
    """Encode one picture; for still formats the encoder's packet is the whole file."""
    codec.width, codec.height, codec.pix_fmt = frame.width, frame.height, frame.format.name
    codec.time_base = Fraction(1, 1)
    codec.thread_count = 1
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)])


#: Media type → its encoder.
ENCODERS: Final[Mapping[str, Callable[[Clip], bytes]]] = {
    "video/mp4": encode_video,
    "video/mp4;faststart=no": partial(encode_video, faststart=False),
    "video/mp4;codecs=mp4v": partial(encode_video, codec="mpeg4"),
    "image/webp": encode_thumbnail,
    "image/jpeg": encode_spritesheet,
}
