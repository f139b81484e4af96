"""Replies: the specification's example of that state, with the job's own values at the pointers.

What an example leaves out is not sent in that state.
Everything that can be known beforehand (which example, which places, which types) is worked out once.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json

from vidspec.contract.model import Dialect, JobField, Operation, Surface
from vidspec.contract.schemas import properties, schemas_at, types_at
from vidspec.mock.job import Job
from vidspec.mock.wire import TIMES, wire_writer
from vidspec.source import (
    MISSING,
    join_pointer,
    pointer_all,
    pointer_get,
    pointer_remove,
    pointer_set,
    split_pointer,
)

#: Which example stands in for a state that the specification has none for.
_STAND_INS: Final[Mapping[str, tuple[str, ...]]] = {
    "unknown": ("queued", "in_progress"),
    "queued": ("in_progress",),
    "in_progress": ("queued",),
    "cancelled": ("failed",),
    "expired": ("failed",),
    "failed": ("cancelled",),
}
#: Stands for a state that the reply does not tell: its word is mapped to none.
UNTOLD: Final = "unknown"
#: What a caller may or may not have said: written though the example lacks it, taken out if unsaid.
ECHOES = frozenset({"external_id", "source_id", "seed", "negative_prompt"})
#: What the example alone decides.
_KEPT = frozenset({"status", "error", "error_code", "error_message", "outputs"})

#: Told the field, the value about to be written: the value to write instead.
Distort = Callable[[JobField, Any], Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """One value to write: the way through the copied example, and how it is written there."""

    field: JobField
    holder: tuple[str | int, ...]
    key: str | int
    sample: Any
    #: What becomes of a value that is not known: ``null``, ``remove`` or ``keep``.
    unknown: str
    #: Canonical value → what is written.
    write: Callable[[Any], Any]

    #: Canonical name of the value.
    name: str


class JobTemplate:
    """One example of a job object, ready to be filled in again and again."""

    def __init__(
        self, dialect: Dialect, surface: Surface, example: Any, schema: str | None
    ) -> None:
        """Take the job object ``example``; ``schema`` is the document pointer of its schema."""
        job = json.loads(json.dumps(example))
        #: Pointers of the arrays of results: a job has as many as it was asked for.
        self._arrays = [
            pointer.partition("/*")[0] for pointer in url_pointers(surface) if "/*" in pointer
        ]
        for pointer in self._arrays:
            if isinstance(array := pointer_get(job, pointer), list):
                del array[1:]
        places = [
            place
            for field in surface.job.values()
            if field.name not in _KEPT
            for place in _places(dialect, field, field.pointer, job, schema)
        ]
        for pointer in url_pointers(surface):
            places += _places(dialect, JobField("output_urls", pointer), pointer, job, schema)
        written = {(*place.holder, place.key) for place in places}
        _forget_addresses(dialect, schema, job, (), written)
        self._text = json.dumps(job).encode()
        # A time that the example does not know yet in this state is never written.
        known = [p for p in places if p.sample or p.name not in TIMES]
        #: With each place what most of them need; the key is None where the place is not at the top.
        self._steps = [(p, p.name, None if p.holder else p.key, p.write) for p in known]

    def fill(self, facts: Mapping[str, Any], distort: Distort | None = None) -> Any:
        """Return a fresh job object with these canonical values; what ``facts`` lacks stays."""
        job = from_json(self._text)
        for place, name, key, write in self._steps:
            value = facts.get(name, MISSING)
            if value is MISSING:
                continue
            if key is None or value is None or distort is not None:
                _write(job, place, value, distort)
            else:
                job[key] = write(value)
        if (count := facts.get("n")) and count > 1:
            for pointer in self._arrays:
                _repeat(pointer_get(job, pointer), count)
        return job


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
            for example, schema in _examples(source):
                job = pointer_get(example, source.job)
                whole = whole or json.dumps(example)
                state = _state(surface, job)
                if state is None and source is operation:
                    # A reply that says nothing of the state is that of a job just made.
                    state = UNTOLD if _word(surface, job) in surface.states else "queued"
                if state is None or state in self._jobs:
                    continue
                place = None if schema is None else _first(dialect, schema, source.job)
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
                    state = _state(surface, job)
                    if state is not None:
                        schema = content.schema_pointer
                        place = None if schema is None else _first(dialect, schema, operation.job)
                        self._jobs[state] = JobTemplate(dialect, surface, job, place)
                        self._around[state] = json.dumps(example.value)
                        found[state] = int(reply.status)
        return found

    def status(self, state: str) -> int | None:
        """Return the status of a reply that shows ``state``, None if it is that of success."""
        return self._refused.get(nearest(state, self._jobs))

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
        examples = _examples(operation)
        self._text = json.dumps(examples[0][0])
        self._ends = _ends(examples[0][0], self._items, self._id)
        schema = examples[0][1]
        #: Places of ids that are left out when there is no job to name.
        self._optional = [
            pointer
            for pointer in map(join_pointer, self._ends)
            if "null" not in _types(dialect, schema, pointer)
            and pointer[1:] not in _required(dialect, schema, "")
        ]
        found = [
            (item, schema and _first(dialect, schema, f"{self._items}/*"))
            for example, schema in examples
            for item in pointer_get(example, self._items, [])
        ]
        retrieve = dialect.by_role("retrieve", operation.surface)
        if retrieve is not None and retrieve.job is not None:
            found += [
                (
                    pointer_get(example, retrieve.job),
                    schema and _first(dialect, schema, retrieve.job),
                )
                for example, schema in _examples(retrieve)
            ]
        for job, schema in found:
            if (state := _state(surface, job)) is not None and state not in self._jobs:
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


def example_reply(operation: Operation) -> Any:
    """Return a fresh copy of the operation's first JSON example of success, None if it has none."""
    examples = _examples(operation)
    return json.loads(json.dumps(examples[0][0])) if examples else None


