"""Getting a result's bytes: streamed, resumed where the connection broke, checked, and renamed into place at the end."""

import base64
import binascii
import errno
import hashlib
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TypeAlias

import httpx2

from .assembly import Context, origin
from .dialect import SurfaceInfo
from .errors import ApiError, DecodingError, DownloadError, Exchange, Expired, TransportError
from .jobs import VideoJob
from .pointers import find_all
from .replies import refused_in_body
from .requests import Request
from .retrying import backoff
from .sink import Progress, Sink
from .steps import Close, Plan, Pump, Sleep, Work
from .transport import open_stream

_PARTIAL = 206
_RANGE_REFUSED = 416
# Breaks in a row without a byte gained.
_MOST_BREAKS = 5
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)", re.ASCII)
_REFUSALS_OF_STORES = frozenset({400, 403, 404})
_NOT_MEDIA = ("application/json", "text/html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A result on disk."""

    path: Path
    size: int
    content_type: str | None
    #: Hex digest, when one was asked for.
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Inline:
    """A result that came inside the job, in base64."""

    data: str = field(repr=False)
    content_type: str = "video/mp4"

    def decode(self) -> bytes:
        """Return the bytes; raises DownloadError when the text is no base64."""
        text = self.data.partition(";base64,")[2] if self.data.startswith("data:") else self.data
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            msg = "the result is not base64"
            raise DownloadError(msg) from error


#: Where a result is: behind a request (an endpoint, or any URL), or in the job itself.
Source: TypeAlias = Request | Inline


def url_source(url: str, expires_at: datetime | None = None) -> Source:
    """Return the source for a result's address; ``data:`` URLs are decoded here, others are fetched.

    Credentials go along only when the address has the gateway's own origin. Raises DownloadError for other schemes and for what is no URL.
    """
    if url.startswith("data:"):
        return Inline(url, url[5:].partition(";")[0] or "video/mp4")
    if not url.startswith(("http://", "https://")):
        msg = "the result's address is neither http(s) nor data"
        raise DownloadError(msg)
    try:
        httpx2.URL(url)
        origin(url)
    except (ValueError, httpx2.InvalidURL) as error:
        msg = "the result's address is no URL"
        raise DownloadError(msg) from error
    return Request(
        operation_id="download",
        method="GET",
        url=url,
        accept="*/*",
        stream=True,
        idempotent=True,
        expires_at=expires_at,
    )


def result_sources(surface: SurfaceInfo, job: VideoJob, endpoint: Request | None) -> list[Source]:
    """Return where the results of a completed job are, by the first of the surface's ways that leads anywhere.

    ``endpoint`` is the request of the content operation, when the surface has one.
    """
    for result in surface.results:
        if result.kind == "endpoint" and endpoint is not None:
            return [replace(endpoint, expires_at=job.expires_at)]
        if result.pointer is None:
            continue
        found = [value for value in find_all(job.raw, result.pointer) if value]
        texts = [value for value in found if isinstance(value, str)]
        if texts and result.kind == "url":
            return [url_source(text, job.expires_at) for text in texts]
        if texts and result.kind == "base64":
            return [Inline(text) for text in texts]
    return []


def open_media(context: Context, request: Request) -> Plan[httpx2.Response]:
    """Open a result for streaming; gives the response with its body unread.

    Raises Expired, ApiError, DecodingError when something other than media comes.
    """
    headers = {"accept-encoding": "identity", **request.headers}
    try:
        response = yield from open_stream(context, replace(request, headers=headers))
    except ApiError as error:
        if _has_expired(request, error):
            raise Expired(error.exchange, error.detail) from error
        raise
    if response.headers.get("content-type", "").partition(";")[0].strip().lower() in _NOT_MEDIA:
        yield from _refuse(context, request, response)
    return response


def read(context: Context, source: Source) -> Plan[bytes]:
    """Give the whole result in memory; raises ApiError, DecodingError, TransportError, DownloadError."""
    if isinstance(source, Inline):
        return source.decode()
    chunks: list[bytes] = []
    response = yield from open_media(context, source)
    try:
        yield Pump(response, chunks.append)
    except httpx2.HTTPError as error:
        msg = f"the download broke off: {type(error).__name__}"
        raise DownloadError(msg) from error
    return b"".join(chunks)


def place(path: str | os.PathLike[str]) -> Path:
    """Return where a result can be saved; raises OSError where there can be no file, or something that is none would be replaced.

    Asked before a job is made, so that nobody pays for a video that cannot be kept.
    """
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder, not a file", str(target))
    if target.exists() and not target.is_file():
        raise FileExistsError(errno.EEXIST, "not an ordinary file, so not replaced", str(target))
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(target.parent))
    if not os.access(target.parent, os.W_OK):
        raise PermissionError(errno.EACCES, "no permission to write there", str(target.parent))
    return target


