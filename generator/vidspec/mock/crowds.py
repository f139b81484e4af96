"""Noticing requests that overlap: for the fault of a gateway that mixes them up."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vidspec.mock.faults import Faults

#: How long each request is held so that those sent together meet.
_HOLD_SECONDS = 0.15


class Crowds:
    """Counts the requests under way in each role, where a fault asks for it."""

    def __init__(self, faults: Faults) -> None:
        """Take the faults; without ``crowd_confuses`` nothing is held or counted."""
        self._faults = faults
        self._inside: Counter[str | None] = Counter()

    @asynccontextmanager
    async def entered(self, role: str | None) -> AsyncIterator[bool]:
        """Hold a request for a moment; say whether another was inside when it came."""
        if not self._faults.on_for("crowd_confuses", role):
            yield False
            return
        self._inside[role] += 1
        crowded = self._inside[role] > 1
        try:
            await asyncio.sleep(_HOLD_SECONDS)
            yield crowded
        finally:
            self._inside[role] -= 1
