"""Free requests that overlap."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from vidspec.conformance.reply import Reply
from vidspec.conformance.scenarios.following import completed
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.session import Session

_RETRIEVES = 4
_DOWNLOADS = 3


@scenario("overlapping retrieves", "concurrency-retrieves-agree concurrency-own-answers")
def retrieves(session: Session) -> None:
    """Retrieve the finished job several times at once, then both jobs of the pool."""
    job = completed(session)
    requirement = "concurrency-retrieves-agree"
    alone = [_view(_retrieve(session, job.id)) for _ in range(2)]
    if alone[0] != alone[1]:
        session.cannot(requirement, "retrieves one after the other do not agree either")
    elif requirement in session.active:
        replies = _together(session, [job.id] * _RETRIEVES, _retrieve)
        views = [_view(reply) for reply in replies]
        odd = next((n for n, view in enumerate(views) if view != views[0]), None)
        shown = replies[odd or 0]
        expected, received = ", ".join(views[0]), ", ".join(views[odd or 0])
        session.judge(requirement, odd is None and shown.found, expected, received, shown)
    requirement = "concurrency-own-answers"
    second = session.job("second")
    if _retrieve(session, job.id).job().id not in {None, job.id}:
        session.cannot(requirement, "a retrieve alone shows another id as well")
        return
    asked = [job.id, second.id] * (_RETRIEVES // 2)
    replies = _together(session, asked, _retrieve)
    if any(reply.found and reply.job().id is None for reply in replies):
        session.cannot(requirement, "no job of this gateway shows its id", "unsupported")
        return
    for wanted, reply in zip(asked, replies, strict=True):
        said = f"{reply.job().id}" if reply.found else reply.said()
        # A failed job may be told as a refusal.
        fits = said == wanted or not reply.found
        session.judge(requirement, fits, wanted, said, reply)


@scenario("overlapping downloads", "concurrency-downloads-agree")
def downloads(session: Session) -> None:
    """Fetch the video of the finished job several times at once."""
    job = completed(session)
    session.operation("content")
    replies = _together(session, [job.id] * _DOWNLOADS, _content)
    for reply in replies:
        same = reply.accepted and reply.content == replies[0].content
        received = f"{reply.status} with {len(reply.content)} other bytes"
        session.judge("concurrency-downloads-agree", same, "the same bytes", received, reply)


def _view(reply: Reply) -> list[str]:
    job = reply.job()
    times = (job.times.get(name) for name in ("created_at", "completed_at"))
    return [f"{part}" for part in (reply.status, job.id, job.state, *times)]


def _retrieve(session: Session, job_id: str) -> Reply:
    return session.call("retrieve", job_id, observed=False)


def _content(session: Session, job_id: str) -> Reply:
    return session.call("content", job_id, observed=False)


def _together(
    session: Session, ids: Sequence[str], ask: Callable[[Session, str], Reply]
) -> list[Reply]:
    with ThreadPoolExecutor(len(ids)) as pool:
        return list(pool.map(lambda job_id: ask(session, job_id), ids))
