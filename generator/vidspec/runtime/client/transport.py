"""From a ``Request`` to a reply: attempts, redirects, deadlines, credentials. Plans only; no waiting here."""

import logging
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx2

from .credentials import Secrets, authorize
from .dialect import DialectInfo
from .encoding import query_string
from .errors import Exchange, TimedOut, TransportError, VideoError
from .files import File, opened
from .options import Attempt, ClientOptions
from .replies import Decoder, Replies, T, build_error, decode_success
from .requests import Form, Json, Request
from .retrying import pause_before_retry
from .signing import Unsigned
from .steps import Close, Deadline, Plan, Pump, Send, Sleep

logger = logging.getLogger(__name__.partition("._runtime")[0])

_MAX_REDIRECTS = 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD = frozenset({307, 308})
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
# What another origin may see of our headers.
_PUBLIC_HEADERS = frozenset({"accept", "accept-encoding", "user-agent", "range", "if-range"})


@dataclass(frozen=True, slots=True)
class Context:
    """What every request of one client has in common."""

    dialect: DialectInfo
    options: ClientOptions
    secrets: Secrets


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
        attempt = Attempt(
            operation_id=request.operation_id,
            method=request.method,
            route=request.path,
            number=number,
            paid=request.paid,
        )
        try:
            response = yield from _follow(context, request, attempt, clock)
            body = b""
            if not (stream and response.is_success):
                body = yield from _read(request, response, clock)
            exchange = _as_exchange(request, response, body)
            if response.is_success:
                return response, exchange
            failure: VideoError = build_error(context.dialect, exchange, errors)
        except TransportError as error:
            failure = error
        pause = pause_before_retry(request, failure, number)
        if pause is None or number > context.options.max_retries or clock.left() <= pause:
            raise failure
        logger.info("%s %s: retry in %.2f s", attempt.method, attempt.route, pause)
        if context.options.hooks.on_retry is not None:
            context.options.hooks.on_retry(attempt, pause, failure)
        yield Sleep(pause)
        number += 1


def _follow(
    context: Context, request: Request, attempt: Attempt, clock: Deadline
) -> Plan[httpx2.Response]:
    """Send one attempt through its redirects; once it has left the gateway's origin it stays without credentials."""
    home = origin(context.options.base_url)
    url = address(context, request)
    trusted = True
    for _ in range(_MAX_REDIRECTS):
        trusted = trusted and origin(url) == home
        response = yield from _send(context, request, url, attempt, clock, trusted=trusted)
        target = _redirect_target(request, response, url)
        if target is None:
            return response
        yield Close(response)
        url = target
    raise _failure(request, "too many redirects", may_have_arrived=True)


def _send(
    context: Context,
    request: Request,
    url: str,
    attempt: Attempt,
    clock: Deadline,
    *,
    trusted: bool,
) -> Plan[httpx2.Response]:
    if clock.passed:
        raise _failure(request, "the deadline has passed", may_have_arrived=False, kind=TimedOut)
    hooks = context.options.hooks
    if hooks.on_request is not None:
        hooks.on_request(attempt)
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            built = _assemble(context, request, url, stack, clock, trusted=trusted)
            response = cast("httpx2.Response", (yield Send(built, request.reads_disk)))
    except httpx2.HTTPError as error:
        logger.info("%s %s: %s", attempt.method, attempt.route, type(error).__name__)
        raise _transport_error(request, error) from error
    elapsed = time.monotonic() - started
    status = response.status_code
    logger.debug("%s %s: %d in %.2f s", attempt.method, attempt.route, status, elapsed)
    if hooks.on_response is not None:
        hooks.on_response(attempt, status, response.headers, elapsed)
    return response


def _read(request: Request, response: httpx2.Response, clock: Deadline) -> Plan[bytes]:
    chunks: list[bytes] = []

    def keep(chunk: bytes) -> None:
        # A server that drips never lets the read time-out strike.
        if clock.passed:
            reason = "the deadline passed while the reply came"
            raise _failure(request, reason, may_have_arrived=True, kind=TimedOut)
        chunks.append(chunk)

    try:
        yield Pump(response, keep)
    except httpx2.HTTPError as error:
        raise _transport_error(request, error) from error
    return b"".join(chunks)


def _assemble(
    context: Context,
    request: Request,
    url: str,
    stack: ExitStack,
    clock: Deadline,
    *,
    trusted: bool,
) -> httpx2.Request:
    options = context.options
    headers = {
        "accept": request.accept,
        "user-agent": f"vidspec-client/{context.dialect.name}",
        **{name.lower(): value for name, value in options.headers.items()},
        **{name.lower(): value for name, value in request.headers.items()},
    }
    content: bytes | None = None
    files: list[tuple[str, Any]] | None = None
    if isinstance(request.body, Json):
        content = request.body.content
        headers["content-type"] = "application/json"
    elif isinstance(request.body, Form) and request.body.multipart:
        files = [(name, _part(part, stack)) for name, part in request.body.parts]
    elif isinstance(request.body, Form):
        content = urlencode(list(request.body.parts)).encode()
        headers["content-type"] = "application/x-www-form-urlencoded"
    if not trusted:
        headers = {name: value for name, value in headers.items() if name in _PUBLIC_HEADERS}
    elif "authorization" not in headers:
        unsigned = _unsigned(request.method, url, headers.get("content-type"), content, files)
        headers |= authorize(context.dialect, request.security, context.secrets, unsigned)
    silence = clock.left(options.timeout)
    timeout = httpx2.Timeout(silence, connect=clock.left(options.connect_timeout))
    return httpx2.Request(
        request.method,
        url,
        headers=headers,
        content=content,
        files=files,
        extensions={"timeout": timeout.as_dict()},
    )


def _part(part: str | File, stack: ExitStack) -> Any:
    if isinstance(part, File):
        return (part.name, opened(part, stack), part.content_type)
    # Without a name httpx2 writes a plain form field, and keeps the order of parts.
    return (None, part.encode())


def _unsigned(
    method: str, url: str, content_type: str | None, content: bytes | None, files: object
) -> Unsigned:
    parts = urlsplit(url)
    return Unsigned(
        method=method,
        host=parts.netloc,
        path=parts.path,
        query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
        content_type=content_type,
        body=None if files is not None else content or b"",
    )


def address(context: Context, request: Request) -> str:
    """Return the absolute URL of a request; raises ValueError for path values that would change the path."""
    if request.url is not None:
        return request.url
    url = context.options.base_url + request.filled_path
    return f"{url}?{query_string(list(request.query))}" if request.query else url


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port: what two URLs share when they are the same server."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme, 0)
    return parts.scheme, parts.hostname or "", parts.port or default


def _redirect_target(request: Request, response: httpx2.Response, url: str) -> str | None:
    location = response.headers.get("location")
    if response.status_code not in _REDIRECTS or not location:
        return None
    target = urljoin(url, location)
    if not target.startswith(("http://", "https://")):
        return None
    if request.method in ("GET", "HEAD"):
        return target
    # A body goes only where the caller sent it, and a POST never turns into a GET.
    same = origin(target) == origin(url) and response.status_code in _KEEPS_METHOD
    return target if same and request.rewindable else None


def _as_exchange(request: Request, response: httpx2.Response, body: bytes) -> Exchange:
    return Exchange(
        method=request.method,
        path=response.url.path,
        status=response.status_code,
        headers=response.headers,
        body=body,
    )


def _transport_error(request: Request, error: httpx2.HTTPError) -> TransportError:
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
