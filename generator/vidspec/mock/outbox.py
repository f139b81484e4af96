"""What receivers of webhooks are still to be told: kept like the jobs, so that a restart loses nothing of it."""

import copy
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from vidspec.mock.keeping import Key

KIND: Final = "telling"


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to be sent, but for its signature, which is as old as the attempt."""

    id: str
    event: str
    job_id: str
    body: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Letter:
    """A message on its way, and how many attempts it has seen."""

    message: Message
    attempts: int = 0


@dataclass(slots=True)
class Telling:
    """What one receiver is told of one job."""

    #: What addresses in messages begin with.
    origin: str
    #: The receiver; None: that of every job.
    url: str | None = None
    #: The state in which the job was seen last; empty: it was not.
    state: str = ""
    letters: list[Letter] = field(default_factory=list)


class Outbox:
    """The tellings that are not over, by the key of their job."""

    def __init__(self, write: Callable[[str, Key, Any], None]) -> None:
        """Take what keeps a value of a kind (None: no longer) beyond the process, where anything does."""
        self._write = write
        self._lock = threading.RLock()
        self._tellings: dict[Key, Telling] = {}

    def waiting(self) -> list[Key]:
        """Return the keys of all, oldest first."""
        with self._lock:
            return list(self._tellings)

    def get(self, key: Key) -> Telling | None:
        """Return the telling of that job, None if it is over."""
        return self._tellings.get(key)

    def put_back(self, key: Key, telling: Telling) -> None:
        """Take over what was kept."""
        self._tellings[key] = telling

    def keep(self, key: Key, telling: Telling) -> None:
        """Keep a telling as it is now."""
        with self._lock:
            self._tellings[key] = telling
            self._write(KIND, key, telling)

    def kept(self, key: Key, telling: Telling) -> bool:
        """Keep what has become of a telling; say whether it is not over (by a reset, for one)."""
        with self._lock:
            if self._tellings.get(key) is not telling:
                return False
            self._write(KIND, key, telling)
            return True

    def forget(self, key: Key) -> None:
        """Be done with a job."""
        with self._lock:
            if self._tellings.pop(key, None) is not None:
                self._write(KIND, key, None)

    def move(self, before: str, after: str) -> None:
        """Write addresses anew that were given out where the mock is no more: ``before`` and ``after`` end an origin."""
        for key in self.waiting():
            telling = self._tellings[key]
            if not telling.origin.endswith(before):
                continue  # A name of somebody who stands before the mock.
            origin = telling.origin.removesuffix(before) + after
            for letter in telling.letters:
                # Only values that begin so are addresses: a prompt may name one in its midst.
                body = letter.message.body.replace(f'"{telling.origin}/', f'"{origin}/')
                letter.message = replace(letter.message, body=body)
            telling.origin = origin
            self.keep(key, telling)

    def reset(self, space: str | None = None) -> None:
        """Be done with every job, or with those in one space."""
        for key in self.waiting():
            if space in {None, key[0]}:
                self.forget(key)

    def snapshot(self) -> dict[Key, Telling]:
        """Return all that there is now but for what is on its way, which nobody can call back."""
        with self._lock:
            return {key: replace(telling, letters=[]) for key, telling in self._tellings.items()}

    def restore(self, tellings: Mapping[Key, Telling]) -> None:
        """Go back to what there was then."""
        with self._lock:
            self.reset()
            for key, telling in tellings.items():
                self.keep(key, copy.deepcopy(telling))
