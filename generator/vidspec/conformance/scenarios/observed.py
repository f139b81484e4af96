"""The create once more, in the form that this gateway is seen to take."""

from typing import Any

from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import Draft, draft
from vidspec.conformance.samples import job_body
from vidspec.conformance.session import Session
from vidspec.conformance.stops import BudgetSpent
from vidspec.conformance.verdicts import json_body
from vidspec.contract import Operation


def as_observed(
    session: Session, create: Operation, refused: Reply
) -> tuple[Reply, dict[str, Any]] | None:
    """Send the create in the observed form; None where none is known, it is the same, or the budget is spent.

    The reply is read and judged as that of the published ``create``.
    """
    dialect = session.target.observed
    surface = dialect.surfaces.get(session.surface.name) if dialect else None
    seen = dialect.by_role("create", surface.name) if dialect and surface else None
    body = json_body(seen) if seen else None
    if dialect is None or seen is None or body is None:
        return None
    made, wanted = job_body(dialect, body, model=session.target.model)
    request = draft(seen, body=made, media_type=body.media_type)
    sent = refused.exchange
    same_kind = body.media_type == json_kind(create)
    if same_kind and request.body.decode() == sent.request_body and sent.url.endswith(request.path):
        return None
    again = Draft(create, request.method, request.path, request.body, request.headers, wanted)
    try:
        return session.send(again, status_judged=True), wanted
    except BudgetSpent:
        return None


def json_kind(create: Operation) -> str | None:
    """Return the media type in which a create is sent."""
    body = json_body(create)
    return body.media_type if body else None
