"""The score of a matrix of trials, and the list of those that may be other than killed by their own alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from mutation.trial import Mutant, Result, Trial
from vidspec.document import load_yaml

#: The mutants that may be other than killed by their own requirement alone, with reasons.
LIST = Path(__file__).parents[2] / "spec" / "mutants.yaml"
#: The share of mutants that must be killed by their own requirement and no other.
LEAST = 0.98
_KEYS = {"mutant", "dialect", "result", "others", "reason"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A mutant (globs) that may survive, or be noticed by these others as well, and why."""

    mutant: str
    dialect: str
    result: Result
    others: frozenset[str]
    reason: str

    def names(self, mutant: Mutant) -> bool:
        """Say whether it speaks of that mutant."""
        return fnmatchcase(mutant.requirement, self.mutant) and fnmatchcase(
            mutant.dialect, self.dialect
        )

    def fits(self, trial: Trial) -> bool:
        """Say whether it excuses that trial: same mutant, same result, no other but those named."""
        return (
            self.names(trial.mutant)
            and trial.result == self.result
            and set(trial.others) <= self.others
        )


@dataclass(frozen=True, slots=True)
class Score:
    """A matrix, counted."""

    trials: Sequence[Trial]
    #: Not killed by their own alone, and not listed.
    unlisted: tuple[Trial, ...]
    #: Entries of the list that no trial fits any more.
    stale: tuple[Listed, ...]

    @property
    def killed(self) -> int:
        """How many were killed by their own requirement and no other."""
        return sum(trial.result == "killed" for trial in self.trials)

    @property
    def share(self) -> float:
        """The killed among all."""
        return self.killed / len(self.trials) if self.trials else 0.0

    @property
    def good(self) -> bool:
        """Whether enough were killed, and every other is explained."""
        return self.share >= LEAST and not self.unlisted and not self.stale


def score(trials: Iterable[Trial], listed: Sequence[Listed], *, whole: bool = True) -> Score:
    """Count; in a part of the matrix (not ``whole``) an entry that fits nothing is not stale."""
    done = tuple(sorted(trials, key=lambda trial: trial.mutant))
    odd = [trial for trial in done if trial.result != "killed"]
    unlisted = tuple(t for t in odd if not any(entry.fits(t) for entry in listed))
    stale = tuple(e for e in listed if whole and not any(e.fits(t) for t in odd))
    return Score(done, unlisted, stale)


def read_list(path: Path = LIST) -> tuple[Listed, ...]:
    """Read the list; raise ValueError for an entry that is none."""
    value, locate = load_yaml(path)
    return tuple(
        _entry(entry, str(locate(f"/listed/{number}")))
        for number, entry in enumerate(value["listed"])
    )


def _entry(entry: Any, place: str) -> Listed:
    if set(entry) - _KEYS or entry.get("result") not in {"with others", "survived"}:
        message = f"{place}: an entry has {', '.join(sorted(_KEYS))}; result: with others, survived"
        raise ValueError(message)
    if len(entry.get("reason", "")) < 20:
        message = f"{place}: an entry says why"
        raise ValueError(message)
    return Listed(
        mutant=entry["mutant"],
        dialect=entry.get("dialect", "*"),
        result=entry["result"],
        others=frozenset(entry.get("others", ())),
        reason=entry["reason"],
    )


def as_json(found: Score) -> dict[str, Any]:
    """Return the score as plain data."""
    return {
        "mutants": len(found.trials),
        "killed": found.killed,
        "share": round(found.share, 4),
        "least": LEAST,
        "good": found.good,
        "unlisted": [_plain(trial) for trial in found.unlisted],
        "stale": [f"{entry.mutant} in {entry.dialect}" for entry in found.stale],
        "trials": [_plain(trial) for trial in found.trials],
    }


def _plain(trial: Trial) -> dict[str, Any]:
    return {
        "dialect": trial.mutant.dialect,
        "requirement": trial.mutant.requirement,
        "result": trial.result,
        "verdict": trial.verdict,
        "others": list(trial.others),
        "mode": trial.mode,
        "seconds": trial.seconds,
    }


def share_of(all_mutants: Sequence[Mutant], shard: str | None) -> list[Mutant]:
    """Return the part ``N/M`` of the mutants (all of them without one), dealt out in turn."""
    if shard is None:
        return list(all_mutants)
    number, _, parts = shard.partition("/")
    return list(all_mutants[int(number) - 1 :: int(parts)])
