"""Reading a reply by what a gateway is known to do, and where that makes no sense by what it promises."""

from dataclasses import dataclass, replace
from typing import Any

from .dialect import DialectInfo, OperationInfo, SurfaceInfo
from .errors import ApiError, DecodingError, Exchange
from .jobs import VideoJob, read_job
from .pointers import find, is_array
from .replies import parse, refused_in_body


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand the replies of an operation."""

    dialect: DialectInfo
    operation: OperationInfo

    @property
    def surface(self) -> SurfaceInfo:
        """The family of jobs that the replies speak of."""
        return self.dialect.surfaces[self.operation.surface or self.dialect.default_surface]


def read_one(
    readings: tuple[Reading, ...],
    exchange: Exchange,
    *,
    job_id: str | None = None,
    model: str | None = None,
) -> VideoJob:
    """Return the job of a 2xx reply by the first reading that knows its status word, else by the first that finds an id.

    ``job_id`` and ``model`` are what was asked for, for replies that do not repeat them.
    Raises ApiError when the reply says in its body that the call failed, DecodingError when there is no job in it.
    """
    value = parse(exchange.body)
    refusal: ApiError | None = None
    found: list[_Found] = []
    for reading in readings:
        refused = refused_in_body(reading.dialect, exchange, reading.operation.id)
        refusal = refusal or refused
        if refused is None:
            found += _try(reading, value, reading.operation.job or "", job_id)
    best = _best(found)
    if best is not None and (refusal is None or best.known):
        return replace(best.job, model=best.job.model or model)
    if refusal is not None:
        raise refusal
    reason = "there is no job with an id in it"
    raise DecodingError(reason, exchange)


def read_many(readings: tuple[Reading, ...], exchange: Exchange) -> list[VideoJob]:
    """Return the jobs of a list reply; items without an id are left out.

    Raises ApiError when the reply says in its body that the call failed, DecodingError when there is no list in it.
    """
    items = read_items(readings, exchange)
    found = (_best([f for r in readings for f in _try(r, item, "", None)]) for item in items)
    return [best.job for best in found if best is not None]


def read_items(readings: tuple[Reading, ...], exchange: Exchange) -> list[Any]:
    """Return the items of a list reply, as they came; raises as ``read_many`` does."""
    value = parse(exchange.body)
    refusal: ApiError | None = None
    for reading in readings:
        refused = refused_in_body(reading.dialect, exchange, reading.operation.id)
        items = find(value, reading.operation.items)
        if refused is None and is_array(items):
            return items
        refusal = refusal or refused
    if refusal is not None:
        raise refusal
    reason = "there is no list in it"
    raise DecodingError(reason, exchange)


@dataclass(frozen=True, slots=True)
class _Found:
    """A job as one reading sees it."""

    job: VideoJob
    #: The status word is one that the reading knows.
    known: bool
    #: The job object itself holds the id.
    named: bool


def _try(reading: Reading, value: Any, pointer: str, job_id: str | None) -> list[_Found]:
    surface = reading.surface
    try:
        job = read_job(surface, value, pointer, job_id)
    except LookupError:
        return []
    named = find(job.raw, surface.job["id"].pointer) is not None
    return [_Found(job, job.status in surface.states, named)]


def _best(found: list[_Found]) -> _Found | None:
    known = (f for f in found if f.known)
    named = (f for f in found if f.named)
    return next(known, None) or next(named, None) or next(iter(found), None)
