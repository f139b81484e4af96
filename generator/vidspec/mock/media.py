"""Real media for finished jobs, made at the first download and kept in a cache bounded by bytes."""

import asyncio
import hashlib
import importlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from vidspec.mock.clip import Clip

#: The media types that can be made; the last two are for faults on purpose.
MEDIA_TYPES: Final = frozenset(
    {"video/mp4", "image/webp", "image/jpeg", "video/mp4;faststart=no", "video/mp4;codecs=mp4v"}
)
#: How many are encoded at the same time.
_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class Media:
    """Bytes to serve, with their media type and strong entity tag (quotes included)."""

    data: bytes
    content_type: str
    etag: str

    @classmethod
    def of(cls, data: bytes, content_type: str) -> "Media":
        """Tag ``data`` with its hash."""
        return cls(data, content_type, f'"{hashlib.sha256(data).hexdigest()[:32]}"')


class MediaCache:
    """Encoded media by (media type, clip), least recently used first out, bounded by bytes."""

    def __init__(self, max_bytes: int = 64 * 1024 * 1024) -> None:
        self._max_bytes = max_bytes
        self._held = 0
        self._media: OrderedDict[tuple[str, Clip], Media] = OrderedDict()
        self._pending: dict[tuple[str, Clip], asyncio.Task[Media]] = {}
        #: Large pictures take much memory while they are encoded.
        self._turn = asyncio.Semaphore(_AT_ONCE)

    @property
    def held_bytes(self) -> int:
        """How many bytes of media are held now."""
        return self._held

    async def get(self, media_type: str, clip: Clip) -> Media:
        """Return the clip in that media type, encoding it on a thread if it is not held.

        Raises KeyError for a media type that the mock cannot make.
        """
        key = (media_type, clip.bounded())
        if (media := self._media.get(key)) is not None:
            self._media.move_to_end(key)
            return media
        if media_type not in MEDIA_TYPES:
            raise KeyError(media_type)
        # Several downloads of the same fresh clip wait for one encoding.
        task = self._pending.get(key)
        if task is None:
            task = self._pending[key] = asyncio.create_task(self._encode(key))
        return await asyncio.shield(task)

    async def _encode(self, key: tuple[str, Clip]) -> Media:
        try:
            async with self._turn:
                media = await asyncio.to_thread(_encoded, *key)
        finally:
            del self._pending[key]
        self._media[key] = media
        self._held += len(media.data)
        while self._held > self._max_bytes and len(self._media) > 1:
            _, dropped = self._media.popitem(last=False)
            self._held -= len(dropped.data)
        return media


def _encoded(media_type: str, clip: Clip) -> Media:
    # The codecs take a tenth of a second to load: not before somebody wants a video.
    encoders = importlib.import_module("vidspec.mock.encoding").ENCODERS
    return Media.of(encoders[media_type](clip), media_type)
