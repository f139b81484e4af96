"""The errors of the toolkit, and how they end.

A command ends in an answer or in one of these. Drift, a breaking change, non-conformance and a gateway that
cannot be measured are answers, not errors.

* VidspecError
    * UsageError: the caller asked for something that does not exist or does not fit (exit 2)
    * SpecError: the specification has problems; holds all of them (exit 3)

Each holds the objects it speaks of and renders itself; only the command line turns one into an exit code.
"""

from collections.abc import Iterable
from typing import ClassVar

from vidspec.source import Problem, problem_order


class VidspecError(Exception):
    """Any failure that is not a defect of the toolkit itself."""

    #: The exit code of a command that ends in this error.
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def render(self) -> str:
        """Return what a person should read: the message and, if there is one, the hint."""
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class UsageError(VidspecError):
    """The caller asked for something that does not exist or does not fit."""

    exit_code = 2


class SpecError(VidspecError):
    """The specification has problems; ``problems`` holds every one found, in the order of the files."""

    exit_code = 3

    def __init__(self, problems: Iterable[Problem]) -> None:
        # The same complaint may come by two roads (a shared file read for two dialects).
        self.problems = sorted(dict.fromkeys(problems), key=problem_order)
        super().__init__("\n".join(map(str, self.problems)))

    def render(self) -> str:
        """Return every problem with its source line and hint, and their number."""
        count = len(self.problems)
        total = f"{count} problem{'' if count == 1 else 's'} in the specification"
        return "\n\n".join([*(problem.render() for problem in self.problems), total])
