"""Volcengine's request signature: HMAC-SHA256 over method, path, query, host, date and body."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, quote


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it leaves for the gateway; ``path`` is percent-encoded, ``query`` as it stands in the URL."""

    method: str
    #: Host, with the port where the URL has one.
    host: str
    path: str
    query: str
    content_type: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An access key with its secret, and the region and service that it signs for."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str
    service: str


def unsigned_login(access_key: str) -> str:
    """Return an Authorization header that names a key and has no true signature."""
    return f"HMAC-SHA256 Credential={access_key}, SignedHeaders=host, Signature={'0' * 64}"


def signature(outgoing: Outgoing, key: SigningKey, now: datetime) -> dict[str, str]:
    """Return the headers (lower-case names) that sign the request at ``now`` (UTC)."""
    date = now.strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(outgoing.body).hexdigest()
    host = outgoing.host.removesuffix(":80").removesuffix(":443")
    signed = {"host": host, "x-content-sha256": digest, "x-date": date}
    if outgoing.content_type is not None:
        signed["content-type"] = outgoing.content_type
    names = ";".join(sorted(signed))
    lines = [outgoing.method, outgoing.path or "/", _query(outgoing.query)]
    lines += [f"{name}:{signed[name]}" for name in sorted(signed)]
    canonical = "\n".join([*lines, "", names, digest])
    scope = f"{date[:8]}/{key.region}/{key.service}/request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    secret = key.secret_key.encode()
    for step in (*scope.split("/"), f"HMAC-SHA256\n{date}\n{scope}\n{hashed}"):
        secret = hmac.new(secret, step.encode(), hashlib.sha256).digest()
    login = (
        f"HMAC-SHA256 Credential={key.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={secret.hex()}"
    )
    return {"x-date": date, "x-content-sha256": digest, "authorization": login}


def _query(query: str) -> str:
    # Sorted by name only: values of one name keep their order.
    pairs = sorted(parse_qsl(query, keep_blank_values=True), key=lambda pair: pair[0])
    return "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in pairs)
