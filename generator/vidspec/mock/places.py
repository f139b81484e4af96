"""Places in a reply, by meaning or by pointer, and what the rewrites of faults do there.

A place is ``job.NAME`` (in a list: of every job), ``error.NAME``, ``paging.NAME``, ``items``, ``result``
(every address of a result), ``item.NAME`` (that property of every entry of a listing), or a message pointer.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from vidspec.contract.model import Dialect, JobField, Operation
from vidspec.mock.examples import url_pointers
from vidspec.mock.faults import Rewrite
from vidspec.mock.wire import other_type, wire_value
from vidspec.source import (
    MISSING,
    join_pointer,
    pointer_all,
    pointer_get,
    pointer_remove,
    pointer_set,
    split_pointer,
)


class Places:
    """Finds places in the replies of one operation (None: of no known operation)."""

    def __init__(self, dialect: Dialect, operation: Operation | None) -> None:
        self._dialect, self._operation = dialect, operation
        self._surface = dialect.surfaces[operation.surface] if operation else dialect.surface

    def states(self, reply: Any) -> frozenset[str]:
        """Return the canonical states of the jobs in the reply."""
        return frozenset(filter(None, (self._state(job) for _, job in self._jobs(reply))))

    def rewritten(self, reply: Any, rewrite: Rewrite) -> Any:
        """Return the reply with the rewrite done at its places; jobs in other states are left alone."""
        for place, value in rewrite.set.items():
            for pointer, field in self._found(reply, place, rewrite.states):
                reply = _change(reply, pointer, self._writer(field, value), make=True)
        for place, value in rewrite.put.items():
            for pointer, _ in self._found(reply, place, rewrite.states):
                reply = _change(reply, pointer, self._writer(None, value), make=True)
        for place in rewrite.remove:
            for pointer, _ in self._found(reply, place, rewrite.states):
                pointer_remove(reply, pointer)
        for place, seconds in rewrite.shift.items():
            for pointer, field in self._found(reply, place, rewrite.states):
                unit = field.unit if field else None
                reply = _change(reply, pointer, partial(_shifted, unit, seconds))
        for place in rewrite.flip:
            for pointer, _ in self._found(reply, place, rewrite.states):
                reply = _change(reply, pointer, other_type)
        return reply

    def _found(
        self, reply: Any, place: str, states: Collection[str]
    ) -> list[tuple[str, JobField | None]]:
        """Return the message pointers that ``place`` means, each with its job field if it is one."""
        group, _, name = place.partition(".")
        operation = self._operation
        pointers: list[str | None] = []
        if place.startswith("/") or not place:
            pointers = [place]
        elif group == "error":
            pointers = [getattr(self._dialect.error_shape, name)]
        elif group == "paging" and operation is not None and operation.paging is not None:
            pointers = [getattr(operation.paging, name)]
        elif place == "items" and operation is not None:
            pointers = [operation.items]
        elif group == "item" and operation is not None and operation.items is not None:
            pointers = [operation.items + "/*" + join_pointer(name)]
        elif group in {"job", "result"}:
            field = self._surface.job.get(name)
            inner = [field.pointer] if field else url_pointers(self._surface) if not name else []
            return [
                (home + pointer, field)
                for home, job in self._jobs(reply)
                if not states or self._state(job) in states
                for pointer in inner
            ]
        return [(pointer, None) for pointer in pointers if pointer is not None]

    def _jobs(self, reply: Any) -> list[tuple[str, Any]]:
        operation = self._operation
        if operation is None or (operation.role != "list" and operation.job is None):
            return []
        where = f"{operation.items}/*" if operation.role == "list" else operation.job
        return pointer_all(reply, where or "")

    def _state(self, job: Any) -> str | None:
        word = pointer_get(job, self._surface.job["status"].pointer, None)
        return self._surface.states.get(word) if isinstance(word, str) else None

    def _writer(self, field: JobField | None, value: Any) -> Callable[[Any], Any]:
        if field is None:
            return lambda _: value
        if field.name == "status":
            word = next(iter(self._surface.words(value)), value)
            return lambda _: word
        return lambda old: wire_value(field, value, old, ())


def _change(reply: Any, pattern: str, new: Callable[[Any], Any], *, make: bool = False) -> Any:
    found = pointer_all(reply, pattern)
    if not found and make and "*" not in pattern:
        holder = pointer_get(reply, join_pointer(*split_pointer(pattern)[:-1]), MISSING)
        found = [(pattern, None)] if isinstance(holder, dict) else []
    for pointer, old in found:
        reply = pointer_set(reply, pointer, new(old))
    return reply


def _shifted(unit: str | None, seconds: float, old: Any) -> Any:
    if unit == "iso8601" and isinstance(old, str):
        moment = datetime.fromisoformat(old) + timedelta(seconds=seconds)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    moved = int(seconds * (1000 if unit == "ms" else 1))
    if isinstance(old, str) and old.isdecimal():
        return str(int(old) + moved)
    return old + moved if isinstance(old, int | float) else old
