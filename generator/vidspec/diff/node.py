"""A value of a document together with where it stands, and the documents that references lead to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from vidspec.diff.text import SourceText
from vidspec.errors import UsageError
from vidspec.source import Location, join_pointer, split_pointer

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


@dataclass(slots=True)
class Library:
    """The files of one side, each read once; ``read`` gives a file's bytes, or None if there is none."""

    read: Callable[[str], bytes | None]
    name: Callable[[str], str]
    files: dict[str, "File | None"] = field(default_factory=dict)

    def open(self, path: str) -> "File | None":
        """Return the file, or None; raises UsageError if it is there and cannot be read."""
        if path not in self.files:
            raw = self.read(path)
            self.files[path] = (
                None if raw is None else File(self, path, SourceText(self.name(path), raw))
            )
        return self.files[path]


@dataclass(slots=True)
class File:
    """One file of a side."""

    library: Library
    path: str
    text: SourceText

    @property
    def root(self) -> "Node":
        """The whole of it."""
        return Node(self.text.value, self, "")


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value, the file it stands in, and its pointer there."""

    value: Any
    file: File
    pointer: str

    @property
    def key(self) -> tuple[str, str]:
        """What tells this place from every other of its side."""
        return self.file.path, self.pointer

    @property
    def location(self) -> Location:
        """Where it is written."""
        return self.file.text.locate(self.pointer)

    @property
    def map(self) -> dict[Any, Any]:
        """The value if it is an object, else an empty one."""
        return self.value if isinstance(self.value, dict) else {}

    def get(self, key: str) -> "Node | None":
        """Return a member, or None."""
        if key not in self.map:
            return None
        return Node(self.value[key], self.file, self.pointer + join_pointer(key))

    def at(self, *keys: str) -> "Node | None":
        """Return what stands below, key by key, references followed; or None."""
        node: Node | None = self
        for key in keys:
            node = node.get(key) if node else None
            node = node.follow() if node else None
        return node

    def members(self, key: str = "") -> Iterator[tuple[str, "Node"]]:
        """Yield the members of the object (or of the object at ``key``), as name and node."""
        node = self.get(key) if key else self
        if node is None:
            return
        for name, value in node.map.items():
            yield str(name), Node(value, node.file, node.pointer + join_pointer(str(name)))

    def items(self, key: str = "") -> Iterator["Node"]:
        """Yield the items of the array (or of the array at ``key``)."""
        node = self.get(key) if key else self
        if node and isinstance(node.value, list):
            for index, value in enumerate(node.value):
                yield Node(value, node.file, f"{node.pointer}/{index}")

    @property
    def reference(self) -> str | None:
        """The text of ``$ref``, if there is one."""
        ref = self.map.get("$ref")
        return ref if isinstance(ref, str) else None

    def follow(self) -> "Node":
        """Follow references to their end; one that leads nowhere, or in a circle, is its own end."""
        node, seen = self, {self.key}
        while (target := node.target()) is not None and target.key not in seen:
            seen.add(target.key)
            node = target
        return node

    def target(self) -> "Node | None":
        """Return what ``$ref`` names, one step; None if there is no reference or nothing to be found."""
        ref = self.reference
        if ref is None:
            return None
        name, _, fragment = ref.partition("#")
        home = self.file
        if name:
            found = self._other(unquote(name))
            if found is None:
                return None
            home = found
        try:
            return _walk(home.root, split_pointer(unquote(fragment)))
        except ValueError:
            return None

    def _other(self, name: str) -> File | None:
        # Nothing is fetched; the library refuses what lies outside its folder.
        if (
            "://" in name
            or name.startswith(("/", "\\"))
            or PurePosixPath(name).suffix not in _SUFFIXES
        ):
            return None
        parts: list[str] = []
        for part in (PurePosixPath(self.file.path).parent / name).parts:
            if part == ".." and parts and parts[-1] != "..":
                parts.pop()
            elif part != ".":
                parts.append(part)
        if ".." in parts:
            return None
        try:
            return self.file.library.open("/".join(parts))
        except UsageError:
            return None


def _walk(node: Node, segments: tuple[str, ...]) -> Node | None:
    for segment in segments:
        value = node.value
        if isinstance(value, dict):
            found = (
                segment if segment in value else next((k for k in value if str(k) == segment), None)
            )
            if found is None and segment not in value:
                return None
            below = value[found]
        elif isinstance(value, list) and segment.isdecimal() and int(segment) < len(value):
            below = value[int(segment)]
        else:
            return None
        node = Node(below, node.file, node.pointer + join_pointer(segment))
    return node
