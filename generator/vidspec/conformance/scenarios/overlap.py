"""Creates that overlap: two paid calls, made only where the budget leaves them."""

from concurrent.futures import ThreadPoolExecutor

from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import draft
from vidspec.conformance.samples import job_body
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.scenarios.sources import must_pay
from vidspec.conformance.session import Session
from vidspec.conformance.stops import Missing, SwitchedOff
from vidspec.conformance.verdicts import json_body

_CREATES = 2
#: What later scenarios may spend: a remix of a deleted job, should a gateway accept it.
_LATER = 1


@scenario("overlapping creates", "concurrency-creates-distinct")
def creates(session: Session) -> None:
    """Create two jobs at once; one after the other, each had an id of its own."""
    must_pay(session)
    session.job("second")
    left = session.wire.gate.purse.left
    if left is not None and left < _CREATES + _LATER:
        message = f"the budget leaves {left} paid call{'' if left == 1 else 's'}, too few for it"
        raise SwitchedOff(message)
    with ThreadPoolExecutor(_CREATES) as pool:
        replies = list(pool.map(_create, [session] * _CREATES))
    for reply in replies:
        session.forget(reply)
    ids = [reply.job().id for reply in replies if reply.accepted]
    odd = next((reply for reply in replies if not reply.accepted or reply.job().id is None), None)
    if odd is not None:
        message = f"a create was answered with {odd.said()} and no job"
        raise Missing(message)
    distinct = len(set(ids)) == len(ids)
    received = ", ".join(map(str, ids))
    session.judge("concurrency-creates-distinct", distinct, "two ids", received, replies[-1])


def _create(session: Session) -> Reply:
    create = session.operation("create")
    body = json_body(create)
    made = job_body(session.dialect, body, model=session.target.model)[0] if body else {}
    media_type = body.media_type if body else "application/json"
    return session.send(draft(create, body=made, media_type=media_type), observed=False)
