"""Encoding: H.264 in MP4, WebP, JPEG. The only module that loads the codecs; import it when needed.

The bytes depend on the clip alone: one encoder thread, no dates, no random numbers.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final

import av
from av import CodecContext, VideoCodecContext, VideoFrame, VideoStream

from vidspec.mock.clip import Clip
from vidspec.mock.picture import Canvas, draw_bar, draw_scene, palette

_CODEC_OPTIONS: Final[Mapping[str, dict[str, str]]] = {
    "libx264": {"preset": "ultrafast", "tune": "zerolatency", "crf": "30"},
    "mpeg4": {},
}
_WHOLE = (0.0, 0.0, 1.0, 1.0)
_SHEET_COLUMNS, _SHEET_ROWS, _SHEET_WIDTH = 5, 2, 800


def encode_video(clip: Clip, codec: str = "libx264", *, faststart: bool = True) -> bytes:
    """Encode the clip as H.264 in a fast-start MP4 of exactly its size and length.

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
            for frame in _frames(clip, pixels, frames):
                frame.time_base = 1 / rate
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path.read_bytes()


def encode_thumbnail(clip: Clip) -> bytes:
    """Encode the clip's first picture as lossy WebP of the clip's size."""
    codec = CodecContext.create("libwebp", "w")
    return _still(codec, next(_frames(clip, "yuv420p", 1)))


def encode_spritesheet(clip: Clip) -> bytes:
    """Encode ten moments of the clip, five to a row, as a JPEG 800 pixels wide."""
    tile = _SHEET_WIDTH // _SHEET_COLUMNS
    height = max(2, round(tile * clip.height / clip.width)) * _SHEET_ROWS
    frame = VideoFrame(_SHEET_WIDTH, height + height % 2, "yuvj420p")
    canvas, colours = Canvas(frame), palette(clip.prompt)
    tiles = _SHEET_COLUMNS * _SHEET_ROWS
    for number in range(tiles):
        row, column = divmod(number, _SHEET_COLUMNS)
        box = (
            column / _SHEET_COLUMNS, row / _SHEET_ROWS,
            (column + 1) / _SHEET_COLUMNS, (row + 1) / _SHEET_ROWS,
        )  # fmt: skip
        draw_scene(canvas, colours, box)
        draw_bar(canvas, colours, box, (number + 1) / tiles)
    canvas.copy_to(frame)
    return _still(CodecContext.create("mjpeg", "w"), frame)


def _pixel_format(width: int, height: int) -> str:
    """Odd sizes need full chroma: subsampling would round them to even ones."""
    return "yuv444p" if width % 2 or height % 2 else "yuv420p"


def _frames(clip: Clip, pixels: str, count: int) -> Iterator[VideoFrame]:
    colours = palette(clip.prompt)
    canvas: Canvas | None = None
    for number in range(count):
        frame = VideoFrame(clip.width, clip.height, pixels)
        if canvas is None:
            canvas = Canvas(frame)
            draw_scene(canvas, colours, _WHOLE)
        draw_bar(canvas, colours, _WHOLE, (number + 1) / count)
        canvas.copy_to(frame)
        frame.pts = number
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
