"""Noticing requests that overlap: for the fault of a gateway that mixes them up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vidspec.mock.faults import Faults

#: How long each request is held so that those sent together meet.
_HOLD_SECONDS = 0.15


class Crowds:
    """Knows the requests under way, where a fault asks for it."""

    def __init__(self, faults: Faults) -> None:
        """Take the faults; without one of crowds nothing is held."""
        self._faults = faults
        #: Role and request of all that is under way.
        self._inside: list[tuple[str | None, str]] = []
        #: Creates that have come, so that the first of several learns of the others.
        self._creates = 0

    @asynccontextmanager
    async def entered(self, role: str | None, request: str) -> AsyncIterator[dict[str, str]]:
        """Hold a request for a moment; give what its reply says wrongly of the job, by place."""
        confuses = self._faults.on_for("crowd_confuses", role)
        swaps = role == "retrieve" and self._faults.on("crowd_swaps")
        shares = role == "create" and self._faults.on("crowd_shares")
        if not confuses and not swaps and not shares:
            yield {}
            return
        others = [said for inside, said in self._inside if inside == role]
        mine = role, request
        self._inside.append(mine)
        if shares:
            self._creates += 1
        before = self._creates
        try:
            await asyncio.sleep(_HOLD_SECONDS)
            if shares and (others or self._creates > before):
                yield {"job.id": "the-shared-job"}
            elif confuses and others:
                yield {"job.status": "in_progress"}
            elif swaps and any(said != request for said in others):
                yield {"job.id": "the-other-job"}
            else:
                yield {}
        finally:
            self._inside.remove(mine)
