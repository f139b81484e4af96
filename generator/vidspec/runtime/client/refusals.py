"""Refusals that are answers: some gateways refuse to tell of a job that has failed, and say so in the refusal."""

from .dialect import OperationInfo, SurfaceInfo
from .errors import ApiError
from .jobs import VideoJob, read_job
from .pointers import find, is_object
from .replies import parse


def ended_by(
    error: ApiError, surface: SurfaceInfo, operation: OperationInfo, job_id: str | None
) -> VideoJob:
    """Return the job that ``operation`` asked for, ended as its refusal says; raises the error itself when it says nothing.

    It is said by the refusal's code, where the dialect has no word for it, or by the job itself as the body of an
    error, which must have the id that was asked for.
    """
    reply = parse(error.body)
    if job_id is not None:
        state = surface.refusals.get(error.code or "")
        if state is not None:
            return VideoJob(
                id=job_id,
                state=state,
                status=None,
                error_code=error.code,
                error_message=error.message,
                surface=surface.name,
                raw=reply if is_object(reply) else {},
            )
        job = _told(surface, reply, operation.job or "", job_id)
        if job is not None and job.done and job.state != "completed":
            return job
    raise error


def _told(surface: SurfaceInfo, reply: object, pointer: str, job_id: str) -> VideoJob | None:
    told = find(find(reply, pointer), surface.job["id"].pointer)
    return read_job(surface, reply, pointer, job_id) if told == job_id else None
