"""One request and its reply as evidence: secrets struck out, bodies cut, with a curl line."""

import base64
import json
import re
import shlex
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from vidspec.conformance.struck import STRUCK, strike_unnamed

_MOST_BODY: Final = 4000
_SHORTEST_SECRET: Final = 4
_SECRET_NAMES: Final = ("authorization", "cookie", "api-key", "apikey", "token", "secret", "x-date")


#: Of headers that a caller adds, more names sound like credentials.
_ADDED_NAMES: Final = (*_SECRET_NAMES, "auth", "key", "pass", "credential", "signature", "session")
_SHORTEST_RANDOM: Final = 12
#: Nothing in it means anything to a shell, in double quotes.
_PLAIN: Final = re.compile(r"[\w.,:;=/+ -]*", re.ASCII)
_WORDS: Final = re.compile(r"[A-Za-z]+(?:[-_./+ ][A-Za-z]+)*")


def is_secret_name(name: str) -> bool:
    """Say whether a header of this name usually carries credentials."""
    low = name.lower()
    return any(part in low for part in _SECRET_NAMES)


def added_secrets(headers: Mapping[str, str]) -> Iterator[str]:
    """Yield what is secret in headers that a caller adds: by the header's name, or by looking random.

    A plain word (``openai``) is none: struck out everywhere it would leave holes in every text.
    """
    for name, value in headers.items():
        named = any(part in name.lower() for part in _ADDED_NAMES)
        if named or (len(value) >= _SHORTEST_RANDOM and not _WORDS.fullmatch(value)):
            yield value
            # A scheme stands before it: ``Bearer KEY``.
            yield value.rpartition(" ")[2]


def added_headers(headers: Mapping[str, str]) -> list[str]:
    """Return a caller's headers for a curl line: a secret, and what a shell would read, as a shell variable."""
    secret = set(added_secrets(headers))
    return [
        f"{name}: {value}"
        if value not in secret and _PLAIN.fullmatch(value)
        else f"{name}: ${re.sub(r'[^A-Z0-9]+', '_', name.upper())}"
        for name, value in headers.items()
    ]


Headers = tuple[tuple[str, str], ...]


class Redactor:
    """Strikes known secrets out of texts and headers, in every encoding they are likely to come in."""

    def __init__(self, secrets: Iterable[str] = (), header_names: Iterable[str] = ()) -> None:
        self._names = frozenset(name.lower() for name in header_names)
        self._forms: tuple[str, ...] = ()
        # The gate mints tokens in its own thread.
        self._lock = threading.Lock()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Strike this text out from now on; texts too short to be secrets are left alone."""
        if len(secret) < _SHORTEST_SECRET or secret in self._forms:
            return
        encoded = base64.b64encode(secret.encode()).decode()
        forms = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], encoded}
        with self._lock:
            self._forms = tuple(sorted(forms | set(self._forms), key=len, reverse=True))

    def text(self, text: str) -> str:
        """Return the text without secrets, known ones and those that show by where they stand."""
        for form in self._forms:
            text = text.replace(form, STRUCK)
        return strike_unnamed(text)

    def headers(self, headers: Iterable[tuple[str, str]]) -> Headers:
        """Return the headers without secrets; headers that carry credentials lose their value."""
        return tuple(
            (name, STRUCK if self._is_secret(name) else self.text(value)) for name, value in headers
        )

    def _is_secret(self, name: str) -> bool:
        return name.lower() in self._names or is_secret_name(name)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its reply, fit for a report: no secret is in it."""

    number: int
    #: Operation id, or None where no documented operation was asked for.
    operation: str | None
    method: str
    url: str
    request_headers: Headers
    request_body: str
    #: None: there was no reply; ``error`` says why.
    status: int | None
    response_headers: Headers
    response_body: str
    response_bytes: int
    #: Seconds from the request to the end of the reply.
    seconds: float
    curl: str
    error: str | None = None


def body_text(body: bytes, media_type: str, redactor: Redactor) -> str:
    """Return a body as text for a report: cut, without secrets; media only by type and size."""
    if not body:
        return ""
    kind = media_type.split(";", maxsplit=1)[0].strip().lower()
    textual = kind.startswith("text/") or kind.endswith(("json", "xml", "urlencoded", "form-data"))
    if not textual and not body[:1].isascii():
        return f"<{len(body)} bytes of {kind or 'an undeclared type'}>"
    text = body.decode("utf-8", "replace")
    if (not textual and "\ufffd" in text[:200]) or "\x00" in text[:200]:
        return f"<{len(body)} bytes of {kind or 'an undeclared type'}>"
    # A secret must not survive by being cut in two, so it is struck out before the cut.
    text = redactor.text(text)
    return text if len(text) <= _MOST_BODY else f"{text[:_MOST_BODY]}… ({len(text)} characters)"


def curl_line(
    method: str, url: str, headers: Mapping[str, str], body: str, secrets: Sequence[str] = ()
) -> str:
    """Return a curl command that sends the request again.

    ``secrets`` are whole headers with the secret as a shell variable (``Authorization: Bearer $KEY``):
    they come in double quotes, so that the shell fills them in; everything else is quoted literally.
    """
    parts = ["curl", "-sS", "-i"]
    if method == "HEAD":
        parts.append("--head")
    elif method != "GET":
        parts += ["-X", shlex.quote(method)]
    parts.append(shlex.quote(url))
    parts += [f'-H "{secret}"' for secret in secrets]
    parts += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()]
    if body:
        parts.append(f"--data-raw {_quoted(body)}")
    return " ".join(parts)


def _quoted(body: str) -> str:
    """Quote a body for a shell; one of several lines stays on one, and keeps the ends of its lines as they are."""
    if "\n" not in body and "\r" not in body:
        return shlex.quote(body)
    for plain, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\r", "\\r"), ("\n", "\\n")):
        body = body.replace(plain, escaped)
    return f"$'{body}'"
