"""Striking secrets out of what is kept: credentials by name and by value, signed queries; long inputs become digests."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from vidspec_server._runtime.calls import Upload

STRUCK: Final = "[struck out]"
#: Names of JSON fields and parameters whose text is a credential.
_SECRET_FIELD = re.compile(
    r"(api|access|secret|private|signing)[_-]?key|(access|refresh|auth|bearer|id)[_-]token|token|"
    r"authorization|password|(client[_-]|webhook[_-])?secret|cookie",
    re.IGNORECASE,
)
#: Names of query parameters that only a signed address has.
_SIGNED = re.compile(
    r"x-(amz|goog|tos|oss|bce|cos)-.*|(oss|aws)?access-?key-?id|.*signature|sig|sign|se|sp|sv|token|.*[_-]token|"
    r"auth(_key|key)?|credential|policy|key-pair-id|expires|(api|access)?[_-]?key|secret",
    re.IGNORECASE,
)
_SHORTEST_SECRET = 6
#: Longer texts of a request are files in disguise (data URLs, base64).
_LONGEST_TEXT = 4096


def struck(value: Any, secrets: Iterable[str] = ()) -> Any:
    """Return a JSON value without credentials: fields that are named so, signed queries, and these ``secrets``."""
    literals = [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]
    return _struck(value, literals)


def condensed(value: Any) -> Any:
    """Return a request's value as JSON: files, and texts as long as files, by their digest."""
    if isinstance(value, Mapping):
        return {str(name): condensed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [condensed(inner) for inner in value]
    if isinstance(value, Upload):
        return {"file": _digest(value.data), "bytes": value.size, "type": value.content_type}
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return {"text": _digest(value.encode()), "characters": len(value)}
    return value


def unsigned(address: str) -> str:
    """Return a URL without user and, where it is signed, without query."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return STRUCK
    signed = any(_SIGNED.fullmatch(name) for name, _ in parse_qsl(parts.query))
    host = parts.netloc.rpartition("@")[2]
    if not signed and host == parts.netloc:
        return address
    return urlunsplit(parts._replace(netloc=host, query=STRUCK if signed else parts.query))


def _struck(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, Mapping):
        return {
            name: STRUCK
            if isinstance(inner, str) and inner and _SECRET_FIELD.fullmatch(name)
            else _struck(inner, secrets)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_struck(inner, secrets) for inner in value]
    if not isinstance(value, str):
        return value
    for secret in secrets:
        value = value.replace(secret, STRUCK)
    return unsigned(value) if value.startswith(("https://", "http://")) else value


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
