"""Models that were written before, so that schemas that have not changed need no generator of models.

That generator takes longer to import than everything else takes for a dialect, and most edits of a specification
(a path, a sentence, a header) leave the schemas alone.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from vidspec.emit.manifest import sha


@dataclass(frozen=True, slots=True)
class Written:
    """What the generator of models made: its text, and class name → wire property name → attribute name."""

    text: str
    attributes: Mapping[str, Mapping[str, str]]


class ModelMemory:
    """What was written for each dialect and flavour (a *slot*), and out of which schemas.

    ``said`` maps a slot to what ``remembered`` gave in an earlier run of the same emitter; what is damaged in it counts
    as not remembered.
    """

    def __init__(self, said: Mapping[str, str] | None = None) -> None:
        self._said = dict(said or {})

    @property
    def remembered(self) -> Mapping[str, str]:
        """Slot → text to keep; what this run has written is in it."""
        return self._said

    def recall(self, slot: str, source: str, write: Callable[[], Written]) -> Written:
        """Return what was written for ``source`` (the schemas as JSON); else let ``write`` do it, and remember it."""
        key = sha(source.encode())
        found = _opened(self._said.get(slot, ""), key)
        if found is None:
            found = write()
            made = json.dumps(asdict(found), ensure_ascii=False)
            self._said[slot] = f"{key} {sha(made.encode())} {made}"
        return found


def _opened(said: str, key: str) -> Written | None:
    """Return what ``said`` holds, if it was written for ``key`` and is whole."""
    head, _, rest = said.partition(" ")
    digest, _, made = rest.partition(" ")
    if head != key or digest != sha(made.encode()):
        return None
    return Written(**json.loads(made))
