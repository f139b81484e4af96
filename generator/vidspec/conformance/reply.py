"""A reply as scenarios and observers read it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from vidspec.conformance.exchange import Exchange
from vidspec.contract import Dialect, JobView, Operation, read_job
from vidspec.source import MISSING, pointer_all, pointer_get


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
        envelope = self.dialect.envelope
        if envelope is None or self.json is MISSING:
            return True
        return bool(pointer_get(self.json, envelope.pointer, envelope.equals) == envelope.equals)

    @property
    def refused(self) -> bool:
        """Whether the gateway said no: a 4xx, or an envelope that is no success."""
        return not self.accepted and self.status < 500 and not 300 <= self.status < 400

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
        pointer = getattr(self.dialect.error_shape, part)
        if pointer is None or self.json is MISSING:
            return None
        return pointer_get(self.json, pointer, None)

    def said(self) -> str:
        """Return the status, with the error's message where there is one."""
        message = self.error("message")
        return (
            f"{self.status} ({message})"
            if isinstance(message, str) and message
            else str(self.status)
        )


class Verdicts(Protocol):
    """Takes judgements (``Session.judge``); returns ``ok``."""

    def __call__(
        self, requirement: str, ok: bool, expected: str, received: str, reply: Reply | None = None
    ) -> bool:
        """Take one look at a requirement."""
        ...


def decode(content: bytes) -> Any:
    """Return the JSON value of a body, or MISSING."""
    try:
        return json.loads(content)
    except ValueError:
        return MISSING
