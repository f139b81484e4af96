"""What of a mock outlives its process, where there is a file for it: taken over at the start, written as it changes."""

from collections.abc import Iterator
from typing import Any, Final

from vidspec.mock.clock import Clock, SystemClock
from vidspec.mock.keeping import Keeper, Key

#: The key of what there is one of.
ONE: Final[Key] = ("", "", "")


class Kept:
    """A store's way to its keeper; without one nothing is written. It keeps clock and port itself."""

    def __init__(self, keeper: Keeper | None, clock: Clock) -> None:
        """Nothing is written before all was taken over."""
        self._given, self._clock = keeper, clock
        self._keeper: Keeper | None = None
        self._port: int | None = None

    def __bool__(self) -> bool:
        """Say whether anything outlives the process, so that there is something to wait for."""
        return self._keeper is not None

    def taken_over(self) -> Iterator[tuple[str, Key, Any]]:
        """Yield kind, key and value of everything that an earlier process left, and write from then on.

        Raises UsageError for what no mock has written.
        """
        if self._given is None:
            return
        for kind, key, value in self._given.load(self._clock.monotonic() - self._clock.wall()):
            if kind == "port":
                self._port = int(value)
            elif kind != "clock":
                yield kind, key, value
            elif isinstance(self._clock, SystemClock):
                self._clock.set_again({"ahead": value} if isinstance(value, float) else value)
        self._keeper = self._given
        if isinstance(self._clock, SystemClock):
            # Jobs that have ended by a turned clock have ended after a restart too.
            self._clock.watch(self._keep_clock)

    def write(self, kind: str, key: Key, value: Any) -> None:
        """Keep a value as it is now, or no longer (None)."""
        if self._keeper is not None:
            self._keeper.put(kind, key, value)

    def served_at(self, port: int) -> int | None:
        """Keep the port at which the mock is served; return the one before, if it was another."""
        before, self._port = self._port, port
        self.write("port", ONE, port)
        return None if before == port else before

    async def settled(self) -> None:
        """Wait until all that was told is safe on the disk, where there is one to keep it."""
        if self._keeper is not None:
            await self._keeper.settled()

    def close(self) -> None:
        """Write what is left to be written, and let go of the file."""
        if self._keeper is not None:
            self._keeper.close()

    def _keep_clock(self) -> None:
        if isinstance(self._clock, SystemClock):
            self.write("clock", ONE, self._clock.told())
