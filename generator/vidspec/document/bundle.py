"""One document out of several files: every reference becomes a pointer into the one document.

What other files hold is pulled into ``components`` under its own name, once; path items are put in place.
"""

import re
from pathlib import Path
from typing import Any

from vidspec.document.grammar import SECTIONS, kind_below
from vidspec.document.place import Place
from vidspec.document.reading import MAX_NODES, SourceFile
from vidspec.document.references import Broken, Library, Target
from vidspec.source import Problem, join_pointer, pointer_get

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_REFERABLE = frozenset(SECTIONS) | {"pathItem"}
#: Kind → member that is refused in it, and why.
_REFUSED = {
    "schema": ("$id", "ref-id", "'$id' changes what every reference below it means"),
    "example": (
        "externalValue",
        "example-external",
        "'externalValue' is not read: nothing is fetched",
    ),
}
#: How deep path items may lie in each other (through callbacks).
_MAX_INLINED = 8
_Pair = tuple[Any, Place]


def bundle(library: Library, main: SourceFile) -> tuple[dict[str, Any], Place]:
    """Return the document that ``main`` begins, in one piece, with its places; problems go to the library."""
    bundler = _Bundler(library, main)
    try:
        return bundler.run()
    except _TooLargeError:
        message = f"the document has more than {MAX_NODES:,} values once its references are put in"
        library.problems.append(Problem("ref-size", message, main.place.location))
        return {}, main.place


class _TooLargeError(Exception):
    """The path items put in place make the document larger than any file may be."""


class _Bundler:
    def __init__(self, library: Library, main: SourceFile) -> None:
        self.library = library
        self.main = main.path.resolve()
        self.value, self.place = main.value, main.place
        #: Names in use, per section of components; those of the main file are never changed.
        self.names: dict[str, dict[str, Target]] = {section: {} for section in SECTIONS.values()}
        #: The name under which a value of another file is kept.
        self.pulled: dict[tuple[str, Target], str] = {}
        #: Components of the main file that only name a value of another file: they become that value.
        self.stands_for: dict[int, Target] = {}
        self.queue: list[tuple[str, str, Target]] = []
        self.inlining: list[Target] = []
        self.count = 0

    def run(self) -> _Pair:
        self._keep_own_names()
        data, place = self._copy(self.value, self.place, "document", self.main)
        # What is pulled in may pull in more: the queue grows while it is read.
        for kind, name, target in self.queue:
            value, origin = self.library.value(target), self.library.place(target)
            pulled = self._copy(value, origin, kind, target.path)
            _add(data, place, SECTIONS[kind], name, pulled)
        return data, place

    def _keep_own_names(self) -> None:
        for kind, section in SECTIONS.items():
            own = pointer_get(self.value, f"/components/{section}", None)
            for name, value in own.items() if isinstance(own, dict) else ():
                target = Target(self.main, join_pointer("components", section, name))
                self.names[section][name] = target
                if not isinstance(value, dict) or set(value) != {"$ref"}:
                    continue
                try:
                    end = self.library.follow(target)
                except Broken:
                    continue  # the copy meets the same reference and complains there
                if end.path != self.main and (kind, end) not in self.pulled:
                    self.pulled[kind, end] = name
                    self.stands_for[id(value)] = end

    def _copy(self, value: Any, place: Place, kind: str, home: Path) -> _Pair:
        self.count += 1
        if self.count > MAX_NODES:
            raise _TooLargeError
        if isinstance(value, dict):
            if kind in _REFERABLE and isinstance(value.get("$ref"), str):
                return self._reference(value, place, kind, home)
            return self._object(value, place, kind, home)
        if isinstance(value, list):
            inner = kind[1:-1] if kind.startswith("[") else kind if kind == "extension" else ""
            pairs = [
                self._copy(item, below, inner, home)
                for item, below in zip(value, place.children or (), strict=True)
                if isinstance(below, Place)
            ]
            return [v for v, _ in pairs], Place(
                place.file, place.line, place.column, [p for _, p in pairs]
            )
        if isinstance(value, str) and kind in {"extension", "mapped"}:
            value = self._translate(value, place, kind, home)
        return value, Place(place.file, place.line, place.column)

    def _object(self, value: dict[str, Any], place: Place, kind: str, home: Path) -> _Pair:
        if kind in _REFUSED and _REFUSED[kind][0] in value:
            key, rule, message = _REFUSED[kind]
            self._complain(Problem(rule, message, place.nearest(join_pointer(key)).location))
        copied: dict[str, Any] = {}
        places: dict[str, Place] = {}
        origins = place.children if isinstance(place.children, dict) else {}
        for key, item in value.items():
            below = kind if kind == "extension" else kind_below(kind, key)
            if not below and home != self.main and key.startswith("x-") and kind:
                below = "extension"
            copied[key], places[key] = self._copy(item, origins.get(key, place), below, home)
        return copied, Place(place.file, place.line, place.column, places)

    def _reference(self, value: dict[str, Any], place: Place, kind: str, home: Path) -> _Pair:
        if (end := self.stands_for.get(id(value))) is not None:
            return self._copy(self.library.value(end), self.library.place(end), kind, end.path)
        try:
            target = self.library.target(value["$ref"], home)
            self.library.follow(target)
        except Broken as broken:
            self._complain_of(broken, place)
            return {}, Place(place.file, place.line, place.column, {})
        copied, places = self._object(
            {key: item for key, item in value.items() if key != "$ref"}, place, kind, home
        )
        if kind == "pathItem":
            return self._inline(target, copied, places, place)
        # References come first, so that the order does not depend on where they were written.
        at = place.nearest("/$ref")
        reference = {"$ref": "#" + self._pointer(kind, target)}
        places.children = {
            "$ref": Place(at.file, at.line, at.column),
            **(places.children if isinstance(places.children, dict) else {}),
        }
        return reference | copied, places

    def _inline(self, target: Target, beside: Any, places: Place, place: Place) -> _Pair:
        if target in self.inlining or len(self.inlining) == _MAX_INLINED:
            message = "the path item contains itself, or too many others in each other"
            self._complain_of(Broken(message, "ref-path-item"), place)
            return beside, places
        self.inlining.append(target)
        value, origin = self.library.value(target), self.library.place(target)
        copied, origin = self._copy(value, origin, "pathItem", target.path)
        self.inlining.pop()
        if not isinstance(copied, dict) or not isinstance(origin.children, dict):
            message = "the reference does not lead to an object"
            self._complain_of(Broken(message, "ref-type"), place)
            return beside, places
        below = places.children if isinstance(places.children, dict) else {}
        return copied | beside, Place(place.file, place.line, place.column, origin.children | below)

    def _pointer(self, kind: str, target: Target) -> str:
        if target.path == self.main:
            return target.pointer
        return join_pointer("components", SECTIONS[kind], self._pull(kind, target))

    def _pull(self, kind: str, target: Target) -> str:
        if (kind, target) not in self.pulled:
            name, is_new = self._name(SECTIONS[kind], target)
            self.pulled[kind, target] = name
            if is_new:
                self.names[SECTIONS[kind]][name] = target
                self.queue.append((kind, name, target))
        return self.pulled[kind, target]

    def _name(self, section: str, target: Target) -> tuple[str, bool]:
        last = target.pointer.rsplit("/", 1)[-1] or target.path.stem
        base = _NOT_IN_A_NAME.sub("_", last) or "_"
        name, number = base, 1
        while (other := self.names[section].get(name)) is not None:
            if self._same(other, target):
                return name, False
            number += 1
            name = f"{base}_{number}"
        return name, True

    def _same(self, one: Target, other: Target) -> bool:
        value = self.library.value(one)
        # The same relative reference in two files may mean two things.
        return bool(value == self.library.value(other)) and "'$ref'" not in repr(value)

    def _translate(self, text: str, place: Place, kind: str, home: Path) -> str:
        """Return a reference that stands in an extension or a discriminator, as it reads in the bundle."""
        if kind == "mapped" and not re.search(r"[/#]|\.(ya?ml|json)\Z", text):
            # A bare name is that of a schema among the components of the same file.
            inside = join_pointer("components", "schemas", text)
            if home == self.main or not pointer_get(self.library.files[home].value, inside):
                return text
            text = "#" + inside
        elif kind == "extension" and not text.startswith("#/components/"):
            return text
        kind_of = {section: kind for kind, section in SECTIONS.items()}
        section = text.partition("#/components/")[2].partition("/")[0]
        try:
            target = self.library.target(text, home)
            return "#" + self._pointer(kind_of.get(section, "schema"), target)
        except Broken as broken:
            # An extension in a shared file may speak of the components of the document that uses it.
            if kind == "mapped":
                self._complain_of(broken, place)
            return text

    def _complain_of(self, broken: Broken, place: Place) -> None:
        if broken.rule != "ref-cycle":  # the library has named the cycle itself, once
            self._complain(broken.problem(place.nearest("/$ref").location))

    def _complain(self, problem: Problem) -> None:
        self.library.problems.append(problem)


def _add(data: dict[str, Any], place: Place, section: str, name: str, pulled: _Pair) -> None:
    for key in ("components", section):
        if not isinstance(data.get(key), dict):
            data[key] = {}
        below = place.child(key)
        if below is None or not isinstance(below.children, dict):
            below = Place(place.file, place.line, place.column, {})
            if isinstance(place.children, dict):
                place.children[key] = below
        data, place = data[key], below
    data[name] = pulled[0]
    if isinstance(place.children, dict):
        place.children[name] = pulled[1]
