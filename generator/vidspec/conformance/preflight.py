"""Before anything is judged: whether this is a gateway of that dialect, at that address, with that key.

One clear finding is worth more than a hundred failures that all mean the same.
"""

import re
import socket
from typing import Final
from urllib.parse import urlsplit

from vidspec.conformance.events import Finding
from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import Draft
from vidspec.conformance.samples import unknown_id
from vidspec.conformance.session import Session
from vidspec.conformance.stops import NoReply, Unsupported
from vidspec.conformance.wire import Login
from vidspec.contract import Operation

_LOGINS: Final[tuple[Login, ...]] = ("real", "none")
#: A path that no gateway has.
_NOWHERE: Final = "/vidspec-asks-for-nothing"


def preflight(session: Session) -> Finding | None:
    """Ask a few free questions and return what is wrong with the URL, the path or the key, or None."""
    retrieve = session.dialect.by_role("retrieve", session.surface.name)
    listing = session.dialect.by_role("list", session.surface.name)
    probe = listing or retrieve
    if probe is None:
        return None
    made = session.draft("list" if listing else "retrieve")
    try:
        reply = session.send(made, status_judged=True)
    except NoReply as problem:
        return unreachable(session, str(problem))
    except Unsupported:
        return None
    session.lifeline = made
    return _wrong_place(session, probe, reply) or _wrong_key(session, reply) or _stateless(session)


def unreachable(session: Session, reason: str) -> Finding:
    """Say why there was no reply at all."""
    url = session.target.url
    host = urlsplit(url).hostname or url
    if re.search(r"certificate|SSL|TLS", reason):
        return Finding(
            "tls",
            f"TLS with {host} fails: {_tail(reason)}",
            "Check the scheme and the certificate; SSL_CERT_FILE names one of your own.",
        )
    if "ConnectError" in reason and not _resolves(host):
        return Finding("dns", f"The host {host} has no address.", "Check the spelling of the URL.")
    if "ConnectError" in reason:
        hint = "Is the gateway running? Are host and port right?"
        return Finding("refused", f"Nothing answers at {url}.", hint)
    if "Timeout" in reason:
        hint = "Is the gateway running? A longer timeout may help."
        return Finding("timeout", f"{url} does not answer in {session.target.timeout:g} s.", hint)
    return Finding(
        "network", f"{url} cannot be spoken to: {_tail(reason)}", "Check the URL and its scheme."
    )


def _wrong_place(session: Session, probe: Operation, reply: Reply) -> Finding | None:
    asked = f"{probe.method.upper()} {probe.path}"
    ours = _is_api(reply)
    if reply.status in {404, 405} and (probe.role == "list" or not ours):
        better = _better_prefix(session, probe)
        if better:
            hint = f"{better} answers: use it as the base URL."
            return Finding("prefix", f"{session.target.url} has no {asked}.", hint)
    absent = reply.status in {404, 405} and not ours
    if absent and _speaks(session):
        return None
    page = reply.media_type == "text/html" or reply.content.lstrip()[:15].lower().startswith(
        (b"<!doctype html", b"<html")
    )
    if page and not ours:
        message = f"{asked} at {session.target.url} answers {reply.status} with a web page, not with an API."
        hint = "Give the base URL of the API, not of its console; it often ends in /v1."
        return Finding("html", message, hint)
    if not absent:
        return None
    hint = (
        f"Is it a gateway of the dialect {session.dialect.name}? Is the path of the base URL right?"
    )
    return Finding(
        "not-found", f"{session.target.url} has no {asked}, nor anything else of this API.", hint
    )


