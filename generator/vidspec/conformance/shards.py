"""Cutting a check into parts that run apart: whole scenarios, dealt out in turn."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from vidspec.conformance.scenarios import registered
from vidspec.errors import UsageError

_FORM: Final = re.compile(r"(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Shard:
    """Part ``number`` (from 1) of ``total``."""

    number: int
    total: int

    @classmethod
    def read(cls, text: str) -> "Shard":
        """Read ``2/8``; raise UsageError for anything else."""
        match = _FORM.fullmatch(text)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            message = f"not a shard: '{text}'"
            raise UsageError(message, hint="Write 2/8 for the second of eight parts.")
        return cls(int(match[1]), int(match[2]))

    def of(self, known: Collection[str]) -> frozenset[str]:
        """Return those of the ``known`` requirements that this part judges.

        What is judged in every exchange is judged in every part.
        """
        others = [s for turn, s in enumerate(registered()) if turn % self.total != self.number - 1]
        return frozenset(known).difference(*(scenario.judges for scenario in others))