def job_example(dialect: Dialect, surface: Surface, state: str) -> Mapping[str, Any]:
    """Return the job object that the specification shows in ``state`` (or the nearest one)."""
    retrieve = dialect.by_role("retrieve", surface.name)
    found: dict[str, Mapping[str, Any]] = {}
    if retrieve is not None and retrieve.job is not None:
        for example, _ in _examples(retrieve):
            job = pointer_get(example, retrieve.job)
            if (shown := _state(surface, job)) is not None:
                found.setdefault(shown, job)
    return found[nearest(state, found)] if found else {}


def id_example(dialect: Dialect, surface: Surface) -> str | None:
    """Return a job id as the surface's examples show it, None if they show none."""
    operations = [o for o in dialect.operations if o.surface == surface.name and o.job is not None]
    found = (
        pointer_get(example, f"{operation.job}{surface.job['id'].pointer}", None)
        for operation in operations
        for example, _ in _examples(operation)
    )
    return next((identity for identity in found if isinstance(identity, str)), None)


def url_pointers(surface: Surface) -> list[str]:
    """Return the message pointers, inside the job object, of the addresses of results."""
    return [r.pointer for r in surface.results if r.kind == "url" and r.pointer is not None]


def facts_of(job: Job, surface: Surface, state: str, now: float, wall: float) -> dict[str, Any]:
    """Return what a reply may say of ``job``, shown in ``state`` at that moment, by canonical name."""
    params = job.params
    ended = job.ended_at(now)
    facts: dict[str, Any] = {
        name: params[name]
        for name in (
            "model", "prompt", "seconds", "size", "resolution", "aspect_ratio", "fps", "n",
        )
        if name in params
    }  # fmt: skip
    facts |= {name: params.get(name) for name in ECHOES if name != "source_id"}
    if "prompt" not in facts:
        facts["prompt"] = None
    return facts | {
        "id": job.id,
        "progress": job.progress(now),
        "width": job.clip.width,
        "height": job.clip.height,
        "created_at": job.created_at,
        "updated_at": ended or (job.created_at if state == "queued" else wall),
        "completed_at": ended,
        "expires_at": (ended or job.created_at) + (surface.retention_seconds or 3600),
        "source_id": job.source_id,
    }


