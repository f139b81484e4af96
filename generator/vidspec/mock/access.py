"""Who is let in: any credential that is not empty, or exactly the one the mock was given."""

import base64
import functools
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.types import Scope

from vidspec.contract.model import Dialect

#: A sound mock refuses this key even when it takes any other, so that a check can show a wrong one.
INVALID_KEY = "invalid-key"

_ACCESS_KEY = re.compile(r"Credential=([^/,\s]+)")


def authenticator(
    api_key: str | None, *, invalid: str | None = INVALID_KEY
) -> Callable[[Mapping[str, str], Request], str | None]:
    """Return the stubs' hook: told the credentials by scheme, it names the caller or refuses with None.

    With an ``api_key`` only that one is accepted: as it is, as the user of a basic credential, or as the
    issuer or access key of a signed one (whose signature the mock has no secret to check). The key ``invalid`` is refused in any case.
    """

    # A caller shows the same credential again and again.
    @functools.lru_cache(maxsize=1024)
    def accepted(shown: str) -> bool:
        names = list(_names(shown))
        if invalid is not None and invalid in names:
            return False
        return api_key is None or any(_same(name, api_key) for name in names)

    def authenticate(credentials: Mapping[str, str], _: Request) -> str | None:
        return next(filter(accepted, credentials.values()), None)

    return authenticate


def with_any_credential(dialect: Dialect, scope: Scope, key: str = "anyone") -> Scope:
    """Return the request with this credential for every scheme if it shows none for any (a fault on purpose)."""
    schemes: Mapping[str, Any] = dialect.document.get("components", {}).get("securitySchemes", {})
    shown = {name: value for name, value in scope["headers"] if value}
    added = []
    for scheme in schemes.values():
        name, value = b"authorization", key.encode()
        if scheme.get("type") == "http":
            value = scheme.get("scheme", "bearer").encode() + b" " + value
        elif scheme.get("in") == "header":
            name = scheme["name"].lower().encode()
        if name in shown:
            return scope
        added.append((name, value))
    names = {name for name, _ in added}
    return {**scope, "headers": [h for h in scope["headers"] if h[0] not in names] + added}


def _names(shown: str) -> Iterator[str]:
    """Yield every way in which the credential may name its key."""
    yield shown
    if found := _ACCESS_KEY.search(shown):
        yield found.group(1)
    try:
        yield base64.b64decode(shown, validate=True).decode().partition(":")[0]
    except ValueError:  # Not Base64, or not of a text.
        yield _issuer(shown)


def _issuer(token: str) -> str:
    parts = token.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:  # A binascii.Error is one, too.
        return ""
    return str(claims.get("iss", "")) if isinstance(claims, dict) else ""


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
