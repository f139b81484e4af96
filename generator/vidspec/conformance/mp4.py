"""Reading what an MP4 says of itself (ISO/IEC 14496-12): size, duration, codec, order of the boxes.

Only the boxes are read, never a sample; anything malformed leaves its part out.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_CONTAINERS: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_MOST_BOXES: Final = 10_000

#: Sample entries that browsers play, by codec.
PLAYABLE: Final = {
    "avc1": "H.264",
    "avc3": "H.264",
    "hvc1": "H.265",
    "hev1": "H.265",
    "vp09": "VP9",
    "av01": "AV1",
}


@dataclass(frozen=True, slots=True)
class Film:
    """An MP4 with a video track; ``seconds`` is None where the file does not say it."""

    width: int
    height: int
    seconds: float | None
    #: Sample entry of the video track, such as ``avc1``.
    codec: str
    #: The index stands before the samples.
    faststart: bool


def read_film(data: bytes) -> Film | None:
    """Read a file; return None if it is no MP4 with a video track."""
    top = [kind for kind, _, _ in _boxes(data, 0, len(data))]
    if not top or top[0] != b"ftyp" or b"moov" not in top:
        return None
    boxes = list(_walk(data, 0, len(data)))
    movie = next((_duration(data, start) for kind, start, _ in boxes if kind == b"mvhd"), None)
    faststart = b"mdat" not in top or top.index(b"moov") < top.index(b"mdat")
    for kind, start, end in boxes:
        if kind != b"trak":
            continue
        inside = {k: (s, e) for k, s, e in _walk(data, start, end)}
        if b"hdlr" not in inside or b"stsd" not in inside:
            continue
        handler = inside[b"hdlr"][0]
        if data[handler + 8 : handler + 12] != b"vide":
            continue
        entry = inside[b"stsd"][0] + 8
        if len(data) < entry + 36:
            return None
        width, height = struct.unpack_from(">HH", data, entry + 32)
        codec = data[entry + 4 : entry + 8].decode("latin-1")
        track = _duration(data, inside[b"mdhd"][0]) if b"mdhd" in inside else None
        return Film(width, height, track or movie, codec, faststart)
    return None


def film_end(data: bytes) -> int:
    """Return the offset behind the last box that is whole."""
    return max((end for _, _, end in _boxes(data, 0, len(data))), default=0)


def _walk(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    for kind, inner, stop in _boxes(data, start, end):
        yield kind, inner, stop
        if kind in _CONTAINERS:
            yield from _walk(data, inner, stop)


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield ``(type, start of the content, end)`` of the boxes between two offsets."""
    for _ in range(_MOST_BOXES):
        if start + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1 and start + 16 <= end:
            (size,) = struct.unpack_from(">Q", data, start + 8)
            header = 16
        elif size == 0:
            size = end - start
        if size < header or start + size > end:
            return
        yield kind, start + header, start + size
        start += size


def _duration(data: bytes, start: int) -> float | None:
    """Return the seconds in an ``mvhd`` or ``mdhd`` box."""
    layout, offset = (">IQ", 20) if data[start] == 1 else (">II", 12)
    if len(data) < start + offset + struct.calcsize(layout):
        return None
    scale, length = struct.unpack_from(layout, data, start + offset)
    return length / scale if scale else None
