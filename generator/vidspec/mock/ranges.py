"""Serving media the way players and resuming downloads need it: ranges, HEAD, entity tags (RFC 9110)."""

import re
from collections.abc import Mapping

from starlette.responses import Response

from vidspec.mock.media import Media

_RANGE = re.compile(r"bytes=(?:(?P<first>\d+)-(?P<last>\d*)|-(?P<suffix>\d+))\s*", re.ASCII)


def media_response(
    media: Media, headers: Mapping[str, str], method: str = "GET", *, ranges: bool = True
) -> Response:
    """Answer a GET or HEAD of ``media``: 200, 206, 304 or 416.

    ``headers`` are the request's, looked up in lower case.
    Several ranges at once, and range units other than bytes, are answered with the whole, as the RFC
    allows.
    ``ranges=False`` ignores ranges altogether (a fault on purpose).
    """
    size = len(media.data)
    common = {"etag": media.etag, "content-type": media.content_type}
    if ranges:
        common["accept-ranges"] = "bytes"
    if _matches(headers.get("if-none-match"), media.etag):
        return Response(status_code=304, headers={"etag": media.etag})
    # Range is defined for GET alone (RFC 9110, 14.2).
    asked = headers.get("range") if ranges and method == "GET" else None
    span = _span(asked, size) if asked and _same(headers.get("if-range"), media.etag) else None
    first, end = span or (0, size)
    if first >= end:
        refusal = {"content-range": f"bytes */{size}", "accept-ranges": "bytes"}
        return Response(status_code=416, headers=refusal)
    if span is not None:
        common["content-range"] = f"bytes {first}-{end - 1}/{size}"
    common["content-length"] = str(end - first)
    body = b"" if method == "HEAD" else media.data[first:end]
    return Response(body, status_code=200 if span is None else 206, headers=common)


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """Return the half-open span asked for: None if it is to be ignored, empty if it lies outside."""
    match = _RANGE.fullmatch(asked)
    if match is None:
        return None
    if match["suffix"] is not None:
        return max(0, size - int(match["suffix"])), size
    first = int(match["first"])
    last = min(int(match["last"]), size - 1) if match["last"] else size - 1
    if match["last"] and int(match["last"]) < first:
        return None
    return (first, last + 1) if first < size else (size, size)


def _matches(condition: str | None, etag: str) -> bool:
    """Weak comparison of ``If-None-Match``."""
    if condition is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in condition.split(",")]
    return "*" in tags or etag in tags


def _same(condition: str | None, etag: str) -> bool:
    """Strong comparison of ``If-Range``; a date never matches, for we send no Last-Modified."""
    return condition is None or condition.strip() == etag
