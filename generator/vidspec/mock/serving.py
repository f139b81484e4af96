"""Handing out what a job has made, whoever asks: spoilt where a fault says so, and at keyless addresses."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from vidspec.mock.clip import Clip
from vidspec.mock.faults import Faults
from vidspec.mock.job import Job
from vidspec.mock.media import MEDIA_TYPES, Media, MediaCache
from vidspec.mock.ranges import media_response
from vidspec.mock.store import JobStore
from vidspec_server._runtime.headers import header

#: The media type of every video that the mock encodes.
VIDEO = "video/mp4"
_STYLES = {"media_no_faststart": ";faststart=no", "media_wrong_codec": ";codecs=mp4v"}


async def make_media(cache: MediaCache, media_type: str, clip: Clip, faults: Faults) -> Media:
    """Return the clip in that media type, spoilt as the faults say.

    A media type that the mock cannot make (``application/octet-stream``) is the video under that name.
    """
    made = media_type if media_type in MEDIA_TYPES else VIDEO
    if made == VIDEO:
        made += next((style for name, style in _STYLES.items() if faults.on(name)), "")
    media = await cache.get(made, _spoilt(clip, faults))
    data = media.data
    if faults.on("media_not_video") and made.startswith(VIDEO):
        data = b"This is not a video.\n" * 50
    if faults.on("media_truncated"):
        data = data[: len(data) // 2]
    if data is not media.data:
        return Media.of(data, media_type)
    return media if media.content_type == media_type else replace(media, content_type=media_type)


def _spoilt(clip: Clip, faults: Faults) -> Clip:
    if faults.on("media_wrong_size"):
        clip = replace(clip, width=clip.width // 4 * 2, height=clip.height // 4 * 2)
    if faults.on("media_wrong_ratio"):
        clip = replace(clip, width=clip.height * 4 // 6 * 2)
    if faults.on("media_wrong_length"):
        clip = replace(clip, seconds=clip.seconds * 2)
    return clip


async def as_base64(cache: MediaCache, clip: Clip) -> str:
    """Return the clip's video as base64 text."""
    media = await cache.get(VIDEO, clip)
    return base64.b64encode(media.data).decode()


def request_origin(request: Request) -> str:
    """Return scheme and host as the caller named them."""
    host = header(request, "host") or "127.0.0.1"
    return f"{request.scope.get('scheme', 'http')}://{host}"


class MediaFiles:
    """The keyless addresses ``/_media/<token>/<number>.mp4`` that replies point to."""

    def __init__(
        self,
        store: JobStore,
        cache: MediaCache,
        faults: Faults,
        has_outlived: Callable[[Job], bool],
    ) -> None:
        self._store, self._cache, self._faults = store, cache, faults
        self._has_outlived = has_outlived

    async def respond(self, path: str, method: str, headers: Mapping[str, str]) -> Response:
        """Answer a request for ``path`` (what follows ``/_media/``)."""
        token, _, name = path.partition("/")
        job = self._store.by_token(token)
        clock = self._store.clock
        early = self._faults.on("content_before_completion")
        dead = self._faults.on("result_url_dead")
        if (
            dead
            or job is None
            or not name
            or self._has_outlived(job)
            or not (early or job.state(clock.monotonic()) == "completed")
        ):
            return Response("not found\n", 404, media_type="text/plain")
        if method not in {"GET", "HEAD"}:
            return Response("method not allowed\n", 405, {"allow": "GET, HEAD"}, "text/plain")
        clip = job.clip
        if self._faults.on("result_other_video"):
            clip = replace(clip, seconds=clip.seconds + 1)
        media = await make_media(self._cache, VIDEO, clip, self._faults)
        if self._faults.on("result_other_type"):
            media = replace(media, content_type="text/plain")
        return media_response(media, headers, method, ranges=not self._faults.on("range_ignored"))
