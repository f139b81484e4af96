"""The prices that a gateway's listing of models tells."""

from typing import Any
from urllib.parse import urlsplit

import httpx2

from vidspec.conformance.credentials import Keyring
from vidspec.conformance.exchange import Redactor
from vidspec.conformance.proxies import direct
from vidspec.conformance.reply import decode
from vidspec.conformance.requests import draft
from vidspec.conformance.samples import job_body
from vidspec.conformance.signing import Outgoing
from vidspec.conformance.target import Target
from vidspec.conformance.tariff import Tariff, canonical_of
from vidspec.conformance.verdicts import json_body
from vidspec.contract import Dialect, Operation, Surface
from vidspec.contract.prices import Unpriced, price_of
from vidspec.source import pointer_get


def listed(dialect: Dialect, surface: Surface, target: Target) -> Tariff:
    """Ask the gateway's listing of models, which is free; raise Unpriced, with the reason, where it tells no price."""
    models, create = (dialect.by_role(role, surface.name) for role in ("models", "create"))
    if models is None or models.prices is None or create is None:
        message = f"{dialect.name} documents no prices in a listing of models"
        raise Unpriced(message)
    body = json_body(create)
    made = job_body(dialect, body, model=target.model)[0] if body else {}
    asked = canonical_of(create, made)
    items = pointer_get(_listing(dialect, models, target), models.items or "", None)
    entries = items if isinstance(items, list) else []
    by_id = {str(pointer_get(entry, "/id", None)): entry for entry in entries}
    usual = price_of(models.prices, by_id.get(str(asked.get("model"))), asked)
    return Tariff(usual, models.prices.currency, models.prices, by_id, asked)


def _listing(dialect: Dialect, models: Operation, target: Target) -> Any:
    made = draft(models)
    parts = urlsplit(target.url + made.path)
    keyring = Keyring.of(dialect, target, Redactor())
    leaving = Outgoing(made.method, parts.netloc, parts.path, parts.query, None, made.body)
    login = {} if keyring.empty else keyring.login(leaving)
    try:
        with httpx2.Client(
            timeout=target.timeout, verify=target.verify_tls, mounts=direct(target.url)
        ) as client:
            reply = client.request(
                made.method, target.url + made.path, headers={**login, **target.headers}
            )
    except httpx2.HTTPError as error:
        message = f"the listing of models cannot be had: {type(error).__name__}"
        raise Unpriced(message) from error
    if reply.status_code != 200:
        message = f"the listing of models was answered with {reply.status_code}"
        raise Unpriced(message)
    return decode(reply.content)
