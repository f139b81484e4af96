"""From a ``Request`` to what httpx2 sends: address, headers, credentials, body."""

from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2

from .credentials import Secrets, authorize
from .dialect import DialectInfo
from .encoding import query_string
from .files import File, opened
from .options import ClientOptions
from .requests import Form, Json, Request
from .signing import Unsigned
from .steps import Deadline

# What another origin may see of our headers.
_PUBLIC_HEADERS = frozenset({"accept", "accept-encoding", "user-agent", "range", "if-range"})


@dataclass(frozen=True)
class Context:
    """What every request of one client has in common."""

    dialect: DialectInfo
    options: ClientOptions
    secrets: Secrets

    @cached_property
    def headers(self) -> dict[str, str]:
        """The headers of every request, by lower-case name."""
        own = {name.lower(): value for name, value in self.options.headers.items()}
        return {"user-agent": f"vidspec-client/{self.dialect.name}", **own}

    @cached_property
    def home(self) -> tuple[str, str, int]:
        """The gateway's origin."""
        return origin(self.options.base_url)


def assemble(
    context: Context,
    request: Request,
    url: str,
    stack: ExitStack,
    clock: Deadline,
    *,
    trusted: bool,
) -> httpx2.Request:
    """Return what is sent to ``url``; ``stack`` closes the files it reads.

    Raises OSError for a file that cannot be read, ValueError for a body that its credential cannot sign.
    """
    headers = {"accept": request.accept, **context.headers}
    headers |= {name.lower(): value for name, value in request.headers.items()}
    content = b""
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

        def unsigned() -> Unsigned:
            return _unsigned(request.method, url, headers.get("content-type"), content, files)

        headers |= authorize(context.dialect, request.security, context.secrets, unsigned)
    silence = clock.left(context.options.timeout)
    connect = clock.left(context.options.connect_timeout)
    times = {"connect": connect, "read": silence, "write": silence, "pool": silence}
    if files is not None:
        return httpx2.Request(
            request.method, url, headers=headers, files=files, extensions={"timeout": times}
        )
    address = httpx2.URL(url)
    # With a stream httpx2 adds no headers of its own, which is most of the time that it would take.
    head = {"host": address.netloc.decode("ascii"), **headers}
    if content or request.method not in _BODILESS:
        head["content-length"] = str(len(content))
    return httpx2.Request(
        request.method,
        address,
        headers=head,
        stream=httpx2.ByteStream(content),
        extensions={"timeout": times},
    )


# The methods whose requests say nothing of a body that they do not have.
_BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})


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
