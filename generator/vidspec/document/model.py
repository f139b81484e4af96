"""A loaded OpenAPI document: plain data, and where each part of it was written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidspec.document.place import Place
from vidspec.source import Location, source_line


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI document in one piece: every ``$ref`` is a pointer into ``data``."""

    #: The document as plain dicts, lists and scalars, in the order of the source.
    data: dict[str, Any]
    #: Where everything in ``data`` was written; has the shape of ``data``.
    place: Place
    #: The file that was asked for.
    path: Path
    #: Every file that took part, in the order of reading; what a cache must watch.
    files: tuple[Path, ...]

    def locate(self, pointer: str) -> Location:
        """Return where the value at ``pointer`` (into ``data``) was written: file, line, column.

        Members are found at their key. What was never written has the place of its nearest ancestor.
        """
        return self.place.nearest(pointer.removeprefix("#")).location

    def excerpt(self, location: Location) -> str:
        """Return the source line at ``location``."""
        return source_line(location)
