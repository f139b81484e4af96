"""When to send again, and how long to wait before: pure functions."""

import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from .errors import ApiError, TransportError, VideoError
from .requests import Request

#: A server that asks for a longer pause than this is not asked again; the error says when it wants to be.
LONGEST_PAUSE = 120.0
_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 8.0


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds the server asks to wait (``retry-after-ms``, or ``retry-after`` as seconds or a date), or None."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def backoff(number: int) -> float:
    """Return the pause after attempt ``number``: full jitter below 0.5 s, 1 s, 2 s … 8 s."""
    return random.uniform(0, min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2 ** (number - 1)))  # noqa: S311  # spreads load; guards no secret


def pause_before_retry(request: Request, failure: VideoError, number: int) -> float | None:
    """Return the seconds to wait before attempt ``number + 1``, or None when the request must not be sent again.

    What may do something twice is sent again only when it surely did not reach the server, or when the server says when:
    429 or 503 with Retry-After.
    """
    if not request.rewindable:
        return None
    if isinstance(failure, TransportError):
        sure = request.idempotent or not failure.may_have_arrived
        return backoff(number) if sure else None
    if not isinstance(failure, ApiError) or failure.headers.get("x-should-retry") == "false":
        return None
    asked = failure.retry_after
    if asked is not None and asked > LONGEST_PAUSE:
        return None
    if not _worth_retrying(request, failure.status, asked):
        return None
    return backoff(number) if asked is None else asked


def _worth_retrying(request: Request, status: int, asked: float | None) -> bool:
    turned_away = status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    if not request.idempotent:
        return turned_away and asked is not None
    if status == HTTPStatus.NOT_IMPLEMENTED:
        return False
    return (
        turned_away
        or status == HTTPStatus.REQUEST_TIMEOUT
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    )


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if value >= 0 and math.isfinite(value) else None
