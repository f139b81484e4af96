"""What a ``$ref`` leads to: files inside the specification's folder, and values in them.

Nothing is fetched, and nothing outside the folder is opened, not even through a symbolic link.
"""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from vidspec.document.place import Place
from vidspec.document.reading import SourceFile, read_file
from vidspec.document.text import shown_path
from vidspec.source import (
    MISSING,
    Location,
    Problem,
    join_pointer,
    pointer_get,
    split_pointer,
)

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


class Target(NamedTuple):
    """A value in a file: the file's resolved path, and the pointer in it."""

    path: Path
    pointer: str


class Broken(Exception):  # noqa: N818 - a finding about the text, turned into a Problem by the reader
    """A reference that cannot be followed; holds message, rule and hint."""

    def __init__(self, message: str, rule: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.rule, self.message, self.hint = rule, message, hint

    def problem(self, location: Location) -> Problem:
        """Return the complaint about the reference at ``location``."""
        return Problem(self.rule, self.message, location, self.hint)


class Library:
    """The files of one specification folder, each read once; gathers their problems."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.files: dict[Path, SourceFile] = {}
        self.problems: list[Problem] = []
        self._cycles: set[frozenset[Target]] = set()

    def open(self, path: Path) -> SourceFile:
        """Read the file, or return it as read before. Raises UsageError if it cannot be opened."""
        resolved = path if path in self.files else path.resolve()
        if resolved not in self.files:
            source = self.files[resolved] = read_file(path)
            self.problems += source.problems
        return self.files[resolved]

    def target(self, ref: str, home: Path) -> Target:
        """Return what ``ref``, written in the file ``home``, names. Raises Broken if there is no such value."""
        name, _, fragment = ref.partition("#")
        pointer = unquote(fragment)
        path = self._path(ref, unquote(name), home) if name else home
        if pointer and not pointer.startswith("/"):
            message = f"'#{fragment}' is not a JSON Pointer"
            raise Broken(message, "ref-pointer", "Write '#/', then keys joined by '/'.")
        source = self.open(path)
        if source.value is not None and pointer_get(source.value, pointer) is MISSING:
            raise _missing(source, pointer)
        return Target(path, join_pointer(*split_pointer(pointer)))

    def value(self, target: Target) -> Any:
        """Return the value; None if its file could not be read."""
        return pointer_get(self.files[target.path].value, target.pointer, None)

    def place(self, target: Target) -> Place:
        """Return where the value was written."""
        return self.files[target.path].place.nearest(target.pointer)

    def follow(self, target: Target) -> Target:
        """Follow references that lead to references, to the first value that is none.

        Raises Broken at the first that leads nowhere. A cycle is complained about once, at its first file and line.
        """
        chain = [target]
        while isinstance(ref := _ref(self.value(chain[-1])), str):
            following = self.target(ref, chain[-1].path)
            if following in chain:
                cycle = chain[chain.index(following) :]
                self._complain_of_cycle(cycle)
                message = "the reference leads into a cycle of references"
                raise Broken(message, "ref-cycle")
            chain.append(following)
        return chain[-1]

    def _complain_of_cycle(self, cycle: list[Target]) -> None:
        if frozenset(cycle) in self._cycles:
            return
        self._cycles.add(frozenset(cycle))
        places = {t: self.place(t).nearest("/$ref").location for t in cycle}
        start = min(range(len(cycle)), key=lambda i: places[cycle[i]])
        turned = [*cycle[start:], *cycle[:start], cycle[start]]
        home = turned[0].path
        way = " -> ".join(f"{'' if t.path == home else t.path.name}#{t.pointer}" for t in turned)
        self.problems.append(
            Problem(
                "ref-cycle",
                f"references that only lead to each other: {way}",
                places[turned[0]],
                "One of them must hold a value. (A schema may well contain itself, one level down.)",
            )
        )

    def _path(self, ref: str, name: str, home: Path) -> Path:
        if _SCHEME.match(name):
            message = f"'{ref}' is not a file of this specification"
            raise Broken(
                message, "ref-remote", "Nothing is fetched: copy what is needed into spec/."
            )
        if name.startswith(("/", "\\")) or not name.isprintable():
            message = f"{ref!r} is not a relative path"
            raise Broken(message, "ref-absolute")
        try:
            path = (home.parent / name).resolve()
            exists = path.suffix in _SUFFIXES and path.is_file()
        except (OSError, RuntimeError) as error:  # a name too long; a loop of symbolic links
            message = f"there is no file '{name}'"
            raise Broken(message, "ref-file") from error
        if not path.is_relative_to(self.root):
            message = f"'{ref}' leads out of the specification's folder"
            raise Broken(message, "ref-outside", f"That is {shown_path(self.root)}.")
        if not exists:
            near = _near(
                path.name, (p.name for p in path.parent.glob("*") if p.suffix in _SUFFIXES)
            )
            message = f"there is no file '{name}'"
            raise Broken(message, "ref-file", near)
        return path


def _ref(value: Any) -> Any:
    return value.get("$ref") if isinstance(value, dict) else None


def _missing(source: SourceFile, pointer: str) -> Broken:
    segments = split_pointer(pointer)
    depth = next(
        n
        for n in range(len(segments))
        if pointer_get(source.value, join_pointer(*segments[: n + 1])) is MISSING
    )
    holder = pointer_get(source.value, join_pointer(*segments[:depth]))
    where = f"#{join_pointer(*segments[:depth])}" if depth else "the top level"
    message = f"'#{pointer}' does not exist: no '{segments[depth]}' in {where} of {source.file}"
    return Broken(
        message, "ref-pointer", _near(segments[depth], holder if isinstance(holder, dict) else ())
    )


def _near(wanted: str, names: Iterable[str]) -> str | None:
    near = difflib.get_close_matches(wanted, sorted(names), n=3)
    return f"Did you mean {' or '.join(near)}?" if near else None
