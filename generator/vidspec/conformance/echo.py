"""What a job was asked for, next to what it shows of itself."""

import email.parser
import email.policy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from vidspec.conformance.reply import decode
from vidspec.conformance.samples import canonical_value
from vidspec.contract import Body, JobView, Operation

#: What a job is compared in; each has a requirement ``retrieve-echo-<name>``.
ECHOED: Final = ("seconds", "size", "prompt", "model")
#: Bytes of a request that is read for it, and characters of a value that is kept.
_MOST_READ: Final = 1 << 20
_MOST_KEPT: Final = 2000


def asked(operation: Operation, media_type: str, raw: bytes) -> dict[str, object]:
    """Return the canonical values that a create names; empty where its body is not for reading."""
    kind = media_type.partition(";")[0].strip().lower()
    body = operation.body(kind)
    if body is None or len(raw) > _MOST_READ:
        return {}
    sent = decode(raw) if kind == "application/json" else dict(_parts(media_type, raw))
    return dict(_values(body, sent)) if isinstance(sent, Mapping) else {}


def shown(view: JobView, name: str) -> object:
    """Return what a job shows, or None."""
    return view.seconds if name == "seconds" else view.texts.get(name)


def same(name: str, wanted: object, told: object) -> bool:
    """Say whether a job shows what was asked for."""
    if name == "seconds":
        return float(str(wanted)) == told
    if name == "model":
        # A dated form of the asked-for model is the same model, and so is its name without the provider's.
        names = (str(wanted), str(wanted).rpartition("/")[2])
        return any(str(told) == name or str(told).startswith(f"{name}-") for name in names)
    return str(wanted) == str(told)


def _values(body: Body, sent: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for part in body.fields:
        name = part.canonical.name if part.canonical else None
        value = canonical_value(part.canonical, sent.get(part.name))
        if name not in ECHOED or not isinstance(value, str | int | float) or value == "":
            continue
        if len(str(value)) <= _MOST_KEPT and (name != "seconds" or _is_number(value)):
            yield name, value


def _parts(media_type: str, raw: bytes) -> Iterator[tuple[str, str]]:
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    message = parser.parsebytes(f"Content-Type: {media_type}\r\n\r\n".encode() + raw)
    for part in message.iter_parts() if message.is_multipart() else ():
        data = part.get_payload(decode=True)
        if part.get_filename() is None and isinstance(data, bytes):
            name = part.get_param("name", header="content-disposition")
            yield str(name), data.decode("utf-8", "replace")


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True
