"""One pair of schemas under comparison, as every part of the comparison sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vidspec.diff.finding import Collector, Pair
from vidspec.diff.node import Node
from vidspec.diff.view import View, same
from vidspec.diff.words import shown

#: What a client sends, or what it receives.
Direction = Literal["request", "reply"]


@dataclass(frozen=True, slots=True)
class Visit:
    """One pair of schemas under comparison: what either side says, and how to speak of it."""

    old: View
    new: View
    direction: Direction
    #: Values travel as text (parameters, forms).
    textual: bool
    where: str
    pair: Pair
    collector: Collector
    push: Callable[[Node, Node, str], None]

    def report(
        self,
        code: str,
        message: str,
        old: Node | None = None,
        new: Node | None = None,
        *,
        below: str = "",
    ) -> None:
        """Report a change of this pair; ``below`` names a member."""
        self.collector.report(
            f"{self.direction}-{code}",
            dotted(self.where, below) if below else self.where,
            message,
            old or self.old.node,
            new or self.new.node,
            pair=self.pair,
        )

    def keyword(self, keyword: str, code: str, word: str = "") -> None:
        """Report ``CODE-added``, ``-removed`` or ``-changed`` for a keyword that is compared as it stands."""
        old, new = self.old.rest.get(keyword), self.new.rest.get(keyword)
        name = word or keyword
        if old is None and new is not None:
            self.report(f"{code}-added", f"{name} {shown(new.value)} is new", None, new)
        elif new is None and old is not None:
            self.report(f"{code}-removed", f"{name} {shown(old.value)} is gone", old, None)
        elif old and new and not same(old.value, new.value):
            message = f"{name} was {shown(old.value)}, is {shown(new.value)}"
            self.report(f"{code}-changed", message, old, new)


def dotted(where: str, below: str) -> str:
    """Return the name of a member: ``Video`` and ``seconds`` give ``Video.seconds``."""
    return f"{where}{below}" if below.startswith("[") else f"{where}.{below}"
