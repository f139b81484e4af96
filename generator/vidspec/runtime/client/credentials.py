"""Secrets: where they come from, and how each kind of credential puts them on a request."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from .dialect import CredentialInfo, DialectInfo
from .options import check_header
from .signing import Unsigned, VolcengineKey, jwt_hs256, volcengine_v4


@dataclass(frozen=True, slots=True)
class Secrets:
    """Purpose (``api_key``, ``secret_key`` …) → secret. Never shown."""

    values: Mapping[str, str]

    def __repr__(self) -> str:
        """Say which secrets are set, not what they are."""
        return f"Secrets({', '.join(sorted(self.values))})"

    def get(self, purpose: str) -> str | None:
        """Return the secret for that purpose, or None."""
        return self.values.get(purpose)


#: Gives the parts of the request that is to be signed.
Make: TypeAlias = Callable[[], Unsigned]


def resolve_secrets(
    dialect: DialectInfo, explicit: Mapping[str, str | None], environ: Mapping[str, str]
) -> Secrets:
    """Gather the secrets: what the caller gave, else the dialect's environment variables. Empty strings count as unset.

    Raises ValueError for a secret that a header cannot carry.
    """
    values: dict[str, str] = {}
    for purpose in {*dialect.environment, *explicit} - {"base_url"}:
        variable = dialect.environment.get(purpose)
        value = explicit.get(purpose) or (environ.get(variable) if variable else None)
        if value:
            values[purpose] = value.strip()
            check_header(purpose, values[purpose])
    return Secrets(values)


def authorize(
    dialect: DialectInfo, security: tuple[str, ...], secrets: Secrets, unsigned: Make
) -> dict[str, str]:
    """Return the headers that authorise the request; ``unsigned`` gives what a signature covers, if one is needed.

    The first of the dialect's credentials that the operation accepts and for which there is a secret is used;
    without one nothing is sent, since self-hosted gateways often ask for none.
    """
    for credential in dialect.credentials:
        if credential.scheme in security:
            headers = _KINDS[credential.kind](credential, secrets, unsigned)
            if headers is not None:
                return headers
    return {}


_Kind = Callable[[CredentialInfo, Secrets, Make], dict[str, str] | None]


def _purpose(settings: Mapping[str, Any], name: str, default: str) -> str:
    return str(settings.get(name, default))


def _token_header(settings: Mapping[str, Any], token: str) -> dict[str, str]:
    name = str(settings.get("header", "Authorization"))
    return {name: f"{settings.get('prefix', 'Bearer ')}{token}"}


def _bearer(info: CredentialInfo, secrets: Secrets, _unsigned: Make) -> dict[str, str] | None:
    token = secrets.get(_purpose(info.settings, "secret", "api_key"))
    return None if token is None else _token_header(info.settings, token)


def _header(info: CredentialInfo, secrets: Secrets, _unsigned: Make) -> dict[str, str] | None:
    value = secrets.get(_purpose(info.settings, "secret", "api_key"))
    if value is None:
        return None
    return {str(info.settings["name"]): f"{info.settings.get('prefix', '')}{value}"}


def _basic(info: CredentialInfo, secrets: Secrets, _unsigned: Make) -> dict[str, str] | None:
    user = secrets.get(_purpose(info.settings, "username", "username"))
    if user is None:
        return None
    password = secrets.get(_purpose(info.settings, "password", "password")) or ""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return {"Authorization": f"Basic {pair}"}


def _hmac_jwt(info: CredentialInfo, secrets: Secrets, _unsigned: Make) -> dict[str, str] | None:
    settings = info.settings
    issuer = secrets.get(_purpose(settings, "issuer", "access_key"))
    secret = secrets.get(_purpose(settings, "secret", "secret_key"))
    if issuer is None or secret is None:
        return None
    now = int(datetime.now(UTC).timestamp())
    claims = {
        "iss": issuer,
        "exp": now + int(settings.get("lifetime", 1800)),
        "nbf": now - int(settings.get("leeway", 5)),
    }
    return _token_header(settings, jwt_hs256(claims, secret))


def _volcengine(info: CredentialInfo, secrets: Secrets, unsigned: Make) -> dict[str, str] | None:
    access_key = secrets.get(_purpose(info.settings, "access_key", "access_key"))
    secret_key = secrets.get(_purpose(info.settings, "secret", "secret_key"))
    if access_key is None or secret_key is None:
        return None
    key = VolcengineKey(
        access_key=access_key,
        secret_key=secret_key,
        region=str(info.settings["region"]),
        service=str(info.settings["service"]),
    )
    return volcengine_v4(unsigned(), key, datetime.now(UTC))


_KINDS: Mapping[str, _Kind] = {
    "bearer": _bearer,
    "header": _header,
    "basic": _basic,
    "hmac-jwt": _hmac_jwt,
    "volcengine-v4": _volcengine,
}
