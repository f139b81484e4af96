"""What is written in one turn of the event loop leaves together: a reply's head and body are one packet, not two."""

import asyncio
from typing import Any, Final

#: Longer pieces are not copied only to be joined.
_LONGEST: Final = 64 * 1024


class JoinedWrites:
    """A transport that holds back one piece until the next, or until the loop turns."""

    __slots__ = ("_held", "_loop", "_timer", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Take the transport; whatever is not about writing is its own business."""
        self._transport, self._loop = transport, loop
        self._held: bytes | None = None
        self._timer: asyncio.Handle | None = None

    def __getattr__(self, name: str) -> Any:
        """Return what the transport itself has of that name."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send ``data`` behind what is held back, or hold it back itself."""
        held = self._held
        if held is None:
            self._held, self._timer = data, self._loop.call_soon(self._flush)
        elif len(data) > _LONGEST:
            self._flush()
            self._transport.write(data)
        else:
            self._held = None
            if self._timer is not None:
                self._timer.cancel()
            self._transport.write(held + data)

    def is_closing(self) -> bool:
        """Say whether it is closed or about to be."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Close it once everything is sent."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Close it at once; what is held back is lost, as is what the transport had not sent yet."""
        self._held = None
        self._transport.abort()

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        held, self._held = self._held, None
        if held is not None:
            self._transport.write(held)
