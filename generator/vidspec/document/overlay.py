"""OpenAPI Overlay 1.0: named changes to a document, as a document of their own."""

import importlib
import re
from pathlib import Path
from typing import Any

from vidspec.document.expansion import expansion_problems
from vidspec.document.grammar import walk
from vidspec.document.model import Document
from vidspec.document.place import Place
from vidspec.document.reading import SourceFile, read_file
from vidspec.document.text import shown_path
from vidspec.errors import SpecError
from vidspec.source import MISSING, Problem, join_pointer, pointer_get, split_pointer

_ROOT_KEYS = frozenset({"overlay", "info", "extends", "actions"})
_ACTION_KEYS = frozenset({"target", "description", "update", "remove"})
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
#: Each '..' of a target looks at everything below everything that the one before it found.
_MAX_DESCENTS = 2
#: An action that writes wherever an earlier one has written doubles the document.
_MAX_WRITTEN = 20_000


def apply_overlay(document: Document, overlay_path: Path) -> Document:
    """Return the document with the overlay's actions applied in order; the given one is not changed.

    What an action writes has its place in the overlay file.
    Raises SpecError with every problem found, UsageError if the overlay cannot be opened.
    """
    source = read_file(overlay_path)
    if source.problems:
        raise SpecError(source.problems)
    overlay = _Overlay(document, source)
    overlay.check()
    if isinstance(source.value, dict) and isinstance(source.value.get("actions"), list):
        for index, action in enumerate(source.value["actions"]):
            overlay.apply(action, f"/actions/{index}")
            if overlay.room < 0:
                break
    overlay.check_references()
    changed = Document(overlay.data, overlay.place, document.path, (*document.files, overlay_path))
    problems = overlay.problems or expansion_problems(changed)
    if problems:
        raise SpecError(problems)
    return changed


