"""Traffic that a browser or a proxy has recorded as HAR 1.2 (HTTP Archive)."""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vidspec.conformance.exchange import Headers
from vidspec.conformance.passive import Passive, Span
from vidspec.conformance.routes import Routes
from vidspec.conformance.wire import Answer, Recorded
from vidspec.contract import Dialect
from vidspec.errors import UsageError


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded exchange; header names are as they came."""

    method: str
    url: str
    headers: Headers
    body: bytes
    #: 0: there was no reply.
    status: int
    reply_headers: Headers
    #: None: the recorder left the body out.
    content: bytes | None
    span: Span


def read_har(path: Path) -> tuple[Entry, ...]:
    """Read the entries in the order in which they ended; raise UsageError for what is no HAR file."""
    try:
        value = json.loads(path.read_bytes())
        entries = value["log"]["entries"]
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise UsageError(message) from error
    except (ValueError, RecursionError) as error:
        message = f"{path} is not JSON: {error}"
        raise UsageError(message) from error
    except (KeyError, TypeError) as error:
        message = f"{path} is not a HAR file: it has no log.entries"
        raise UsageError(message) from error
    if not isinstance(entries, list):
        message = f"{path} is not a HAR file: log.entries is no list"
        raise UsageError(message)
    return tuple(sorted(_entries(path, entries), key=lambda entry: entry.span.ended))


def base_of(dialect: Dialect, entries: Sequence[Entry]) -> str:
    """Return the base URL under which most of the entries are the dialect's; raise UsageError if none is."""
    routes, found = Routes(dialect), Counter[str]()
    for entry in entries:
        parts = urlsplit(entry.url)
        cuts = [i for i, letter in enumerate(parts.path) if letter == "/"]
        for cut in cuts:
            if routes.find(entry.method, parts.path[cut:], parts.query):
                found[f"{parts.scheme}://{parts.netloc}{parts.path[:cut]}"] += 1
    if not found:
        message = f"nothing in this traffic is of the dialect {dialect.name}"
        raise UsageError(message, hint="Give the gateway's base URL if its paths are unusual.")
    return max(found, key=lambda url: (found[url], len(url)))


def judge_entries(judge: Passive, entries: Sequence[Entry]) -> None:
    """Let recorded traffic be judged and end the run."""
    base = urlsplit(judge.url)
    for entry in entries:
        parts = urlsplit(entry.url)
        inside = parts.path == base.path or parts.path.startswith(base.path + "/")
        if (parts.scheme, parts.netloc) != (base.scheme, base.netloc) or not inside:
            judge.ignored += 1
            continue
        said = Recorded(
            method=entry.method,
            path=parts.path[len(base.path) :],
            query=parts.query,
            headers=entry.headers,
            body=entry.body,
            answer=Answer(entry.status, entry.reply_headers, entry.content or b""),
            seconds=entry.span.ended - entry.span.began,
        )
        if entry.status:
            judge.see(said, entry.span, readable=entry.content is not None)
        elif judge.find(said.method, said.path, said.query):
            judge.lost(said, "the recorder saw no reply")
        else:
            judge.ignored += 1
    judge.finish()


def _entries(path: Path, entries: list[Any]) -> Iterator[Entry]:
    for number, said in enumerate(entries):
        try:
            yield _entry(said)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            message = f"{path}: log.entries[{number}] is not an entry of a HAR file: {what}"
            raise UsageError(message) from error


def _entry(said: Mapping[str, Any]) -> Entry:
    request, response = said["request"], said["response"]
    began = _seconds(said["startedDateTime"])
    posted = request.get("postData") or {}
    url = str(request["url"])
    if urlsplit(url).hostname is None and urlsplit(url).scheme in {"http", "https", ""}:
        message = f"its url '{url}' names no host"
        raise ValueError(message)
    return Entry(
        method=str(request["method"]).upper(),
        url=url,
        headers=_headers(request.get("headers", ())),
        body=_bytes(posted),
        status=max(0, int(response["status"])),
        reply_headers=_headers(response.get("headers", ())),
        content=_content(response.get("content") or {}),
        span=Span(began, began + max(0.0, float(said.get("time") or 0)) / 1000),
    )


def _content(said: Mapping[str, Any]) -> bytes | None:
    if "text" not in said and said.get("size", 0) != 0:
        return None
    return _bytes(said)


def _bytes(said: Mapping[str, Any]) -> bytes:
    text = said.get("text") or ""
    if said.get("encoding") != "base64":
        return str(text).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        message = f"its body is not base64: {error}"
        raise ValueError(message) from error


def _headers(said: Sequence[Mapping[str, Any]]) -> Headers:
    # HTTP/2 writes method and path as headers; they are no header fields.
    pairs = ((str(h["name"]), str(h["value"])) for h in said)
    return tuple((name, value) for name, value in pairs if not name.startswith(":"))


def _seconds(text: str) -> float:
    moment = datetime.fromisoformat(text)
    # Without an offset it is taken for UTC: only the order of the entries matters.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
