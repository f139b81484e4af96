"""Small films and pictures, encoded afresh: grey frames of the size and length asked for."""

import functools
import tempfile
from pathlib import Path

import av
from av import CodecContext, VideoCodecContext, VideoFrame, VideoStream


@functools.cache
def film(width: int, height: int, seconds: int) -> Path:
    """Return a file with an H.264 MP4 that begins with its index; two pictures a second."""
    path = _folder() / f"{width}x{height}-{seconds}.mp4"
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=2, options={"preset": "ultrafast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        for number in range(2 * seconds):
            frame = _grey(width, height, 16 + 8 * (number % 20))
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@functools.cache
def still(codec: str, width: int, height: int) -> Path:
    """Return a file with one grey picture, in WebP (``libwebp``) or JPEG (``mjpeg``)."""
    encoder = CodecContext.create(codec, "w")
    assert isinstance(encoder, VideoCodecContext)
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    encoder.width, encoder.height, encoder.pix_fmt = width, height, pixels
    encoder.framerate, encoder.thread_count = 1, 1  # type: ignore[assignment]
    frame = _grey(width, height, 128).reformat(format=pixels)
    frame.pts = 0
    path = _folder() / f"{codec}-{width}x{height}"
    path.write_bytes(b"".join(bytes(p) for p in [*encoder.encode(frame), *encoder.encode(None)]))
    return path


@functools.cache
def _folder() -> Path:
    # Removed with the process: the object, kept by the cache, cleans up when it goes.
    return Path(_home().name)


@functools.cache
def _home() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="vidspec-films-")


def _grey(width: int, height: int, light: int) -> VideoFrame:
    frame = VideoFrame(width, height, "yuv420p")
    for plane, value in zip(frame.planes, (light, 128, 128), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame
