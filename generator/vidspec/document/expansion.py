"""How much a schema becomes when the schemas that it is made of are put in.

``allOf: [B, B]`` where B is ``allOf: [C, C]`` and so on doubles at each step, and a schema that is made of itself never
ends. Readers follow such parts without counting (ours, and the libraries'); so the document is held to bounds before.
Members and items are not counted: they are other values, and a schema may well contain itself there.
"""

from collections.abc import Iterator
from typing import Any, Final

from vidspec.document.grammar import walk
from vidspec.document.model import Document
from vidspec.source import Problem, join_pointer, pointer_get

#: How many schemas one may become.
MAX_PARTS: Final = 2_000
#: How many schemas may lie in each other.
MAX_STEPS: Final = 60

_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLE = ("if", "then", "else", "not")
_PARTS = frozenset({"$ref", "dependentSchemas", *_LISTS, *_SINGLE})


def expansion_problems(document: Document) -> list[Problem]:
    """Return a problem for each schema that is made of itself, of too many others, or of too many in each other."""
    counter = _Counter(document)
    for kind, pointer, value in walk(document.data):
        if kind == "schema" and not _PARTS.isdisjoint(value):
            counter.parts(pointer, 1)
    return counter.problems


class _Counter:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self._known: dict[str, int] = {}
        self._open: set[str] = set()

    def parts(self, pointer: str, step: int) -> int:
        """Return how many schemas the one at ``pointer`` becomes; what has a problem counts as one from then on."""
        if pointer in self._known:
            return self._known[pointer]
        if pointer in self._open:
            self._complain("schema-cycle", pointer, "the schema is made of itself")
            return 1
        if step > MAX_STEPS:
            message = f"more than {MAX_STEPS} schemas are made of each other"
            self._complain("schema-depth", pointer, message)
            return 1
        self._open.add(pointer)
        total = 1 + sum(self.parts(part, step + 1) for part in self._made_of(pointer))
        self._open.discard(pointer)
        if total > MAX_PARTS:
            message = (
                f"the schema becomes more than {MAX_PARTS:,} schemas once its parts are put in"
            )
            self._complain("schema-size", pointer, message)
            total = 1
        return self._known.setdefault(pointer, total)

    def _made_of(self, pointer: str) -> Iterator[str]:
        value: Any = pointer_get(self.document.data, pointer)
        if not isinstance(value, dict):
            return
        if isinstance(ref := value.get("$ref"), str):
            yield ref.removeprefix("#")
        for key in _LISTS:
            listed = value.get(key)
            for index in range(len(listed) if isinstance(listed, list) else 0):
                yield pointer + join_pointer(key, index)
        yield from (pointer + join_pointer(key) for key in _SINGLE if key in value)
        dependent = value.get("dependentSchemas")
        for name in dependent if isinstance(dependent, dict) else ():
            yield pointer + join_pointer("dependentSchemas", name)

    def _complain(self, rule: str, pointer: str, message: str) -> None:
        self._known[pointer] = 1
        self.problems.append(Problem(rule, message, self.document.locate(pointer)))
