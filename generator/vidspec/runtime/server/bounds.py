"""What large bodies may hold, counted while they arrive: values of JSON, and the memory of all that are under way."""

from typing import Final

from starlette.requests import Request

from .errors import ServiceError

#: Under this a scope says how many bytes of a large body are held for it.
HELD: Final = "vidspec.held"
#: A body that comes in one piece no longer than this is read at once: it cannot hold much.
SMALL: Final = 64 * 1024


class InFlight:
    """The bytes that are held for requests that are not answered yet."""

    def __init__(self, most: int) -> None:
        """Take the most bytes that may be held."""
        self._most = most
        self.held = 0

    def hold(self, request: Request, size: int, declared: int = 0) -> None:
        """Count ``size`` more bytes of a request that declares so many; raise ServiceError when they are too many."""
        mine = request.scope.get(HELD, 0)
        if self.held + max(size, declared - mine) > self._most:
            text = "The server holds as many uploads as it can; try again in a moment."
            raise ServiceError("unavailable", text, headers={"Retry-After": "1"})
        self.held += size
        request.scope[HELD] = mine + size

    def release(self, request: Request) -> None:
        """Count the bytes of an answered request no longer."""
        self.held -= request.scope.pop(HELD, 0)


class ValueCount:
    """Counts the values of a JSON text that comes in pieces; nothing is built."""

    def __init__(self, most: int) -> None:
        """Take the highest number that is let through."""
        self._most, self._count = most, 1
        self._in_string = self._escaping = False

    def more(self, piece: bytes) -> None:
        """Count on; raise ServiceError when there are too many."""
        if self._escaping:
            piece = b"\\" + piece
        if b"\\" in piece:
            piece = piece.replace(b"\\\\", b"").replace(b'\\"', b"")
        self._escaping = piece.endswith(b"\\")
        if b'"' not in piece:
            texts = [b""] if self._in_string else [piece]
        else:
            texts = piece.split(b'"')[self._in_string :: 2]
            self._in_string ^= piece.count(b'"') % 2 == 1
        self._count += sum(_values(text) for text in texts)
        if self._count > self._most:
            text = f"The JSON holds more than {self._most} values."
            raise ServiceError("payload_too_large", text)


def count_values(text: bytes, most: int) -> None:
    """Raise ServiceError when a whole JSON text holds more than ``most`` values."""
    # What stands in strings is counted too, first: most texts have few commas anywhere.
    if 1 + _values(text) > most:
        ValueCount(most).more(text)


def _values(text: bytes) -> int:
    # Each value but the first of a list or an object follows a comma; an empty one is counted as two.
    return text.count(b",") + text.count(b"[") + text.count(b"{")
