"""The listing of models: well formed, without doubles, and true."""

from typing import Any

from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import draft
from vidspec.conformance.samples import UNKNOWN
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.scenarios.sources import offering
from vidspec.conformance.session import Session
from vidspec.conformance.stops import Missing
from vidspec.source import pointer_get


@scenario(
    "models",
    """models-available models-ids models-unique models-retrieve-same models-unknown-status
    models-auth-refused""",
    free=True,
)
def models(session: Session) -> None:
    """Read the listing, and look one model up."""
    listing = offering(session, "models")
    reply = session.call("models", status_judged=True)
    documented = sorted(r.status for r in listing.replies if r.ok)
    fits = reply.accepted and str(reply.status) in documented
    session.judge("models-available", fits, " or ".join(documented), reply.said(), reply)
    named = _listed(reply)
    texts = [name for name in named if isinstance(name, str) and name]
    whole = len(texts) == len(named)
    session.judge("models-ids", whole, "a text as id of every entry", f"{named}", reply)
    doubles = sorted({name for name in texts if texts.count(name) > 1})
    session.judge("models-unique", not doubles, "each id once", ", ".join(doubles), reply)
    if session.dialect.by_role("model", session.surface.name) is not None:
        _one(session, texts)


def _one(session: Session, known: list[str]) -> None:
    operation = session.operation("model")
    stranger = draft(operation, job_id=UNKNOWN)
    reply = session.send(stranger, login="none", status_judged=True)
    refused = reply.status in {401, 403}
    session.judge("models-auth-refused", refused, "401 or 403", reply.said(), reply)
    reply = session.send(stranger, status_judged=True)
    status = session.expected_status("not_found", "model")
    if reply.status < 500:
        session.judge(
            "models-unknown-status", reply.status == status, f"{status}", reply.said(), reply
        )
    if known:
        reply = session.send(draft(operation, job_id=known[0]), status_judged=True)
        shown = pointer_get(reply.json, "/id", None) if reply.accepted else reply.said()
        session.judge("models-retrieve-same", shown == known[0], known[0], f"{shown}", reply)
    else:
        session.cannot("models-retrieve-same", "no model is listed", "unsupported")


@scenario("models in use", "models-lists-used")
def models_in_use(session: Session) -> None:
    """Look for the model that made the first job."""
    offering(session, "models")
    used = session.job("first").wanted.get("model")
    if not isinstance(used, str):
        session.cannot("models-lists-used", "the create request named no model", "disabled")
        return
    reply = session.call("models", status_judged=True)
    listed = _listed(reply)
    named = [name for name in listed if isinstance(name, str) and name]
    if listed and not named:
        message = "no listed model has an id"
        raise Missing(message)
    known = any(name == used or name.startswith(f"{used}-") for name in named)
    session.judge("models-lists-used", known, used, ", ".join(named) or "no model", reply)


def _listed(reply: Reply) -> list[Any]:
    pointer = reply.operation.items if reply.operation else None
    entries = None if pointer is None else pointer_get(reply.json, pointer, None)
    if not reply.accepted or not isinstance(entries, list):
        message = f"the listing was answered with {reply.said()} and no array"
        raise Missing(message)
    return [pointer_get(entry, "/id", None) for entry in entries]