def save(
    context: Context,
    source: Source,
    path: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    sha256: str | None = None,
) -> Plan[Saved]:
    """Write the result to ``path`` by way of a ``.part`` file beside it, of its own, which is renamed when all bytes are there.

    A broken connection is resumed with Range and If-Range where the server gave a validator, and begun anew otherwise.
    Raises ApiError, TransportError, DownloadError (wrong length or digest), OSError; then ``path`` is untouched.
    """
    target = place(path)
    # Two that save under one name do not write into one file.
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb", buffering=0) as file:
            sink = Sink(file, progress, None if sha256 is None else hashlib.sha256())
            if isinstance(source, Inline):
                data = source.decode()
                sink.total, sink.content_type = len(data), source.content_type
                yield Work(partial(sink.write, data))
                sink.tell()
            else:
                yield from _download(context, source, sink)
            digest = sink.check(sha256)
            yield Work(partial(os.fsync, file.fileno()))
        part.replace(target)
    except BaseException as error:
        with suppress(OSError):
            part.unlink()
        if isinstance(error, OSError) and error.errno is not None and error.filename is None:
            # A full disk says so of no file.
            error.filename = str(target)
        raise
    yield Work(partial(_sync_directory, target.parent))
    return Saved(path=target, size=sink.done, content_type=sink.content_type, sha256=digest)


def _download(context: Context, request: Request, sink: Sink) -> Plan[None]:
    breaks = 0
    while True:
        before = sink.done
        try:
            response = yield from open_media(context, _continued(request, sink))
            if _accept(response, sink):
                plain = "content-encoding" not in response.headers
                yield Pump(response, sink.write, plain, writes_disk=True, taken=sink.tell)
                if not sink.short:
                    return
            else:
                yield Close(response)
            failure: Exception = DownloadError(f"got {sink.done} of {sink.total} bytes")
        except (httpx2.HTTPError, TransportError) as error:
            failure = error
        except ApiError as error:
            if error.status != _RANGE_REFUSED or not before:
                raise
            sink.validator, failure = None, error
        breaks = 0 if sink.done > before else breaks + 1
        if breaks > _MOST_BREAKS:
            where = f"{sink.done} of {sink.total or 'unknown'} bytes"
            msg = f"the download broke off at {where} and could not be resumed"
            raise DownloadError(msg) from failure
        yield Sleep(backoff(breaks + 1))


def _continued(request: Request, sink: Sink) -> Request:
    """Return the request for what is missing, or for everything when pieces could not be told to belong together."""
    if not sink.done or sink.validator is None:
        return request
    extra = {"range": f"bytes={sink.done}-", "if-range": sink.validator}
    return replace(request, headers={**request.headers, **extra})


def _accept(response: httpx2.Response, sink: Sink) -> bool:
    """Take note of what the reply says of the whole; go back to the start unless it carries on where we stopped.

    False: these are other bytes than those asked for, and the next attempt begins anew.
    """
    headers = response.headers
    encoded = "content-encoding" in headers
    if response.status_code == _PARTIAL:
        matched = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
        if matched is None or int(matched[1]) != sink.done or encoded:
            sink.validator = None
            return False
        if matched[2].isdigit():
            sink.total = int(matched[2])
    else:
        sink.restart()
        # A length counts encoded bytes, so it says nothing when there is an encoding.
        sink.total = None if encoded else _integer(headers.get("content-length"))
    sink.content_type = headers.get("content-type", "").partition(";")[0] or None
    etag = headers.get("etag", "")
    # If-Range needs a strong validator.
    sink.validator = etag if etag.startswith('"') else headers.get("last-modified")
    return True


def _has_expired(request: Request, error: ApiError) -> bool:
    """Say whether a refusal means that the result's time is over: stores answer 400, 403 or 404 for a link that has ended."""
    if error.status == HTTPStatus.GONE:
        return True
    if error.status not in _REFUSALS_OF_STORES:
        return False
    ended = request.expires_at is not None and request.expires_at <= datetime.now(UTC)
    return ended or b"expired" in error.body.lower()


def _integer(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _refuse(context: Context, request: Request, response: httpx2.Response) -> Plan[None]:
    chunks: list[bytes] = []
    try:
        yield Pump(response, chunks.append)
    except httpx2.HTTPError:
        # What came is enough to say that it is no media.
        yield Close(response)
    exchange = Exchange(
        method=request.method,
        path=response.url.path,
        status=response.status_code,
        headers=response.headers,
        body=b"".join(chunks),
    )
    refusal = refused_in_body(context.dialect, exchange, request.operation_id)
    reason = f"media was expected, {response.headers.get('content-type')} came"
    raise refusal or DecodingError(reason, exchange)


def _sync_directory(directory: Path) -> None:
    """Make the rename durable where directories can be synced (not on Windows)."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
