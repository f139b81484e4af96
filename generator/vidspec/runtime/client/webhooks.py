"""Webhooks: is this message from the gateway, is it fresh, and what does it say of which job. Nothing is sent here."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from .dialect import DialectInfo, State, WebhookInfo
from .errors import Unsupported, WebhookError
from .pointers import find, is_object
from .replies import Decoder, decoded, parse

T = TypeVar("T")

_PLACES = {"timestamp": r"(?P<timestamp>\d{1,12})", "signature": r"(?P<signature>[\w+/=-]+)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent(Generic[T]):
    """A message whose signature holds."""

    #: The gateway's word (``video.completed``).
    type: str
    #: What it means; ``unknown`` for types that the dialect does not document.
    state: State
    job_id: str | None
    #: The message's own id, the same when it is delivered again; None where the dialect has none.
    id: str | None
    #: When it was signed.
    sent_at: datetime
    #: The message as the documented type; None when the type of event is not documented or the body does not fit.
    data: T | None
    #: The message as it came.
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)


def verify_and_parse(
    dialect: DialectInfo,
    headers: Mapping[str, str],
    body: bytes | str,
    secret: str | Sequence[str],
    *,
    now: datetime | None = None,
    decoders: Mapping[str, Decoder[T]] | None = None,
) -> WebhookEvent[T]:
    """Return the event in a message; ``body`` is the raw body as it came, several secrets serve while one is replaced.

    Raises WebhookError when the message is not to be believed or is no JSON object, ValueError for a secret that cannot be
    one, Unsupported when the dialect signs no webhooks.
    """
    info = dialect.webhooks
    if info is None:
        msg = f"{dialect.title} signs no webhooks"
        raise Unsupported(msg, dialect=dialect.name)
    raw_body = body.encode() if isinstance(body, str) else body
    known = {name.lower(): value for name, value in headers.items()}
    claims = [_claim(info, known, found) for found in _signatures(info, known)]
    if not claims:
        msg = f"there is no signature in {info.signature_header}"
        raise WebhookError(msg)
    secrets = [secret] if isinstance(secret, str) else secret
    keys = [_key(info, one) for one in secrets]
    held = [claim for claim in claims if _holds(info, claim, raw_body, keys)]
    if not held:
        msg = "the signature does not hold"
        raise WebhookError(msg)
    sent_at = _fresh(info, held[0].timestamp, now or datetime.now(UTC))
    return _event(info, raw_body, held[0].id, sent_at, decoders or {})


@dataclass(frozen=True, slots=True)
class _Claim:
    """One signature with what it covers beside the body."""

    id: str | None
    timestamp: str
    signature: str


def _signatures(info: WebhookInfo, headers: Mapping[str, str]) -> list[re.Match[str]]:
    pattern = re.escape(info.signature_format)
    for name, place in _PLACES.items():
        pattern = pattern.replace(re.escape(f"{{{name}}}"), place)
    header = headers.get(info.signature_header.lower(), "")
    return list(re.finditer(pattern, header, re.ASCII))


def _claim(info: WebhookInfo, headers: Mapping[str, str], found: re.Match[str]) -> _Claim:
    groups = found.groupdict()
    stated = headers.get((info.timestamp_header or "").lower(), "")
    message_id = headers.get(info.id_header.lower()) if info.id_header else None
    return _Claim(message_id, groups.get("timestamp") or stated, groups["signature"])


def _key(info: WebhookInfo, secret: str) -> bytes:
    coded = secret.removeprefix(info.key_prefix)
    # Without its prefix a secret is taken as it stands, as the vendors' own libraries do.
    plain = info.key_encoding == "raw" or (info.key_prefix and coded == secret)
    try:
        key = coded.encode() if plain else base64.b64decode(coded, validate=True)
    except binascii.Error:
        key = b""
    if not key:
        msg = "this is no webhook secret"
        raise ValueError(msg)
    return key


def _holds(info: WebhookInfo, claim: _Claim, body: bytes, keys: Sequence[bytes]) -> bool:
    before, _, after = info.signed.partition("{body}")
    said = {"{id}": claim.id or "", "{timestamp}": claim.timestamp}
    for place, value in said.items():
        before, after = before.replace(place, value), after.replace(place, value)
    signed = before.encode() + body + after.encode()
    written = _ENCODINGS[info.encoding]
    expected = [written(hmac.new(key, signed, hashlib.sha256).digest()) for key in keys]
    given = claim.signature.encode()
    # Every one is compared, in constant time: how long it takes tells nothing.
    return bool(sum(hmac.compare_digest(one, given) for one in expected))


_ENCODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "hex": binascii.hexlify,
}


def _fresh(info: WebhookInfo, timestamp: str, now: datetime) -> datetime:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        msg = "the message has no time"
        raise WebhookError(msg)
    age = now.timestamp() - int(timestamp)
    if abs(age) > info.tolerance_seconds:
        when = "too old" if age > 0 else "from the future"
        msg = f"the message is {when}: {abs(age):.0f} s, {info.tolerance_seconds} s are allowed"
        raise WebhookError(msg)
    return datetime.fromtimestamp(int(timestamp), UTC)


def _event(
    info: WebhookInfo,
    body: bytes,
    message_id: str | None,
    sent_at: datetime,
    decoders: Mapping[str, Decoder[T]],
) -> WebhookEvent[T]:
    value = parse(body)
    if not is_object(value):
        msg = "the message is no JSON object"
        raise WebhookError(msg)
    kind, job_id = find(value, info.type), find(value, info.job_id)
    decoder = decoders.get(str(kind))
    return WebhookEvent(
        type=str(kind),
        state=info.events.get(str(kind), "unknown"),
        job_id=None if job_id is None else str(job_id),
        id=message_id,
        sent_at=sent_at,
        data=None if decoder is None else decoded(decoder, body),
        raw=value,
    )
