"""Positioned reading of YAML and JSON files, by libyaml's composer and a constructor of our own.

Refused, because readers disagree about them or because they are ways to attack one: duplicate keys, tabs as indentation,
YAML 1.1 readings, keys that are not strings, tags, merge keys, several documents in a file, deep or huge documents,
and aliases that multiply.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml._yaml import CParser

from vidspec.document.place import Place
from vidspec.document.scalars import Trap, plain_value
from vidspec.document.text import decode, shown_path
from vidspec.errors import UsageError
from vidspec.source import Location, Problem

MAX_DEPTH = 100
MAX_NODES = 250_000
#: How many values aliases may add to what is written out.
MAX_ALIASED = 20_000

_SURROGATES = re.compile(r"\\[^u]|\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


@dataclass(slots=True)
class SourceFile:
    """One file as read: its value, the places of everything in it, and what is wrong with it."""

    #: The name by which messages call it.
    file: str
    path: Path
    #: None (with at least one problem) if the file could not be read to its end.
    value: Any
    place: Place
    problems: list[Problem] = field(default_factory=list)


def read_file(path: Path) -> SourceFile:
    """Read one YAML or JSON file; problems are gathered, not raised. Raises UsageError if it cannot be opened."""
    file = shown_path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise UsageError(message) from error
    source = SourceFile(file, path, None, Place(file, 1, 1))
    text, source.problems = decode(raw, file)
    if text is not None and path.suffix == ".json":
        source.problems = _json_problems(text, file)
        text = _SURROGATES.sub(_one_character, text)
    if text is not None and not source.problems:
        _read_text(text, source)
    return source


def _read_text(text: str, source: SourceFile) -> None:
    reader = _Constructor(source.file)
    source.problems = reader.problems
    try:
        node = _compose(text)
        if node is None:
            reader.problems.append(
                Problem("yaml-empty", "the file is empty", source.place.location)
            )
        else:
            source.value, source.place = reader.construct(node, node.start_mark, 1)
    except yaml.MarkedYAMLError as error:
        reader.problems.append(_syntax_problem(error, text, source.file))
    except _RefusedError as refused:
        reader.problems.append(refused.problem(source.file))


class _RefusedError(Exception):
    """The document is refused as a whole, at a mark."""

    def __init__(self, mark: yaml.Mark | None, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule, self.message, self.mark = rule, message, mark

    def problem(self, file: str) -> Problem:
        return Problem(self.rule, self.message, _location(file, self.mark))


class _Composer(CParser):
    """libyaml's composer without tag resolution, and with bounds that hold while it recurses."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = self._count = 0

    def resolve(self, *_: object) -> str:
        """Give every value without an explicit tag the same, empty tag."""
        return ""

    def descend_resolver(self, parent: yaml.Node | None, _: object) -> None:
        """Count a value as it begins."""
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH:
            raise _too_deep(parent.start_mark if parent else None)
        if self._count > MAX_NODES:
            message = f"the file holds more than {MAX_NODES:,} values"
            raise _RefusedError(parent.start_mark if parent else None, "yaml-size", message)

    def ascend_resolver(self) -> None:
        """Count a value as it ends."""
        self._depth -= 1


def _compose(text: str) -> yaml.Node | None:
    composer = _Composer(text)
    try:
        node: yaml.Node | None = composer.get_single_node()
    finally:
        composer.dispose()
    return node


