"""Following the jobs of the pool to their end; the observer judges every reply on the way."""

import time

from vidspec.conformance.echo import ECHOED, same, shown
from vidspec.conformance.reply import Reply
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.session import PoolJob, Session
from vidspec.conformance.stops import Missing
from vidspec.contract import TERMINAL, JobView

#: Seconds between two looks at first, and later as a share of the time waited.
_FIRST_PAUSE = 0.1
_SHARE = 0.1
#: Longest pauses without a change, and the share of a job's time, after which an unknown word is taken for the last one.
_STILL_LOOKS, _STILL_SHARE = 15, 0.25
#: The same in pauses alone, where the job shows what only an ended one has.
_ENDED_LOOKS = 3


@scenario(
    "life of a job",
    """retrieve-reaches-end retrieve-echo-seconds retrieve-echo-size retrieve-echo-prompt
    retrieve-echo-model retrieve-poll-after""",
)
def life(session: Session) -> None:
    """Poll the first job to its end, look twice more, and compare it with what was asked for."""
    job = session.job("first")
    reply = follow(session, job)
    # It was judged on the way, if there was anything to judge.
    session.cannot("retrieve-poll-after", "no answer says when to ask again", "unsupported")
    ended = job.state in TERMINAL and job.meant is None
    session.judge("retrieve-reaches-end", ended, *_end(session, job), reply)
    if job.state not in TERMINAL:
        return
    for _ in range(2):
        session.call("retrieve", job.id)
    _echo(session, job)


def _end(session: Session, job: PoolJob) -> tuple[str, str]:
    """Say which end was expected of a job, and how far it came: by its word, where nobody knows what that means."""
    word = job.shown.job().word if job.shown else None
    known = session.surface.words(job.meant) if job.meant else ()
    if job.meant is not None:
        expected = " or ".join(known) or f"a word for {job.meant} that is documented"
        return expected, f"{word!r}, at which no client stops asking"
    shown = f"the unknown word {word!r}" if job.state == "unknown" and word else job.state
    seconds = session.options.job_timeout
    since = f", unchanged for {job.still:.1f} s" if job.still else ""
    return f"an end within {seconds:g} s", f"{shown} after {session.seconds:.1f} s{since}"


@scenario("failed job", "retrieve-failed-says-why")
def failed_job(session: Session) -> None:
    """Follow the second job to its end; with a failing prompt it must say why it failed."""
    if session.options.fail_prompt is None:
        reason = "no prompt that is known to fail was given"
        session.cannot("retrieve-failed-says-why", reason, "disabled")
    job = session.job("second")
    reply = follow(session, job)
    if session.options.fail_prompt is None:
        return
    if job.state != "failed" or reply is None:
        message = f"the job with the failing prompt ended as {job.state}"
        raise Missing(message)
    why = reply.job().texts.get("error_message", "")
    session.judge("retrieve-failed-says-why", bool(why.strip()), "a reason", repr(why), reply)


def follow(session: Session, job: PoolJob) -> Reply | None:
    """Poll a job until it ends or its time is over; return the newest accepted reply.

    An unknown word that stays as it is ends the waiting before: most are an end by another name, and one for running jobs
    comes with a progress or is followed by another.
    """
    began = changed = time.monotonic()
    slowest = session.surface.poll.interval_seconds
    seen: JobView | None = None
    while True:
        reply = session.call("retrieve", job.id, status_judged=False)
        if reply.found:
            job.shown = reply
            view = reply.job()
            ended = session.end_of(view)
            job.meant = None if view.terminal else ended
            if ended is not None:
                return reply
            if seen is None or (seen.word, seen.progress) != (view.word, view.progress):
                seen, changed = view, time.monotonic()
            job.still = time.monotonic() - changed if view.state == "unknown" else 0.0
            if view.word is not None and job.still > _patience(session, view):
                return reply
        elif _failed_by_refusal(session, reply):
            return reply
        if time.monotonic() - began > session.options.job_timeout:
            return job.shown
        if session.options.poll_interval is not None:
            time.sleep(session.options.poll_interval)
            continue
        # Short looks at first: fast gateways are not kept waiting, slow ones are not hurried.
        time.sleep(min(max(_FIRST_PAUSE, _SHARE * (time.monotonic() - began)), slowest))


def _patience(session: Session, view: JobView) -> float:
    """Return for how many seconds an unknown word may stay as it is."""
    pause = session.options.poll_interval or session.surface.poll.interval_seconds
    if view.progress == 100 or "completed_at" in view.times or view.output_urls:
        return _ENDED_LOOKS * pause
    return max(_STILL_LOOKS * pause, _STILL_SHARE * session.options.job_timeout)


def _failed_by_refusal(session: Session, reply: Reply) -> bool:
    # A dialect without a word for failed jobs answers the question for one with an error.
    return reply.refused and not session.surface.words("failed")


def completed(session: Session, name: str = "first") -> PoolJob:
    """Return a completed job of the pool, or raise Missing."""
    job = session.job(name)
    if job.state == "unknown" and job.shown is not None:
        message = f"nobody knows whether {job.shown.job().word!r}, the last word of the {name} job, is its end"
        raise Missing(message)
    if job.state != "completed":
        message = f"the {name} job is {job.state}, not completed"
        raise Missing(message)
    return job


def _echo(session: Session, job: PoolJob) -> None:
    if job.shown is None:
        return
    view = job.shown.job()
    for name in ECHOED:
        requirement, wanted = f"retrieve-echo-{name}", job.wanted.get(name)
        told = shown(view, name)
        if wanted is None:
            session.cannot(requirement, f"the create request named no {name}", "disabled")
        elif told is None:
            session.cannot(requirement, f"the job does not show its {name}", "unsupported")
        else:
            fits = same(name, wanted, told)
            session.judge(requirement, fits, f"{wanted}", f"{told}", job.shown)
