"""From a ``Request`` to a reply: attempts, redirects, deadlines. Plans only; no waiting here."""

import logging
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, cast
from urllib.parse import urljoin

import httpx2

from .assembly import Context, address, assemble, origin
from .attempts import attempt_of
from .errors import Exchange, TimedOut, TransportError, VideoError
from .redaction import RedactingFilter
from .replies import Decoder, Replies, T, build_error, decode_success
from .requests import Request
from .retrying import pause_before_retry
from .steps import Close, Deadline, Plan, Pump, Send, Sleep

logger = logging.getLogger(__name__.partition("._runtime")[0])
# What is logged here holds no secret; should that ever change, none shows.
logger.addFilter(RedactingFilter())

_MAX_REDIRECTS = 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD = frozenset({307, 308})
_NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.InvalidURL,
)


def call(
    context: Context, request: Request, replies: Replies[T], deadline: Deadline | None = None
) -> Plan[tuple[T, Exchange]]:
    """Send, and read the reply; gives the typed body and the exchange it came in."""
    exchange = yield from fetch(context, request, replies.errors, deadline)
    return decode_success(context.dialect, exchange, replies, request.operation_id), exchange


def fetch(
    context: Context,
    request: Request,
    errors: Mapping[str, Decoder[Any]] | None = None,
    deadline: Deadline | None = None,
) -> Plan[Exchange]:
    """Send with retries; gives the 2xx reply with its body read. Raises ApiError, TransportError."""
    _, exchange = yield from _exchange(context, request, errors or {}, deadline, stream=False)
    return exchange


def open_stream(
    context: Context,
    request: Request,
    errors: Mapping[str, Decoder[Any]] | None = None,
    deadline: Deadline | None = None,
) -> Plan[httpx2.Response]:
    """Send with retries; gives the 2xx response with its body unread, for the caller to close."""
    response, _ = yield from _exchange(context, request, errors or {}, deadline, stream=True)
    return response


def _exchange(
    context: Context,
    request: Request,
    errors: Mapping[str, Decoder[Any]],
    deadline: Deadline | None,
    *,
    stream: bool,
) -> Plan[tuple[httpx2.Response, Exchange]]:
    clock = Deadline(context.options.deadline) if deadline is None else deadline
    number = 1
    while True:
        try:
            response = yield from _follow(context, request, number, clock)
            good = 200 <= response.status_code < 300
            body = (
                b""
                if stream and good
                else (yield from _read(context, request, response, number, clock))
            )
            exchange = _as_exchange(request, response, body)
            if good:
                return response, exchange
            failure: VideoError = build_error(context.dialect, exchange, errors)
        except TransportError as error:
            failure = error
        pause = pause_before_retry(request, failure, number)
        if pause is None or number > context.options.max_retries or clock.left() <= pause:
            raise failure
        logger.info("%s %s: retry in %.2f s", request.method, request.path, pause)
        if context.options.hooks.on_retry is not None:
            context.options.hooks.on_retry(attempt_of(context, request, number), pause, failure)
        yield Sleep(pause)
        number += 1


def _follow(
    context: Context, request: Request, number: int, clock: Deadline
) -> Plan[httpx2.Response]:
    """Send one attempt through its redirects; once it has left the gateway's origin it stays without credentials."""
    url = address(context, request)
    trusted = request.url is None or origin(url) == context.home
    for _ in range(_MAX_REDIRECTS):
        response = yield from _send(context, request, url, number, clock, trusted=trusted)
        target = _redirect_target(request, response, url)
        if target is None:
            return response
        yield Close(response)
        url = target
        trusted = trusted and origin(url) == context.home
    raise _failure(request, "too many redirects", may_have_arrived=True)