class _Overlay:
    def __init__(self, document: Document, source: SourceFile) -> None:
        self.document = document
        self.source = source
        self.data: dict[str, Any] = _copy(document.data)
        self.place = document.place.copy()
        self.problems: list[Problem] = []
        #: How many values the actions may still write.
        self.room = _MAX_WRITTEN

    def check(self) -> None:
        """Hold what surrounds the actions against the Overlay specification."""
        value = self.source.value
        if not isinstance(value, dict):
            self._complain("overlay-document", "the overlay is not an object", "")
            return
        version = value.get("overlay")
        if not isinstance(version, str) or not version.startswith("1.0."):
            self._complain("overlay-version", f"overlay: {version} is not 1.0.x", "/overlay")
        info = value.get("info")
        if not isinstance(info, dict) or not {"title", "version"} <= set(info):
            self._complain("overlay-info", "info must have a title and a version", "/info")
        if not isinstance(value.get("actions"), list) or not value["actions"]:
            self._complain("overlay-actions", "the overlay has no actions", "/actions")
        for key in value:
            if key not in _ROOT_KEYS and not key.startswith("x-"):
                self._complain("overlay-key", f"'{key}' is not a key of an overlay", f"/{key}")
        if "extends" in value:
            self._check_extends(value["extends"])

    def _check_extends(self, extends: Any) -> None:
        extended = self.source.path.parent / extends if isinstance(extends, str) else None
        if extended is None or extended.resolve() != self.document.path.resolve():
            applied = shown_path(self.document.path)
            message = f"the overlay extends '{extends}' and is applied to {applied}"
            self._complain(
                "overlay-extends", message, "/extends", "Write a path relative to the overlay."
            )

    def apply(self, action: Any, pointer: str) -> None:
        """Apply one action; complain if it is not well formed or its target matches nothing."""
        if not isinstance(action, dict) or not isinstance(action.get("target"), str):
            self._complain("overlay-action", "an action needs a target", pointer)
            return
        for key in action:
            if key not in _ACTION_KEYS and not key.startswith("x-"):
                message = f"'{key}' is not a key of an action"
                self._complain("overlay-key", message, pointer + join_pointer(key))
        removes = action.get("remove", False)
        if not isinstance(removes, bool) or (not removes and "update" not in action):
            self._complain("overlay-action", "an action needs 'update' or 'remove: true'", pointer)
            return
        matches = self._matches(action["target"], f"{pointer}/target")
        if removes:
            self._remove(matches, pointer)
            return
        self.room -= len(matches) * _size(action["update"])
        if self.room < 0:
            message = f"the overlay writes more than {_MAX_WRITTEN:,} values"
            self._complain("overlay-size", message, pointer)
            return
        for match in matches:
            self._update(
                match, action["update"], self.source.place.nearest(f"{pointer}/update"), pointer
            )

    def check_references(self) -> None:
        """Complain of references that the actions left or made without a value."""
        for _, pointer, value in walk(self.data):
            ref = value.get("$ref")
            if not isinstance(ref, str):
                continue
            if ref.startswith("#") and pointer_get(self.data, ref[1:]) is not MISSING:
                continue
            at = self.place.nearest(f"{pointer}/$ref").location
            message = f"with the overlay applied, '{ref}' does not exist in the document"
            self.problems.append(Problem("overlay-ref", message, at))

    def _matches(self, target: str, pointer: str) -> list[str]:
        bare = _QUOTED.sub("", target)
        if bare.count("..") > _MAX_DESCENTS or "$" in bare[1:]:
            message = f"the target may search too much: it has more than {_MAX_DESCENTS} '..', or a '$' in a filter"
            self._complain("overlay-target", message, pointer, "Say where to look.")
            return []
        # The library takes a while to load: only who has an overlay pays for it.
        jsonpath = importlib.import_module("jsonpath_rfc9535")
        try:
            nodes = jsonpath.compile(target).find(self.data)
        except jsonpath.JSONPathError as error:
            message = f"the target is not a JSONPath: {str(error).splitlines()[0]}"
            self._complain("overlay-target", message, pointer)
            return []
        matches = [join_pointer(*node.location) for node in nodes]
        if not matches:
            self._complain("overlay-no-match", f"the target {target} matches nothing", pointer)
        return list(dict.fromkeys(matches))

    def _remove(self, matches: list[str], pointer: str) -> None:
        if "" in matches:
            self._complain("overlay-target", "the document itself cannot be removed", pointer)
            return
        # The later items of an array go first: the earlier ones keep their index.
        for match in sorted(map(split_pointer, matches), key=_numbered, reverse=True):
            holder = pointer_get(self.data, join_pointer(*match[:-1]))
            beside = self._exact(match[:-1])
            if isinstance(holder, dict) and match[-1] in holder:
                del holder[match[-1]]
                if beside is not None and isinstance(beside.children, dict):
                    beside.children.pop(match[-1], None)
            elif isinstance(holder, list) and int(match[-1]) < len(holder):
                del holder[int(match[-1])]
                if beside is not None and isinstance(beside.children, list):
                    del beside.children[int(match[-1])]

    def _update(self, match: str, update: Any, origin: Place, pointer: str) -> None:
        value, place = pointer_get(self.data, match), self.place.nearest(match)
        if isinstance(value, dict) and isinstance(update, dict):
            _merge(value, place, update, origin)
        elif isinstance(value, list):
            _append(value, place, update, origin)
        else:
            message = f"the target {match or '$'} and its update are not both objects"
            hint = "Aim at the object around the value, and update its member."
            self._complain("overlay-update", message, f"{pointer}/update", hint)

    def _exact(self, segments: tuple[str, ...]) -> Place | None:
        place: Place | None = self.place
        for segment in segments:
            place = place.child(segment) if place else None
        return place

    def _complain(self, rule: str, message: str, pointer: str, hint: str | None = None) -> None:
        at = self.source.place.nearest(pointer).location
        self.problems.append(Problem(rule, message, at, hint))


def _merge(value: dict[str, Any], place: Place, update: dict[str, Any], origin: Place) -> None:
    places = place.children if isinstance(place.children, dict) else {}
    for key, new in update.items():
        below = origin.nearest(join_pointer(key))
        old = value.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            _merge(old, places.get(key, place), new, below)
        elif isinstance(old, list) and isinstance(new, list):
            _append(old, places.get(key, place), new, below)
        else:
            value[key], places[key] = _copy(new), below.copy()


def _append(value: list[Any], place: Place, update: Any, origin: Place) -> None:
    # An array appended to an array gives its items; anything else is one item.
    items = update if isinstance(update, list) else [update]
    value += _copy(items)
    if isinstance(place.children, list):
        listed = isinstance(update, list)
        place.children += [
            (origin.nearest(f"/{index}") if listed else origin).copy()
            for index in range(len(items))
        ]


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _size(value: Any) -> int:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_size, below))


def _numbered(segments: tuple[str, ...]) -> list[tuple[int, str]]:
    return [(int(s), "") if s.isdecimal() else (-1, s) for s in segments]
