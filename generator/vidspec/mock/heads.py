"""Heads of requests: read by llhttp, told as ASGI tells them."""

from typing import Any
from urllib.parse import unquote

import httptools
from starlette.types import Scope


def parser_for(connection: Any) -> Any:
    """Return a parser that calls the connection."""
    parser = httptools.HttpRequestParser(connection)
    # What is sent behind the last request of a connection is no fault of the request.
    parser.set_dangerous_leniencies(lenient_data_after_close=True)
    return parser


def framing(scope: Scope) -> bytes:
    """Return a head that says of its body what that of the request does; none where there is no body."""
    says = {b"content-length", b"transfer-encoding"}
    lines = [b"%b: %b\r\n" % pair for pair in scope["headers"] if pair[0] in says]
    return b"POST / HTTP/1.1\r\n%b\r\n" % b"".join(lines) if lines else b""


def scope_of(
    parser: Any, url: bytes, headers: list[tuple[bytes, bytes]], client: Any, server: Any
) -> Scope:
    """Return the scope of the request whose head ``parser`` has just read; ``url`` is as it was sent."""
    query = b""
    if url[:1] != b"/" or b"#" in url:
        url, query = _split(url)
    elif b"?" in url:
        url, _, query = url.partition(b"?")
    path = url.decode(errors="replace")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": parser.get_http_version(),
        "method": parser.get_method().decode("ascii"),
        "scheme": "http",
        "path": unquote(path) if "%" in path else path,
        "raw_path": url,
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "client": client,
        "server": server,
    }


def address(name: Any) -> tuple[str, int] | None:
    """Return host and port of an end of a connection, None where it has none."""
    return (str(name[0]), int(name[1])) if isinstance(name, tuple) else None


def _split(url: bytes) -> tuple[bytes, bytes]:
    """Return path and query of an address that is more than both."""
    try:
        parsed = httptools.parse_url(url)
    except httptools.HttpParserInvalidURLError:
        return url, b""
    return parsed.path or b"/", parsed.query or b""
