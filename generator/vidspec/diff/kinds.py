"""What a kind of change is, and the registry of them all: code, severity for either side, one sentence, and why."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    """How much a change costs those who have not changed with it."""

    breaking = "breaking"
    risky = "risky"
    compatible = "compatible"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


_LETTERS: Final = {
    "B": Severity.breaking,
    "R": Severity.risky,
    "C": Severity.compatible,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of change.

    ``client`` is what it costs a client written for the old document that meets a server of the new one;
    ``server`` what it costs a server written for the old document that is held to the new one.
    """

    #: Stable slug, never reused.
    code: str
    client: Severity
    server: Severity
    sentence: str
    #: Whom it breaks, and how; or why it breaks nobody.
    why: str

    def severity(self, side: str) -> Severity:
        """Return the severity for ``client``, ``server``, or the worse of ``both``."""
        if side == "client":
            return self.client
        return (
            self.server if side == "server" else min(self.client, self.server, key=lambda s: s.rank)
        )


def kind(code: str, letters: str, sentence: str, why: str) -> Kind:
    """Return a kind; ``letters`` are the client's and the server's severity: B, R or C each."""
    return Kind(code, _LETTERS[letters[0]], _LETTERS[letters[1]], sentence, why)
