"""The two signatures that dialects ask for, in the standard library alone."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote


def jwt_hs256(claims: Mapping[str, Any], secret: str) -> str:
    """Return a JSON Web Token with these claims, signed with HMAC-SHA256."""
    header = _base64url(_compact({"alg": "HS256", "typ": "JWT"}))
    signed = f"{header}.{_base64url(_compact(claims))}"
    return f"{signed}.{_base64url(_hmac(secret.encode(), signed))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """The parts of a request that signatures cover."""

    method: str
    #: Host, with the port when the URL has one.
    host: str
    #: Path, percent-encoded.
    path: str
    #: Decoded pairs.
    query: tuple[tuple[str, str], ...]
    content_type: str | None
    #: None: the body is streamed and cannot be signed.
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolcengineKey:
    """An access key of Volcengine with the region and service it signs for."""

    access_key: str
    secret_key: str
    region: str
    service: str

    def __repr__(self) -> str:
        """Show no secret."""
        return f"VolcengineKey(region={self.region!r}, service={self.service!r})"


def volcengine_v4(request: Unsigned, key: VolcengineKey, now: datetime) -> dict[str, str]:
    """Return the headers that sign ``request`` (``X-Date``, ``X-Content-Sha256``, ``Authorization``) at ``now`` (UTC).

    Raises ValueError when the body cannot be read beforehand.
    """
    if request.body is None:
        msg = "a streamed body cannot be signed"
        raise ValueError(msg)
    date = now.strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(request.body).hexdigest()
    signed = {"host": _bare_host(request.host), "x-content-sha256": digest, "x-date": date}
    if request.content_type is not None:
        signed["content-type"] = request.content_type
    names = ";".join(sorted(signed))
    canonical = "\n".join(
        (
            request.method,
            request.path or "/",
            _canonical_query(request.query),
            "".join(f"{name}:{signed[name]}\n" for name in sorted(signed)),
            names,
            digest,
        )
    )
    scope = f"{date[:8]}/{key.region}/{key.service}/request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    signing_key = key.secret_key.encode()
    for step in scope.split("/"):
        signing_key = _hmac(signing_key, step)
    signature = _hmac(signing_key, f"HMAC-SHA256\n{date}\n{scope}\n{hashed}").hex()
    authorization = (
        f"HMAC-SHA256 Credential={key.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return {"X-Date": date, "X-Content-Sha256": digest, "Authorization": authorization}


def _canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    # Sorted by name only: values of one name keep their order.
    ordered = sorted(pairs, key=lambda pair: pair[0])
    return "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in ordered
    )


def _bare_host(host: str) -> str:
    return host.removesuffix(":80").removesuffix(":443")


def _hmac(key: bytes, message: str) -> bytes:
    return hmac.new(key, message.encode(), hashlib.sha256).digest()


def _compact(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
