"""Replies: the specification's example of that state, with the job's own values at the pointers.

What an example leaves out is not sent in that state.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from vidspec.contract.model import Dialect, Operation, Surface
from vidspec.mock.examples import UNTOLD, examples_of, nearest, state_of, word_of
from vidspec.mock.shapes import first_schema, required_of, types_of
from vidspec.mock.templates import Distort, JobTemplate
from vidspec.source import join_pointer, pointer_get, pointer_remove, pointer_set


class JobReplies:
    """The replies of one operation: by canonical state, the job template and what is around it."""

    def __init__(self, dialect: Dialect, operation: Operation) -> None:
        surface = dialect.surfaces[operation.surface]
        self._pointer = operation.job or ""
        self._around: dict[str, str] = {}
        self._jobs: dict[str, JobTemplate] = {}
        retrieve = dialect.by_role("retrieve", operation.surface)
        whole: str | None = None
        for source in (operation, retrieve):
            if source is None or source.job is None:
                continue
            for example, schema in examples_of(source):
                job = pointer_get(example, source.job)
                whole = whole or json.dumps(example)
                state = state_of(surface, job)
                if state is None and source is operation:
                    # A reply that says nothing of the state is that of a job just made.
                    state = UNTOLD if word_of(surface, job) in surface.states else "queued"
                if state is None or state in self._jobs:
                    continue
                place = None if schema is None else first_schema(dialect, schema, source.job)
                self._jobs[state] = JobTemplate(dialect, surface, job, place)
                # A state borrowed from retrieve keeps this operation's own envelope.
                self._around[state] = json.dumps(example) if source is operation else whole
        self._refused = self._read_refused(dialect, operation, surface)

    def _read_refused(
        self, dialect: Dialect, operation: Operation, surface: Surface
    ) -> dict[str, int]:
        """Take over the jobs that stand in replies of failure; return their statuses by state."""
        found: dict[str, int] = {}
        for reply in operation.replies:
            if reply.ok or not reply.status.isdecimal() or operation.job is None:
                continue
            for content in reply.contents:
                for example in content.examples:
                    job = pointer_get(example.value, operation.job, None)
                    state = state_of(surface, job)
                    if state is not None:
                        schema = content.schema_pointer
                        place = (
                            None if schema is None else first_schema(dialect, schema, operation.job)
                        )
                        self._jobs[state] = JobTemplate(dialect, surface, job, place)
                        self._around[state] = json.dumps(example.value)
                        found[state] = int(reply.status)
        return found

    def status(self, state: str) -> int | None:
        """Return the status of a reply that shows ``state``, None if it is that of success."""
        return self._refused.get(nearest(state, self._jobs)) if self._refused else None

    def states(self) -> tuple[str, ...]:
        """Return the states that these replies can show as such, in the order of the examples."""
        return tuple(self._jobs)

    def render(self, state: str, facts: Mapping[str, Any], distort: Distort | None = None) -> Any:
        """Return the whole reply for a job in ``state``."""
        state = nearest(state, self._jobs)
        job = self._jobs[state].fill(facts, distort)
        if not self._pointer:
            return job
        return pointer_set(json.loads(self._around[state]), self._pointer, job)


class ListReplies:
    """The replies of one list operation."""

    def __init__(self, dialect: Dialect, operation: Operation) -> None:
        surface = dialect.surfaces[operation.surface]
        self._items = operation.items or ""
        self._paging = operation.paging
        self._id = surface.job["id"].pointer
        self._jobs: dict[str, JobTemplate] = {}
        examples = examples_of(operation)
        self._text = json.dumps(examples[0][0])
        self._ends = _ends(examples[0][0], self._items, self._id)
        schema = examples[0][1]
        #: Places of ids that are left out when there is no job to name.
        self._optional = [
            pointer
            for pointer in map(join_pointer, self._ends)
            if "null" not in types_of(dialect, schema, pointer)
            and pointer[1:] not in required_of(dialect, schema, "")
        ]
        found = [
            (item, schema and first_schema(dialect, schema, f"{self._items}/*"))
            for example, schema in examples
            for item in pointer_get(example, self._items, [])
        ]
        retrieve = dialect.by_role("retrieve", operation.surface)
        if retrieve is not None and retrieve.job is not None:
            found += [
                (
                    pointer_get(example, retrieve.job),
                    schema and first_schema(dialect, schema, retrieve.job),
                )
                for example, schema in examples_of(retrieve)
            ]
        for job, schema in found:
            if (state := state_of(surface, job)) is not None and state not in self._jobs:
                self._jobs[state] = JobTemplate(dialect, surface, job, schema)

    def render(
        self,
        jobs: Sequence[tuple[str, Mapping[str, Any]]],
        *,
        has_more: bool,
        total: int,
        distort: Distort | None = None,
    ) -> Any:
        """Return a page with these jobs, each given as its state and its canonical values."""
        items = [
            self._jobs[nearest(state, self._jobs)].fill(facts, distort) for state, facts in jobs
        ]
        reply = pointer_set(json.loads(self._text), self._items, items)
        ids = [pointer_get(item, self._id, None) for item in items] or [None]
        for name, end in self._ends.items():
            reply[name] = ids[end]
        if (paging := self._paging) is not None:
            for pointer, value in (
                (paging.has_more, has_more),
                (paging.first, ids[0]),
                (paging.last, ids[-1]),
                (paging.total, total),
            ):
                if pointer is not None:
                    pointer_set(reply, pointer, value)
        for pointer in self._optional if not items else ():
            pointer_remove(reply, pointer)
        return reply


def _ends(example: Any, items: str, identity: str) -> dict[str, int]:
    """Return the names beside the items that hold the id of the first (0) or last (-1) of them."""
    shown = pointer_get(example, items, None)
    if not isinstance(example, dict) or not isinstance(shown, list) or len(shown) < 2:
        return {}
    ids = {pointer_get(shown[end], identity, None): end for end in (-1, 0)}
    return {name: ids[v] for name, v in example.items() if isinstance(v, str) and v in ids}
