"""Jobs by every name they are asked for: id, token, the caller's own id, and their place in lists."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar

from vidspec.mock.keeping import Key
from vidspec.mock.shelf import Shelf


class Held(Protocol):
    """What the index must know of a job."""

    id: str
    dialect: str
    surface: str
    space: str
    number: int
    token: str
    params: dict[str, Any]


J = TypeVar("J", bound=Held)


class JobIndex(Generic[J]):
    """Jobs in the order in which they were made, found without walking."""

    def __init__(self) -> None:
        self.jobs: OrderedDict[Key, J] = OrderedDict()
        self.tokens: dict[str, J] = {}
        #: About how many bytes they take.
        self.bytes = 0
        #: The highest number given.
        self.last = 0
        #: By space, dialect and surface (None: all).
        self._shelves: dict[tuple[str, str, str | None], Shelf[J]] = {}
        #: By space, dialect and the caller's own id, oldest first.
        self._named: dict[Key, list[J]] = {}

    def put(self, job: J) -> None:
        """Take a job in; its number must be higher than any."""
        space, dialect, params, self.last = job.space, job.dialect, job.params, job.number
        self.jobs[space, dialect, job.id] = job
        self.tokens[job.token] = job
        self.bytes += weight(params)
        for surface in (None, job.surface):
            home = space, dialect, surface
            shelf = self._shelves.get(home)
            if shelf is None:
                shelf = self._shelves[home] = Shelf()
            shelf.add(self.last, job)
        if (name := params.get("external_id")) is not None:
            self._named.setdefault((space, dialect, str(name)), []).append(job)

    def drop(self, job: J) -> Key:
        """Forget a job; return its key."""
        key = job.space, job.dialect, job.id
        del self.jobs[key]
        self.tokens.pop(job.token, None)
        self.bytes -= weight(job.params)
        for surface in (None, job.surface):
            home = job.space, job.dialect, surface
            self._shelves[home].remove(job.number)
            if not self._shelves[home]:
                del self._shelves[home]
        name = job.space, job.dialect, str(job.params.get("external_id"))
        named = [other for other in self._named.pop(name, ()) if other is not job]
        if named:
            self._named[name] = named
        return key

    def named(self, space: str, dialect: str, name: str) -> J | None:
        """Return the newest job that its caller gave that id, or None."""
        found = self._named.get((space, dialect, name))
        return found[-1] if found else None

    def shelf(
        self, space: str, dialect: str, surface: str | None, provider: str | None = None
    ) -> Shelf[J]:
        """Return the jobs of a list; ``provider`` leaves those that name it or none."""
        shelf: Shelf[J] = self._shelves.get((space, dialect, surface)) or Shelf()
        if provider is None:
            return shelf
        chosen: Shelf[J] = Shelf()
        for job in reversed(list(shelf)):
            if job.params.get("provider") in {None, provider}:
                chosen.add(job.number, job)
        return chosen


def weight(params: Mapping[str, Any]) -> int:
    """Return about how many bytes a job takes: what it always has, and its longer texts."""
    found = 1500
    for value in params.values():
        if value.__class__ is str:
            found += len(value)
        elif isinstance(value, (dict, list)):
            found += _length(value)
    return found


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(100 + len(name) + _length(inner) for name, inner in value.items())
    return sum(50 + _length(inner) for inner in value) if isinstance(value, list) else 0
