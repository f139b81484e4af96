"""The canonical view of a job: one shape, whatever the dialect calls its fields."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from .dialect import JobFieldInfo, State, SurfaceInfo
from .pointers import find, find_all, is_array, is_object

TERMINAL: frozenset[str] = frozenset({"completed", "failed", "cancelled", "expired"})

# Seconds stay below this until the year 5138, milliseconds have been above it since 1973.
_MILLISECONDS_FROM = 1e11


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoJob:
    """A job as last seen. What the dialect or the gateway does not say is None."""

    id: str
    state: State
    #: The gateway's own word for the state.
    status: str | None
    #: Percent, 0 to 100.
    progress: float | None = None
    model: str | None = None
    prompt: str | None = None
    #: Length of the video.
    seconds: float | None = None
    #: As the dialect writes it (``1280x720``).
    size: str | None = None
    aspect_ratio: str | None = None
    resolution: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    completed_at: datetime | None = None
    expires_at: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None
    #: Addresses of the results; empty when they are fetched by the job's id.
    output_urls: tuple[str, ...] = ()
    #: In the dialect's own unit.
    cost: float | None = None
    #: The family of jobs it belongs to, in a dialect that has several.
    surface: str | None = None
    #: The job object as it came.
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)

    def __eq__(self, other: object) -> bool:
        """Compare what is known of the jobs, whether or not they know their client."""
        if not isinstance(other, VideoJob):
            return NotImplemented
        return all(getattr(self, f.name) == getattr(other, f.name) for f in fields(VideoJob))

    def __hash__(self) -> int:
        """Equal jobs have one id."""
        return hash(self.id)

    @property
    def done(self) -> bool:
        """Whether the state is an end: completed, failed, cancelled or expired."""
        return self.state in TERMINAL


@dataclass(frozen=True, slots=True)
class _Reader:
    surface: SurfaceInfo
    job: Mapping[str, Any]

    def value(self, name: str) -> Any:
        info = self.surface.job.get(name)
        if info is None:
            return None
        return _canonical(find(self.job, info.pointer), info)

    def text(self, name: str) -> str | None:
        value = self.value(name)
        return None if value is None or isinstance(value, dict | list) else str(value)

    def number(self, name: str) -> float | None:
        return _number(self.value(name))

    def time(self, name: str) -> datetime | None:
        info = self.surface.job.get(name)
        return None if info is None else _time(self.value(name))

    def pixels(self) -> str | None:
        width, height = self.number("width"), self.number("height")
        return f"{width:.0f}x{height:.0f}" if width and height else None

    def output_urls(self) -> tuple[str, ...]:
        pointers = [r.pointer for r in self.surface.results if r.kind == "url" and r.pointer]
        if not pointers and "output_urls" in self.surface.job:
            pointers = [self.surface.job["output_urls"].pointer]
        values = [value for pointer in pointers for value in find_all(self.job, pointer)]
        flat = [item for value in values for item in (value if is_array(value) else [value])]
        return tuple(dict.fromkeys(url for url in flat if isinstance(url, str) and url))


def read_job(
    surface: SurfaceInfo, reply: Any, pointer: str = "", asked_id: str | None = None
) -> VideoJob:
    """Return the canonical view of the job object at ``pointer`` of a JSON reply.

    ``asked_id`` is the id that the job was asked for by: it has just worked, so it is kept even where the reply
    shows another (LiteLLM's status replies carry an id that its content route cannot use), or none.
    Raises LookupError when there is no object, no id at all, or neither an id nor a status in the object.
    """
    found = find(reply, pointer)
    job: Mapping[str, Any] = found if is_object(found) else {}
    reader = _Reader(surface, job)
    own_id, word = reader.text("id"), reader.text("status")
    job_id = asked_id or own_id
    if not job_id or not (own_id or word):
        msg = f"no job object with an id at {pointer or 'the root'} of the reply"
        raise LookupError(msg)
    return VideoJob(
        id=job_id,
        state=state_of(surface, word),
        status=word,
        progress=reader.number("progress"),
        model=reader.text("model"),
        prompt=reader.text("prompt"),
        seconds=reader.number("seconds"),
        size=reader.text("size") or reader.pixels(),
        aspect_ratio=reader.text("aspect_ratio"),
        resolution=reader.text("resolution"),
        created_at=reader.time("created_at"),
        updated_at=reader.time("updated_at"),
        completed_at=reader.time("completed_at"),
        expires_at=reader.time("expires_at"),
        error_code=reader.text("error_code"),
        error_message=reader.text("error_message") or _words(reader.value("error")),
        output_urls=reader.output_urls(),
        cost=reader.number("cost"),
        surface=surface.name,
        raw=job,
    )


def state_of(surface: SurfaceInfo, word: str | None) -> State:
    """Return the canonical state of a status word; words that are not documented, or say nothing, are ``unknown``."""
    return surface.states.get(word or "") or "unknown"


def _canonical(value: Any, info: JobFieldInfo) -> Any:
    if not info.values or value is None:
        return value
    if isinstance(value, str) and value in info.values:
        return info.values[value]
    return info.values.get(json.dumps(value), value)


def _number(value: Any) -> float | None:
    """Read numbers, numbers in strings, and percentages (``"30%"``)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value.strip().removesuffix("%") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _time(value: Any) -> datetime | None:
    number = _number(value)
    try:
        if number is None:
            return _iso(value) if isinstance(value, str) and value else None
        if number <= 0:
            # Gateways written in Go send 0 for a time that has not come.
            return None
        # Told by size, not by the documented unit: gateways mix the two up.
        seconds = number / 1000 if number >= _MILLISECONDS_FROM else number
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _iso(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _words(error: Any) -> str | None:
    """Return what an error that is not split into code and message says."""
    if isinstance(error, str):
        return error or None
    if is_object(error):
        message = error.get("message")
        return message if isinstance(message, str) else json.dumps(error)
    return None
