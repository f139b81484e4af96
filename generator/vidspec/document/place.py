"""Where each value of a document was written.

A tree of places stands beside the tree of values and has its shape; whatever moves a value moves its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vidspec.source import Location, split_pointer


@dataclass(slots=True)
class Place:
    """Where one value was written: a member at its key, an item at its first character."""

    file: str
    line: int
    column: int
    #: Places of the members (by key) or of the items (in order); None for a scalar.
    children: "dict[str, Place] | list[Place] | None" = None

    @property
    def location(self) -> Location:
        """The place without what lies below it."""
        return Location(self.file, self.line, self.column)

    def child(self, segment: str | int) -> "Place | None":
        """Return the place of a member or item, or None if it is not known."""
        if isinstance(self.children, dict):
            return self.children.get(str(segment))
        if isinstance(self.children, list):
            index = int(segment) if str(segment).isdecimal() else -1
            return self.children[index] if 0 <= index < len(self.children) else None
        return None

    def nearest(self, pointer: str) -> "Place":
        """Return the place at ``pointer``, or that of its nearest ancestor that is known."""
        place = self
        for segment in split_pointer(pointer):
            below = place.child(segment)
            if below is None:
                break
            place = below
        return place

    def copy(self) -> "Place":
        """Return a tree of its own, so that moving values in one does not touch the other."""
        children = self.children
        if isinstance(children, dict):
            own: dict[str, Place] | list[Place] | None = {k: c.copy() for k, c in children.items()}
        elif isinstance(children, list):
            own = [child.copy() for child in children]
        else:
            own = None
        return Place(self.file, self.line, self.column, own)


def place_like(value: Any, place: Place) -> Place:
    """Return a tree of places for ``value`` in which everything stands at one place."""
    children: dict[str, Place] | list[Place] | None = None
    if isinstance(value, Mapping):
        children = {key: place_like(item, place) for key, item in value.items()}
    elif isinstance(value, Sequence) and not isinstance(value, str):
        children = [place_like(item, place) for item in value]
    return Place(place.file, place.line, place.column, children)
