"""Where values stand in a JSON text, found without an index of all of it.

A description of a large API has a million values, a comparison asks for the places of some hundred: what lies beside
the way to them is skipped by the decoder at its own speed.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from vidspec.source import Position

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()

#: Of a member: where its key begins, and where its value begins. Of an item both are one.
_Member = tuple[int, int]


@dataclass(slots=True)
class JsonPlaces:
    """The places of a text that the decoder has taken as a whole before."""

    text: str
    #: Where a container begins → its members, by key or index as text.
    _known: dict[int, dict[str, _Member]] = field(default_factory=dict)
    _lines: list[int] = field(default_factory=list)

    def find(self, segments: Sequence[str]) -> Position:
        """Return where the value is written: its key, or its nearest ancestor's."""
        at = value = self._past_space(0)
        for segment in segments:
            member = self._members(value).get(segment)
            if member is None:
                break
            at, value = member
        return self._position(at)

    def _members(self, start: int) -> dict[str, _Member]:
        if start not in self._known:
            opening = self.text[start]
            found = self._of_object(start) if opening == "{" else {}
            self._known[start] = self._of_array(start) if opening == "[" else found
        return self._known[start]

    def _of_object(self, start: int) -> dict[str, _Member]:
        members: dict[str, _Member] = {}
        at = self._past_space(start + 1)
        while self.text[at] == '"':
            key, end = _DECODER.raw_decode(self.text, at)
            value = self._past_space(self._past_space(end) + 1)
            # Of two members with one key, the last is the one that is read.
            members[key] = at, value
            at = self._next(value)
        return members

    def _of_array(self, start: int) -> dict[str, _Member]:
        members: dict[str, _Member] = {}
        at = self._past_space(start + 1)
        while self.text[at] != "]":
            members[str(len(members))] = at, at
            at = self._next(at)
        return members

    def _next(self, value: int) -> int:
        """Return where the next member begins, or the bracket that closes."""
        _, end = _DECODER.raw_decode(self.text, value)
        at = self._past_space(end)
        return self._past_space(at + 1) if self.text[at] == "," else at

    def _past_space(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def _position(self, at: int) -> Position:
        if not self._lines:
            lengths = (len(line) + 1 for line in self.text.split("\n"))
            self._lines = [0, *accumulate(lengths)]
        line = bisect_right(self._lines, at)
        return Position(line, at - self._lines[line - 1] + 1)
