"""Putting the caller's secret into a request, as the dialect wants it."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vidspec.conformance.exchange import Redactor
from vidspec.conformance.signing import Outgoing, SigningKey, signature, unsigned_login
from vidspec.conformance.target import Target
from vidspec.contract import Credentials, Dialect
from vidspec.errors import UsageError


@dataclass(frozen=True, slots=True)
class Keyring:
    """The way a target's secret travels: one of the dialect's credentials, and the secret itself."""

    way: Credentials
    #: Purpose → environment variable, for curl lines.
    variables: Mapping[str, str]
    api_key: str | None
    secrets: Mapping[str, str]
    redactor: Redactor

    @classmethod
    def of(cls, dialect: Dialect, target: Target, redactor: Redactor) -> "Keyring":
        """Choose the first way for which the target has every part; raise UsageError if there is none."""
        for way in dialect.credentials:
            parts = _parts(way)
            secrets = _secrets(way, target)
            if parts and all(part in secrets for part in parts):
                break
            if not parts and way.kind in {"bearer", "header", "basic"}:
                break
        else:
            needed = " or ".join(", ".join(_parts(way)) for way in dialect.credentials)
            message = f"the credentials of {dialect.name} need {needed}"
            raise UsageError(message)
        for part in parts:
            redactor.add(secrets[part])
        return cls(way, dialect.environment, target.api_key, secrets, redactor)

    @property
    def empty(self) -> bool:
        """Whether there is no secret at all."""
        return self.api_key is None and not self.secrets

    @property
    def header(self) -> str:
        """The lower-case name of the header that carries the credentials."""
        place = "name" if self.way.kind == "header" else "header"
        return str(self.way.settings.get(place, "authorization")).lower()

    def wrap(self, secret: str) -> str:
        """Return the header's value for a ready-made secret (a key, a token, a placeholder)."""
        if self.way.kind == "header":
            return str(self.way.settings.get("prefix", "")) + secret
        if self.way.kind == "basic":
            return "Basic " + base64.b64encode(f"{secret}:".encode()).decode()
        if self.way.kind == "volcengine-v4":
            return unsigned_login(secret)
        return f"Bearer {secret}"

    def login(self, outgoing: Outgoing) -> dict[str, str]:
        """Return the headers that carry the credentials of a real request; none without a secret."""
        if self.way.kind == "hmac-jwt":
            token = self._token()
            self.redactor.add(token)
            return {self.header: f"Bearer {token}"}
        if self.way.kind == "volcengine-v4":
            return signature(outgoing, self._signing_key(), datetime.now(UTC))
        return {} if self.api_key is None else {self.header: self.wrap(self.api_key)}

    def curl_header(self) -> str:
        """Return the header for a curl line, with the secret as a shell variable."""
        variable = self.variables.get("api_key", "API_KEY")
        if self.way.kind == "basic":
            return f"Authorization: Basic $(printf %s: ${variable} | base64)"
        name = "Authorization" if self.header == "authorization" else self.header
        return f"{name}: {self.wrap(f'${variable}')}"

    def _signing_key(self) -> SigningKey:
        settings = self.way.settings
        return SigningKey(
            access_key=self.secrets[settings["access_key"]],
            secret_key=self.secrets[settings["secret"]],
            region=str(settings["region"]),
            service=str(settings["service"]),
        )

    def _token(self) -> str:
        settings, now = self.way.settings, int(time.time())
        claims = {
            "iss": self.secrets[settings["issuer"]],
            "exp": now + int(settings.get("lifetime", 1800)),
            "nbf": now - int(settings.get("leeway", 5)),
        }
        head = {"alg": "HS256", "typ": "JWT"}
        signed = f"{_segment(head)}.{_segment(claims)}"
        key = self.secrets[settings["secret"]].encode()
        return f"{signed}.{_base64(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def _parts(way: Credentials) -> tuple[str, ...]:
    names = ("issuer", "access_key", "secret")
    return tuple(str(way.settings[name]) for name in names if name in way.settings)


def _secrets(way: Credentials, target: Target) -> Mapping[str, str]:
    """Return the parts of the secret; a key given as ``ACCESS:SECRET`` is both of a signed way."""
    first, colon, second = (target.api_key or "").partition(":")
    if way.kind != "volcengine-v4" or target.secrets or not colon:
        return target.secrets
    return dict(zip(_parts(way), (first, second), strict=True))


def _segment(value: Any) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