class _Constructor:
    """Builds plain values and their places from nodes; gathers what is wrong on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._built: set[yaml.Node] = set()
        self._open: set[yaml.Node] = set()
        self._aliased = 0

    def construct(self, node: yaml.Node, mark: yaml.Mark, depth: int) -> tuple[Any, Place]:
        """Return the node's value and places; ``mark`` is where the value counts as written."""
        if node.tag:
            hint = (
                "Only plain values are read: remove the tag, and quote the value if it is a string."
            )
            self._complain("yaml-tag", f"the tag {node.tag} is not read", node.start_mark, hint)
        place = Place(self.file, mark.line + 1, mark.column + 1)
        if node in self._built:
            self._count_alias(node)
        self._built.add(node)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node), place
        if node in self._open:
            raise _RefusedError(
                node.start_mark, "yaml-alias", "an alias stands inside its own anchor"
            )
        if depth > MAX_DEPTH:
            raise _too_deep(node.start_mark)
        self._open.add(node)
        value: Any
        if isinstance(node, yaml.MappingNode):
            value, place.children = self._mapping(node, depth)
        else:
            built = [self.construct(item, item.start_mark, depth + 1) for item in node.value]
            value, place.children = [item for item, _ in built], [below for _, below in built]
        self._open.discard(node)
        return value, place

    def _mapping(self, node: yaml.Node, depth: int) -> tuple[dict[str, Any], dict[str, Place]]:
        value: dict[str, Any] = {}
        places: dict[str, Place] = {}
        for key_node, item in node.value:
            key = self._key(key_node)
            if key is None:
                continue
            if key in value:
                message = f"the key '{key}' stands twice (first on line {places[key].line})"
                self._complain("yaml-duplicate-key", message, key_node.start_mark)
                continue
            value[key], places[key] = self.construct(item, key_node.start_mark, depth + 1)
        return value, places

    def _key(self, node: yaml.Node) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self._complain("yaml-key", "a key must be a string", node.start_mark)
            return None
        text: str = node.value
        if node.tag:
            self._complain("yaml-tag", f"the tag {node.tag} is not read", node.start_mark)
        if node.style:
            return text
        if text == "<<":
            hint = "Write the members out, or use allOf."
            self._complain("yaml-merge-key", "merge keys are not read", node.start_mark, hint)
            return None
        try:
            meaning = plain_value(text, key=True)
        except Trap as trap:
            self._complain(trap.rule, trap.message, node.start_mark, trap.hint)
            return text
        if not isinstance(meaning, str):
            kind = "null" if meaning is None else type(meaning).__name__
            message = f"the key {text or '(empty)'} is not a string ({kind})"
            self._complain("yaml-key", message, node.start_mark, f'Write "{text}".')
        return text

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if node.style:
            return node.value
        try:
            return plain_value(node.value)
        except Trap as trap:
            self._complain(trap.rule, trap.message, node.start_mark, trap.hint)
            return node.value

    def _count_alias(self, node: yaml.Node) -> None:
        # A long text counts for more: it is one object here, but not in what is written from it.
        self._aliased += 1 + (len(node.value) // 100 if isinstance(node, yaml.ScalarNode) else 0)
        if self._aliased > MAX_ALIASED:
            message = f"aliases multiply into more than {MAX_ALIASED:,} values"
            raise _RefusedError(node.start_mark, "yaml-alias", message)

    def _complain(self, rule: str, message: str, mark: yaml.Mark, hint: str | None = None) -> None:
        self.problems.append(Problem(rule, message, _location(self.file, mark), hint))


def _too_deep(mark: yaml.Mark | None) -> _RefusedError:
    return _RefusedError(mark, "yaml-depth", f"values are nested more than {MAX_DEPTH} deep")


def _location(file: str, mark: yaml.Mark | None) -> Location:
    return Location(file, mark.line + 1, mark.column + 1) if mark else Location(file, 1, 1)


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    at = _location(file, error.problem_mark)
    if error.problem == "but found another document":
        hint = "Keep one document per file; a file needs no '---'."
        return Problem("yaml-documents", "the file holds more than one document", at, hint)
    lines = text.splitlines()
    line = lines[at.line - 1] if at.line <= len(lines) else ""
    indentation = line[: len(line) - len(line.lstrip())]
    if "\t" in indentation or line[at.column - 1 : at.column] == "\t":
        column = (indentation.index("\t") if "\t" in indentation else at.column - 1) + 1
        at = Location(file, at.line, column)
        return Problem("yaml-tab", "a tab is used as indentation", at, "Indent with spaces.")
    return Problem("yaml-syntax", ", ".join(filter(None, (error.context, error.problem))), at)


def _json_problems(text: str, file: str) -> list[Problem]:
    # YAML takes more than JSON does; a .json file must be JSON to other tools too.
    try:
        json.loads(text, parse_constant=_not_json)
    except json.JSONDecodeError as error:
        at = Location(file, error.lineno, error.colno)
        return [Problem("json-syntax", error.msg, at)] if text.strip() else []
    except RecursionError:
        return [_too_deep(None).problem(file)]
    except ValueError as error:
        return [Problem("json-syntax", str(error), Location(file, 1, 1))]
    return []


def _not_json(word: str) -> None:
    message = f"{word} is not JSON"
    raise ValueError(message)


def _one_character(match: re.Match[str]) -> str:
    # JSON writes characters beyond U+FFFF as two escapes; libyaml knows only the single long one.
    if match[1] is None:
        return match[0]
    high, low = int(match[1], 16), int(match[2], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"
