"""One example of a job object, ready to be filled in again and again.

Everything that can be known beforehand (which places, which types) is worked out once.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import from_json

from vidspec.contract.model import Dialect, JobField, Surface
from vidspec.mock.examples import is_content, url_pointers
from vidspec.mock.facts import ECHOES
from vidspec.mock.shapes import required_of, types_of
from vidspec.mock.wire import TIMES, wire_writer
from vidspec.source import join_pointer, pointer_all, pointer_get, split_pointer

#: What the example alone decides.
_KEPT = frozenset({"status", "error", "error_code", "error_message", "outputs"})
#: What a job has only in some of its states.
_LATER = TIMES | {"output_urls"}
#: A request may ask for any number of results; each takes room in the reply.
_MOST_RESULTS = 100
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
        identity = surface.job["id"]
        fields = [
            *(field for field in surface.job.values() if field.name not in _KEPT),
            # What equals the id in the example, as a second name of the job, equals it in replies.
            *(replace(identity, pointer=twin) for twin in _twins(job, identity.pointer)),
        ]
        places = [p for f in fields for p in _places(dialect, f, f.pointer, job, schema)]
        told = pointer_get(job, identity.pointer, None)
        for pointer in url_pointers(surface):
            places += [
                _own(place) if is_content(dialect, surface, place.sample, told) else place
                for place in _places(
                    dialect, JobField("output_urls", pointer), pointer, job, schema
                )
            ]
        written = {(*place.holder, place.key) for place in places}
        _forget_addresses(dialect, schema, job, (), written)
        #: What holds nothing is copied; only what holds something need be read anew to be a fresh one.
        self._flat: dict[Any, Any] = dict(job)
        self._deep = [
            (name, json.dumps(value).encode())
            for name, value in job.items()
            if isinstance(value, dict | list)
        ]
        # A time or an address that the example does not know yet in this state is never written.
        known = [p for p in places if p.sample or p.name not in _LATER]
        #: With each place what most of them need; the key is None where the place is not at the top.
        self._steps = [(p, p.name, None if p.holder else p.key, p.write) for p in known]

    def fill(self, facts: Mapping[str, Any], distort: Distort | None = None) -> Any:
        """Return a fresh job object with these canonical values; what ``facts`` lacks stays."""
        job = self._flat.copy()
        for key, text in self._deep:
            job[key] = from_json(text)
        for place, name, key, write in self._steps:
            if name not in facts:
                continue
            value = facts[name]
            if key is None or value is None or distort is not None:
                _write(job, place, value, distort)
            else:
                job[key] = write(value)
        count = facts.get("n")
        if isinstance(count, int) and count > 1:
            for pointer in self._arrays:
                _repeat(pointer_get(job, pointer), min(count, _MOST_RESULTS))
        return job


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
        types = types_of(dialect, schema, pattern)
        unknown = "null" if sample is None or "null" in types else "remove"
        if unknown == "remove" and last in required_of(dialect, schema, join_pointer(*way)):
            unknown = "keep"
        keys = _keys(job, [*way, last])
        write = wire_writer(field, sample, types)
        places.append(_Place(field, keys[:-1], keys[-1], sample, unknown, write, field.name))
    return places


def _own(place: _Place) -> _Place:
    """Return the place of an address of the content operation, which needs a key as in the example."""
    query = urlsplit(place.sample).query
    return replace(place, name="content_url", write=lambda url: f"{url}?{query}" if query else url)


def _twins(job: Any, identity: str) -> list[str]:
    """Return the pointers at the top of ``job``, but ``identity``, whose text is that of its id."""
    told = pointer_get(job, identity, None)
    if not isinstance(job, dict) or not isinstance(told, str):
        return []
    return [pointer for key, value in job.items()
            if value == told and (pointer := join_pointer(key)) != identity]  # fmt: skip


def _keys(job: Any, segments: list[str]) -> tuple[str | int, ...]:
    keys: list[str | int] = []
    for segment in segments:
        keys.append(int(segment) if isinstance(job, list) else segment)
        job = pointer_get(job, join_pointer(segment), None)
    return tuple(keys)


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
            types = types_of(dialect, schema, pointer + join_pointer(str(key)))
            if "null" in types:
                holder[key] = None
            elif key not in required_of(dialect, schema, pointer):
                del holder[key]


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


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
