"""Time as the mock sees it: one clock behind every job, so that a test can turn it by hand."""

import time
from typing import Protocol


class Clock(Protocol):
    """A source of elapsed time and of dates."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never runs backwards."""

    def wall(self) -> float:
        """Seconds since 1970 (UTC)."""


class SystemClock:
    """The machine's own time."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never runs backwards."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since 1970 (UTC)."""
        return time.time()


class ManualClock:
    """Time that stands still until ``advance``; starts at ``start`` seconds since 1970."""

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self._start = start
        self._elapsed = 0.0

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        if seconds < 0:
            message = "time does not run backwards"
            raise ValueError(message)
        self._elapsed += seconds

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed

    def wall(self) -> float:
        """Seconds since 1970, as far as this clock was advanced."""
        return self._start + self._elapsed