def nearest(state: str, shown: Mapping[str, Any]) -> str:
    """Return ``state``, or the shown state that stands in for it."""
    for candidate in (state, *_STAND_INS.get(state, ())):
        if candidate in shown:
            return candidate
    return next(iter(shown))


def _examples(operation: Operation) -> list[tuple[Any, str | None]]:
    return [
        (example.value, content.schema_pointer)
        for content in operation.success.contents
        if not content.binary
        for example in content.examples
    ]


def _state(surface: Surface, job: Any) -> str | None:
    word = _word(surface, job)
    return None if word is None else surface.states.get(word)


def _word(surface: Surface, job: Any) -> str | None:
    word = pointer_get(job, surface.job["status"].pointer, None)
    return word if isinstance(word, str) else None


def _first(dialect: Dialect, schema: str, message: str) -> str | None:
    return next(iter(schemas_at(dialect.document, schema, message)), None)


def _places(
    dialect: Dialect, field: JobField, pattern: str, job: Any, schema: str | None
) -> list[_Place]:
    found = pointer_all(job, pattern)
    if not found and field.name in ECHOES and "*" not in pattern:
        found = [(pattern, None)]
    places = []
    for pointer, sample in found:
        *way, last = split_pointer(pointer)
        holder = pointer_get(job, join_pointer(*way))
        if not isinstance(holder, dict | list):
            continue
        types = _types(dialect, schema, pattern)
        unknown = "null" if sample is None or "null" in types else "remove"
        if unknown == "remove" and last in _required(dialect, schema, join_pointer(*way)):
            unknown = "keep"
        keys = _keys(job, [*way, last])
        write = wire_writer(field, sample, types)
        places.append(_Place(field, keys[:-1], keys[-1], sample, unknown, write, field.name))
    return places


def _keys(job: Any, segments: list[str]) -> tuple[str | int, ...]:
    keys: list[str | int] = []
    for segment in segments:
        keys.append(int(segment) if isinstance(job, list) else segment)
        job = pointer_get(job, join_pointer(segment), None)
    return tuple(keys)


def _required(dialect: Dialect, schema: str | None, holder: str) -> frozenset[str]:
    """Return the names that the schema at the message pointer ``holder`` requires."""
    places = [] if schema is None else schemas_at(dialect.document, schema, holder)
    return frozenset(
        name
        for place in places
        for name, _, required in properties(dialect.document, place)
        if required
    )


def _forget_addresses(
    dialect: Dialect,
    schema: str | None,
    holder: Any,
    way: tuple[str | int, ...],
    written: Collection[tuple[str | int, ...]],
) -> None:
    """Take out the example's own addresses, which lead nowhere, as far as the schema allows."""
    for key, value in list(holder.items() if isinstance(holder, dict) else enumerate(holder)):
        here = (*way, key)
        if isinstance(value, dict | list):
            _forget_addresses(dialect, schema, value, here, written)
        elif _is_address(value) and here not in written and isinstance(holder, dict):
            pointer = join_pointer(*map(str, way))
            types = _types(dialect, schema, pointer + join_pointer(str(key)))
            if "null" in types:
                holder[key] = None
            elif key not in _required(dialect, schema, pointer):
                del holder[key]


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _types(dialect: Dialect, schema: str | None, message: str) -> frozenset[str]:
    spots = [] if schema is None else schemas_at(dialect.document, schema, message)
    return frozenset(t for spot in spots for t in types_at(dialect.document, spot))


def _write(job: Any, place: _Place, value: Any, distort: Distort | None) -> None:
    holder = job
    for key in place.holder:
        holder = holder[key]
    if value is None:
        if place.unknown == "remove" and isinstance(holder, dict):
            holder.pop(place.key, None)
        elif place.unknown == "null" and place.key in holder:
            holder[place.key] = None
        return
    written = place.write(value)
    holder[place.key] = written if distort is None else distort(place.field, written)


def _repeat(array: Any, count: int) -> None:
    """Make ``count`` results of the first; their addresses differ in the number alone."""
    if isinstance(array, list) and array:
        text = json.dumps(array[0])
        array[:] = [json.loads(text.replace("/0.mp4", f"/{number}.mp4")) for number in range(count)]
