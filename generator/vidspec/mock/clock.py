"""Time as the mock sees it: one clock behind every job, so that a test can turn it by hand."""

import time
from collections.abc import Callable, Mapping
from typing import Protocol


class Clock(Protocol):
    """A source of elapsed time and of dates."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never runs backwards."""

    def wall(self) -> float:
        """Seconds since 1970 (UTC)."""

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass at once; raise ValueError if they are less than none."""

    def freeze(self) -> None:
        """Stand still from now on, but for ``advance``."""

    def resume(self) -> None:
        """Go on after ``freeze``."""

    def reset(self) -> None:
        """Undo ``freeze``; what has passed has passed."""

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""


class SystemClock:
    """The machine's own time, until it is advanced or frozen."""

    #: Seconds since an arbitrary moment, and since 1970; asked for many times in every request.
    monotonic: Callable[[], float]
    wall: Callable[[], float]

    def __init__(self) -> None:
        self._ahead = 0.0
        self._frozen: tuple[float, float] | None = None
        self._turned: Callable[[], None] | None = None
        self._set()

    def watch(self, turned: Callable[[], None]) -> None:
        """Call this whenever the clock was turned, stopped or let go."""
        self._turned = turned

    def told(self) -> dict[str, float]:
        """Return how it stands, for ``set_again``: at which date it stands still, or how far it is ahead."""
        return {"ahead": self._ahead} if self._frozen is None else {"still": self._frozen[1]}

    def set_again(self, told: Mapping[str, float]) -> None:
        """Stand as an earlier process told, unless this one was turned further by whoever made it."""
        if self._frozen is not None:
            return
        if "still" in told:
            # Elapsed time and date part nowhere: what was kept by the one is counted by the other.
            self._frozen = told["still"] + self.monotonic() - self.wall(), told["still"]
        elif not self._ahead or told["ahead"] > self._ahead:
            self._ahead = told["ahead"]
        self._set()

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass at once."""
        _check(seconds)
        if self._frozen is None:
            self._ahead += seconds
        else:
            elapsed, date = self._frozen
            self._frozen = elapsed + seconds, date + seconds
        self._set()
        self._tell()

    def freeze(self) -> None:
        """Stand still from now on, but for ``advance``."""
        if self._frozen is None:
            self._frozen = self.monotonic(), self.wall()
            self._set()
            self._tell()

    def resume(self) -> None:
        """Go on from where time stood still."""
        if self._frozen is not None:
            self._ahead = self._frozen[0] - time.monotonic()
            self._frozen = None
            self._set()
            self._tell()

    def reset(self) -> None:
        """Go on if it stands still."""
        self.resume()

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen is not None

    def _tell(self) -> None:
        if self._turned is not None:
            self._turned()

    def _set(self) -> None:
        if self._frozen is not None:
            elapsed, date = self._frozen
            self.monotonic, self.wall = lambda: elapsed, lambda: date
        elif self._ahead:
            ahead = self._ahead
            self.monotonic, self.wall = (
                lambda: time.monotonic() + ahead,
                lambda: time.time() + ahead,
            )
        else:
            self.monotonic, self.wall = time.monotonic, time.time


class ManualClock:
    """Time that stands still until ``advance``; starts at ``start`` seconds since 1970."""

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self._start = start
        self._elapsed = 0.0

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        _check(seconds)
        self._elapsed += seconds

    def freeze(self) -> None:
        """Stand still, as it does anyway."""

    def resume(self) -> None:
        """Stand still all the same: it never goes by itself."""

    def reset(self) -> None:
        """Stay where it is."""

    @property
    def frozen(self) -> bool:
        """It always stands still."""
        return True

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed

    def wall(self) -> float:
        """Seconds since 1970, as far as this clock was advanced."""
        return self._start + self._elapsed


def _check(seconds: float) -> None:
    if not 0 <= seconds < 1e10:  # Also what is not a number at all.
        message = "time does not run backwards" if seconds < 0 else "there is no such time"
        raise ValueError(message)
