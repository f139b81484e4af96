"""Positions in source files, JSON Pointers (RFC 6901), and complaints that point at a line.

A pointer is ``""`` (the whole value) or ``/segment/segment``, with ``~0`` for ``~`` and ``~1`` for ``/``.
Where a function says *pattern*, the segment ``*`` stands for every item of an array.
"""

import copy
import linecache
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from dataclasses import dataclass
from typing import Any, Final

_EXCERPT_WIDTH = 110


class _Missing:
    """The type of MISSING; false, so that it reads naturally in conditions."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"


#: What a pointer that leads nowhere gives, when no other default is named.
MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text; line and column count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file; line and column count from 1, columns in characters."""

    file: str
    line: int
    column: int

    @property
    def position(self) -> Position:
        """The place without the file."""
        return Position(self.line, self.column)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint about the specification: which rule, what is wrong, where, and what to do."""

    #: Stable slug of the rule, such as ``yaml-duplicate-key``.
    rule: str
    message: str
    location: Location | None
    hint: str | None = None
    #: The source line, where it cannot be read again from ``location.file``.
    excerpt: str | None = None

    def __str__(self) -> str:
        text = f"[{self.rule}] {self.message}"
        return text if self.location is None else f"{self.location}: {text}"

    def render(self) -> str:
        """Return the complaint with its source line, a caret under the column, and the hint."""
        lines = [str(self)]
        if self.location is not None:
            source = source_line(self.location) if self.excerpt is None else self.excerpt
            if source.strip():
                lines += _marked(source, self.location)
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


def problem_order(problem: Problem) -> tuple[str, int, int, str, str]:
    """Sort key: by file, line and column; complaints without a place come first."""
    at = problem.location or Location("", 0, 0)
    return at.file, at.line, at.column, problem.rule, problem.message


def source_line(location: Location) -> str:
    """Return the line of the file, without its end, or ``""`` if it cannot be read (any more)."""
    linecache.checkcache(location.file)
    return linecache.getline(location.file, location.line).rstrip("\r\n")


def _marked(source: str, location: Location) -> list[str]:
    # A source line goes to a terminal: nothing in it may act there, and each character takes one cell.
    line = "".join(
        c if c.isprintable() else " " if c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in source
    )
    at = min(location.column - 1, len(line))
    start = max(0, at - _EXCERPT_WIDTH // 2) if len(line) > _EXCERPT_WIDTH else 0
    gutter = f"  {location.line} | "
    shown = line[start : start + _EXCERPT_WIDTH].rstrip()
    return [gutter + shown, " " * (len(gutter) - 2) + "| " + " " * (at - start) + "^"]


def split_pointer(pointer: str) -> tuple[str, ...]:
    """Return the unescaped segments; raise ValueError if the text is not a pointer."""
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        message = f"not a JSON Pointer: {pointer!r} (it must be empty or begin with '/')"
        raise ValueError(message)
    if "~" not in pointer:
        return tuple(pointer[1:].split("/"))
    return tuple(s.replace("~1", "/").replace("~0", "~") for s in pointer[1:].split("/"))


def join_pointer(*segments: str | int) -> str:
    """Return the pointer made of these segments, each escaped; no segments give ``""``."""
    return "".join("/" + str(s).replace("~", "~0").replace("/", "~1") for s in segments)


def pointer_get(value: Any, pointer: str, default: Any = MISSING) -> Any:
    """Return what stands at ``pointer``, or ``default`` if nothing does."""
    for segment in split_pointer(pointer):
        value = _step(value, segment)
        if value is MISSING:
            return default
    return value


def pointer_all(value: Any, pattern: str) -> list[tuple[str, Any]]:
    """Return ``(pointer, value)`` for everything that ``pattern`` matches, in order; nothing is no error."""
    found = [("", value)]
    for segment in split_pointer(pattern):
        reached: list[tuple[str, Any]] = []
        for place, holder in found:
            if segment == "*" and _is_array(holder):
                reached += [(f"{place}/{index}", item) for index, item in enumerate(holder)]
            elif (item := _step(holder, segment)) is not MISSING:
                reached.append((place + join_pointer(segment), item))
        found = reached
    return found


def pointer_set(value: Any, pattern: str, new: Any) -> Any:
    """Put ``new`` wherever ``pattern`` leads, in place, and return the whole value.

    Missing members on the way are made as objects; ``-`` or the length appends to an array.
    An empty pattern returns ``new`` itself. Raises LookupError where the way is barred.
    """
    segments = split_pointer(pattern)
    if not segments:
        return new
    holders = [value]
    for segment in segments[:-1]:
        holders = [item for holder in holders for item in _enter(holder, segment)]
    for holder in holders:
        _put(holder, segments[-1], new)
    return value


def pointer_remove(value: Any, pattern: str) -> bool:
    """Remove whatever ``pattern`` matches, in place; say whether anything was there."""
    segments = split_pointer(pattern)
    if not segments:
        return False
    last = segments[-1]
    removed = False
    for _, holder in pointer_all(value, join_pointer(*segments[:-1])):
        if isinstance(holder, MutableSequence):
            if last == "*":
                removed = removed or bool(holder)
                holder.clear()
            elif _step(holder, last) is not MISSING:
                del holder[int(last)]
                removed = True
        elif isinstance(holder, MutableMapping) and last in holder:
            del holder[last]
            removed = True
    return removed


def _is_array(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_index(segment: str) -> bool:
    return segment == "0" or (segment.isascii() and segment.isdigit() and segment[0] != "0")


def _step(value: Any, segment: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(segment, MISSING)
    if _is_array(value) and _is_index(segment) and len(segment) < 10 and int(segment) < len(value):
        return value[int(segment)]
    return MISSING


def _enter(holder: Any, segment: str) -> list[Any]:
    if segment == "*" and _is_array(holder):
        return list(holder)
    item = _step(holder, segment)
    if item is MISSING:
        item = {}
        _put(holder, segment, item)
    return [item]


def _put(holder: Any, segment: str, new: Any) -> None:
    if isinstance(holder, MutableMapping):
        holder[segment] = new
        return
    size = len(holder) if isinstance(holder, MutableSequence) else -1
    if segment in {"-", str(size)} and size >= 0:
        holder.append(new)
    elif segment == "*" and size >= 0:
        holder[:] = [copy.deepcopy(new) for _ in holder]
    elif _step(holder, segment) is not MISSING and size >= 0:
        holder[int(segment)] = new
    else:
        message = f"'{segment}' cannot be set: there is no object, or array long enough, to hold it"
        raise LookupError(message)
