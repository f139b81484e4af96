"""Reading any party's document: no rule is held here but that it can be read at all, in bounded time.

(The document layer is for documents that we answer for; it refuses what this one must take.)
"""

import json
from typing import Any

import yaml
from yaml import CSafeLoader

from vidspec.diff.json_places import JsonPlaces
from vidspec.errors import UsageError
from vidspec.source import Location, split_pointer

MAX_BYTES = 64_000_000
#: How many values a document may have once its aliases are written out.
MAX_VALUES = 4_000_000


class _Loader(CSafeLoader):
    """YAML's plain values, without dates: a date is text here."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in CSafeLoader.yaml_implicit_resolvers.items()
}


class SourceText:
    """One file as read: its value at once, the places in it when somebody asks."""

    def __init__(self, name: str, raw: bytes) -> None:
        self.name = name
        self._text = raw.decode("utf-8-sig", errors="replace")
        self._root: yaml.Node | None = None
        self._composed = False
        #: Set by ``_parse`` when the text is JSON.
        self._places: JsonPlaces | None = None
        self.value: Any = self._read(len(raw))

    def locate(self, pointer: str) -> Location:
        """Return where the value at ``pointer`` is written: its key, or its nearest ancestor's."""
        if self._places is not None:
            place = self._places.find(split_pointer(pointer))
            return Location(self.name, place.line, place.column)
        if not self._composed:
            self._composed = True
            try:
                self._root = yaml.compose(self._text, Loader=_Loader)
            except (yaml.YAMLError, RecursionError):
                self._root = None  # read, but not composed: only the file is known
        at, node = (self._root.start_mark if self._root else None), self._root
        for segment in split_pointer(pointer):
            found = _below(node, segment)
            if found is None:
                break
            key, node = found
            at = key.start_mark
        return Location(self.name, at.line + 1, at.column + 1) if at else Location(self.name, 1, 1)

    def _read(self, size: int) -> Any:
        if size > MAX_BYTES:
            what = f"has {size:,} bytes; at most {MAX_BYTES:,} are read"
            raise self._refused(what)
        try:
            value = self._parse()
            bounded = _expanded(value) <= MAX_VALUES
        except RecursionError:
            what = "is nested too deep, or contains itself"
            raise self._refused(what) from None
        if not bounded:
            what = f"holds more than {MAX_VALUES:,} values once its aliases count"
            raise self._refused(what)
        return value

    def _parse(self) -> Any:
        if self._text.lstrip()[:1] in {"{", "["}:
            try:
                value = json.loads(self._text)
            except ValueError:
                pass  # YAML's flow style begins like JSON
            else:
                self._places = JsonPlaces(self._text)
                return value
        try:
            # A safe loader: plain values only.
            return yaml.load(self._text, Loader=_Loader)  # noqa: S506 - the loader makes plain values only
        except (yaml.YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            line = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
            said = getattr(error, "problem", None) or str(error).splitlines()[0]
            what = f"is neither YAML nor JSON: {said}{line}"
            raise self._refused(what) from None

    def _refused(self, what: str) -> UsageError:
        return UsageError(f"{self.name} {what}")


def _below(node: yaml.Node | None, segment: str) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == segment:
                return key, value
    elif isinstance(node, yaml.SequenceNode) and segment.isdecimal():
        index = int(segment)
        if index < len(node.value):
            return node.value[index], node.value[index]
    return None


def _expanded(value: Any) -> int:
    """Count the values, those that aliases share as often as they are shared; raises RecursionError for a cycle."""
    sizes: dict[int, int] = {}

    def size(item: Any) -> int:
        if not isinstance(item, dict | list):
            return 1
        known = sizes.get(id(item))
        if known is None:
            below = item.values() if isinstance(item, dict) else item
            known = sizes[id(item)] = 1 + sum(size(child) for child in below)
        return known

    return size(value)
