"""A reply as scenarios and observers read it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from vidspec.conformance.exchange import Exchange
from vidspec.contract import Dialect, JobView, Operation, read_job
from vidspec.source import MISSING, join_pointer, pointer_all, pointer_get


@dataclass(frozen=True, slots=True)
class Reply:
    """What the gateway answered. Header names are lower-case."""

    exchange: Exchange
    dialect: Dialect = field(repr=False)
    operation: Operation | None
    #: The id in the path of the request, where it has one.
    job_id: str | None
    method: str
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    #: The decoded body, whatever its declared type; MISSING if it is not JSON.
    json: Any = field(repr=False)

    @property
    def media_type(self) -> str:
        """The declared type without parameters, in lower case; ``""`` if there is none."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def accepted(self) -> bool:
        """Whether the status, and the envelope where the dialect has one, say success."""
        if not 200 <= self.status < 300:
            return False
        envelope = self.operation.envelope if self.operation else self.dialect.envelope
        if envelope is None or self.json is MISSING:
            return True
        return bool(pointer_get(self.json, envelope.pointer, envelope.equals) == envelope.equals)

    @property
    def refused(self) -> bool:
        """Whether the gateway said no: a 4xx, an envelope that is no success, or its word for a job it does not know."""
        if self.accepted:
            return self.missing
        return self.status < 500 and not 300 <= self.status < 400

    @property
    def found(self) -> bool:
        """Whether the reply is a success, and no polite way to say that there is no such job."""
        return self.accepted and not self.missing

    @property
    def missing(self) -> bool:
        """Whether the reply is the documented success that says there is no such job (some dialects have one)."""
        operation = self.operation
        cause = operation.causes.get("not_found") if operation else None
        if operation is None or operation.job is None or cause is None or cause.status >= 300:
            return False
        told = pointer_get(cause.body, operation.job, None)
        word = read_job(self.dialect.surfaces[operation.surface], told).word
        return self.status == cause.status and word == self.job().word

    def job(self) -> JobView:
        """Return the single job of the reply (every part None where there is none)."""
        jobs = self.jobs()
        surface = self.dialect.surfaces[self.operation.surface] if self.operation else None
        return read_job(surface or self.dialect.surface, jobs[0] if jobs else None)

    def jobs(self) -> list[Any]:
        """Return the job objects of an accepted reply: the single one, or a list's items."""
        operation = self.operation
        if operation is None or self.json is MISSING:
            return []
        if operation.job is not None:
            job = pointer_get(self.json, operation.job, None)
            return [job] if isinstance(job, dict) else []
        if operation.role != "list" or operation.items is None:
            return []
        return [job for _, job in pointer_all(self.json, operation.items + "/*")]

    def views(self) -> list[JobView]:
        """Return the canonical views of the jobs in the reply."""
        surface = self.dialect.surfaces[self.operation.surface] if self.operation else None
        return [read_job(surface or self.dialect.surface, job) for job in self.jobs()]

    def source(self) -> Any:
        """Return what the job says it was made from, or None."""
        operation, jobs = self.operation, self.jobs()
        place = self.dialect.surfaces[operation.surface].job.get("source_id") if operation else None
        return pointer_get(jobs[0], place.pointer, None) if place and jobs else None

    def error(self, part: str) -> Any:
        """Return a part of the error (``message``, ``param`` …), or None."""
        if self.json is MISSING:
            return None
        found = (pointer_get(self.json, place, None) for place in self.error_places(part))
        return next((value for value in found if value is not None), None)

    def error_places(self, part: str) -> tuple[str, ...]:
        """Return the message pointers where a part of the error may stand: as the operation answers, then as the dialect does."""
        causes = self.operation.causes.values() if self.operation else ()
        bodies = [cause.body for cause in causes if cause.status == self.status]
        places = [place for body in bodies for place in _places(body, f"{{{part}}}")]
        common: str | None = getattr(self.dialect.error_shape, part)
        return tuple(dict.fromkeys([*places, *([] if common is None else [common])]))

    def said(self) -> str:
        """Return the status, what the envelope says where that is no success, and the error's message if there is one."""
        message = self.error("message")
        told = f" ({message})" if isinstance(message, str) and message else ""
        envelope = self.operation.envelope if self.operation else self.dialect.envelope
        if 200 <= self.status < 300 and envelope is not None and not self.accepted:
            value = json.dumps(pointer_get(self.json, envelope.pointer, None))
            told = f" with {value} at {envelope.pointer}, not {json.dumps(envelope.equals)}{told}"
        return f"{self.status}{told}"


class Verdicts(Protocol):
    """Takes judgements (``Session.judge``); returns ``ok``."""

    def __call__(
        self, requirement: str, ok: bool, expected: str, received: str, reply: Reply | None = None
    ) -> bool:
        """Take one look at a requirement."""
        ...


def _places(value: Any, text: str, pointer: str = "") -> Iterator[str]:
    if value == text:
        yield pointer
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _places(inner, text, pointer + join_pointer(name))


def decode(content: bytes) -> Any:
    """Return the JSON value of a body, or MISSING."""
    try:
        return json.loads(content)
    except ValueError:
        return MISSING
