"""Named characters, as some dialects make them of clips: bounded in number, the oldest go first."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from vidspec.mock.keeping import Key
from vidspec.mock.kept import Kept
from vidspec.mock.spaces import SPACE

#: Under this they are kept.
KIND = "character"


@dataclass(slots=True)
class Character:
    """A named character made from a clip."""

    id: str
    name: str
    created_at: float


class Characters:
    """The characters of every dialect and space."""

    def __init__(self, kept: Kept, most: int) -> None:
        """Hold at most so many, and keep them where anything is kept."""
        self._kept, self._most = kept, most
        self._all: OrderedDict[Key, Character] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, dialect: str, character: Character) -> None:
        """Take a new one into the caller's space."""
        key = SPACE.get(), dialect, character.id
        self._kept.write(KIND, key, character)
        with self._lock:
            self._all[key] = character
            gone = [self._all.popitem(last=False)[0] for _ in range(len(self._all) - self._most)]
        for oldest in gone:
            self._kept.write(KIND, oldest, None)

    def get(self, dialect: str, character_id: str) -> Character | None:
        """Return the one of that id in the caller's space, or None."""
        return self._all.get((SPACE.get(), dialect, character_id))

    def put_back(self, key: Key, character: Character) -> None:
        """Take in one that was kept already."""
        self._all[key] = character

    def reset(self, space: str | None = None) -> None:
        """Forget all of them, or those of one space."""
        with self._lock:
            gone = [key for key in self._all if space in {None, key[0]}]
            for key in gone:
                del self._all[key]
        for key in gone:
            self._kept.write(KIND, key, None)

    def snapshot(self) -> Mapping[Key, Character]:
        """Return all that there are now."""
        with self._lock:
            return dict(self._all)

    def restore(self, held: Mapping[Key, Character]) -> None:
        """Take in what there was, once all is forgotten."""
        for key, character in held.items():
            self._all[key] = character
            self._kept.write(KIND, key, character)