def _send(
    context: Context,
    request: Request,
    url: str,
    number: int,
    clock: Deadline,
    *,
    trusted: bool,
) -> Plan[httpx2.Response]:
    if clock.passed:
        raise _failure(request, "the deadline has passed", may_have_arrived=False, kind=TimedOut)
    hooks = context.options.hooks
    if hooks.on_request is not None:
        hooks.on_request(attempt_of(context, request, number))
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            built = assemble(context, request, url, stack, clock, trusted=trusted)
            response = cast("httpx2.Response", (yield Send(built, request.reads_disk)))
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _gone_wrong(context, request, error, number, started) from error
    elapsed = time.monotonic() - started
    status = response.status_code
    logger.debug("%s %s: %d in %.2f s", request.method, request.path, status, elapsed)
    if hooks.on_response is not None:
        hooks.on_response(attempt_of(context, request, number), status, response.headers, elapsed)
    return response


def _read(
    context: Context, request: Request, response: httpx2.Response, number: int, clock: Deadline
) -> Plan[bytes]:
    if response.is_stream_consumed:
        # A transport without a network has it all at once.
        return response.content
    chunks: list[bytes] = []
    started = time.monotonic()

    def keep(chunk: bytes) -> None:
        # A server that drips never lets the read time-out strike.
        if clock.passed:
            reason = "the deadline passed while the reply came"
            raise _failure(request, reason, may_have_arrived=True, kind=TimedOut)
        chunks.append(chunk)

    try:
        yield Pump(response, keep)
    except httpx2.HTTPError as error:
        raise _gone_wrong(context, request, error, number, started) from error
    return b"".join(chunks)


def _gone_wrong(
    context: Context,
    request: Request,
    error: httpx2.HTTPError | httpx2.InvalidURL,
    number: int,
    started: float,
) -> TransportError:
    """Return the error to raise, after telling the log and the hook."""
    logger.info("%s %s: %s", request.method, request.path, type(error).__name__)
    hooks = context.options.hooks
    if hooks.on_error is not None:
        elapsed = time.monotonic() - started
        hooks.on_error(attempt_of(context, request, number), error, elapsed)
    return _transport_error(request, error)


def _redirect_target(request: Request, response: httpx2.Response, url: str) -> str | None:
    if response.status_code not in _REDIRECTS:
        return None
    target = _joined(url, response.headers.get("location"))
    if target is None:
        return None
    if request.method in ("GET", "HEAD"):
        return target
    # A body goes only where the caller sent it, and a POST never turns into a GET.
    same = origin(target) == origin(url) and response.status_code in _KEEPS_METHOD
    return target if same and request.rewindable else None


def _joined(url: str, location: str | None) -> str | None:
    """Return where a redirect leads, or None when that is no address that can be asked."""
    try:
        target = urljoin(url, location or "")
        httpx2.URL(target)
    except (ValueError, httpx2.InvalidURL):
        return None
    return target if location and target.startswith(("http://", "https://")) else None


def _as_exchange(request: Request, response: httpx2.Response, body: bytes) -> Exchange:
    return Exchange(
        method=request.method,
        path=response.url.path,
        status=response.status_code,
        headers=response.headers,
        body=body,
    )


def _transport_error(
    request: Request, error: httpx2.HTTPError | httpx2.InvalidURL
) -> TransportError:
    arrived = not isinstance(error, _NEVER_SENT)
    reason = type(error).__name__
    # A local protocol error quotes the header it refused, which may be the key.
    if str(error) and not isinstance(error, httpx2.LocalProtocolError):
        reason += f": {error}"
    kind = TimedOut if isinstance(error, httpx2.TimeoutException) else TransportError
    return _failure(request, reason, may_have_arrived=arrived, kind=kind)


def _failure(
    request: Request,
    reason: str,
    *,
    may_have_arrived: bool,
    kind: type[TransportError] = TransportError,
) -> TransportError:
    return kind(
        reason,
        method=request.method,
        path=request.shown_path,
        may_have_arrived=may_have_arrived,
        paid=request.paid,
    )