def _stateless(session: Session) -> Finding | None:
    """Say whether an id that was never given leads to a job with another id: the server keeps no jobs."""
    if session.dialect.by_role("retrieve", session.surface.name) is None:
        return None
    asked = unknown_id(session.dialect, session.surface)
    try:
        reply = session.call("retrieve", asked, observed=False)
    except (NoReply, Unsupported):
        return None
    shown = reply.job().id
    if not reply.found or shown is None or shown == asked:
        return None
    session.judge("errors-unknown-id-refused", False, "a refusal", f"the job {shown}", reply)
    message = f"Asked for a job that was never made, it shows another ({shown}): it keeps no jobs."
    hint = "It plays examples. Nothing that is about jobs can be judged."
    return Finding("stateless", message, hint, conclusive=True)


def _speaks(session: Session) -> bool:
    """Say whether something of the API is here, although what was asked for first is not."""
    if session.dialect.by_role("retrieve", session.surface.name) is not None:
        for login in _LOGINS:
            # Without a key, a gateway whose every 404 is a web page may still refuse in words of its own.
            asked = session.send(session.draft("retrieve"), login=login, observed=False)
            if _is_api(asked) or asked.accepted:
                return True
    create = session.dialect.by_role("create", session.surface.name)
    if create is None:
        return False
    # Free, and needs no error of a known shape: where a path exists, a stray method is not allowed on it.
    stray = session.send(Draft(None, "DELETE", create.path), observed=False)
    return stray.status == 405 or _is_api(stray) or _stirs(session, create)


def _stirs(session: Session, create: Operation) -> bool:
    """Say whether a create is taken notice of: a body that nobody can read is answered otherwise than at a path that is not there."""
    lost, there = (
        session.send(
            Draft(None, "POST", path, b"{", {"content-type": "application/json"}), observed=False
        ).status
        for path in (_NOWHERE, create.path)
    )
    # Of what the gate holds back nothing is known.
    return there not in {404, 405, lost} and not session.wire.gate.purse.refused


def _better_prefix(session: Session, probe: Operation) -> str | None:
    """Look whether the API lies with or without ``/v1``, or whatever path the document's servers have."""
    parts = urlsplit(session.target.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    paths = {urlsplit(server).path.rstrip("/") for server in session.dialect.servers} | {"", "/v1"}
    for path in sorted(paths - {parts.path}, key=len, reverse=True):
        url = origin + path
        try:
            # Free, without credentials: where the API is, even a refusal has the dialect's shape.
            reply = session.wire.fetch(url + session.draft(probe.role or "list").path)
            if (
                reply.status in {401, 403}
                and reply.status == session.wire.fetch(url + _NOWHERE).status
            ):
                # It asks for a key wherever one knocks: that says nothing of this path.
                continue
        except NoReply:
            continue
        if reply.status not in {404, 405} and (reply.accepted or _is_api(reply)):
            return url
    return None


def _wrong_key(session: Session, reply: Reply) -> Finding | None:
    if reply.status not in {401, 403}:
        return None
    variable = session.dialect.environment.get("api_key", "the key")
    if session.wire.keyring.empty:
        hint = f"Set {variable} or give the key."
        return Finding("no-key", "The gateway wants credentials, and none were given.", hint)
    hint = f"Check {variable}: {reply.said()}"
    return Finding("key", f"The gateway refuses the key with {reply.status}.", hint)


def wrong_model(reply: Reply, wanted: object) -> Finding | None:
    """Say whether a refused create was refused for its model."""
    said = str(reply.error("message") or "")
    names_it = reply.error("param") == "model" or re.search(
        r"\bmodel(_name)?\b", said, re.IGNORECASE
    )
    if not names_it or not reply.refused:
        return None
    shown = f"the model {wanted}" if wanted else "the default model"
    return Finding(
        "model", f"The gateway refuses {shown}: {reply.said()}", "Name one that it has (--model)."
    )


def _is_api(reply: Reply) -> bool:
    return isinstance(reply.error("message"), str) or (
        reply.accepted and isinstance(reply.json, dict)
    )


def _resolves(host: str) -> bool:
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return False
    return True


def _tail(reason: str) -> str:
    return reason.rpartition(": ")[2] or reason
