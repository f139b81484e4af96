"""Jobs in the order in which they were made: pages without walking, places found by halving."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

#: How many places may stand empty at the front before they are given back.
_SLACK = 4096


class Shelf(Generic[T]):
    """Values by rising number, oldest first; taking away from either end costs next to nothing."""

    __slots__ = ("_first", "_numbers", "_values")

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._values: list[T | None] = []
        #: Where the oldest stands; what is before it is empty.
        self._first = 0

    def __len__(self) -> int:
        return len(self._numbers) - self._first

    def __iter__(self) -> Iterator[T]:
        """Yield the values, newest first."""
        for at in range(len(self._values) - 1, self._first - 1, -1):
            value = self._values[at]
            if value is not None:
                yield value

    def add(self, number: int, value: T) -> None:
        """Put a value behind the others; its number must be higher than theirs."""
        self._numbers.append(number)
        self._values.append(value)

    def remove(self, number: int) -> None:
        """Take the value of that number away; raise KeyError if there is none."""
        at = self._find(number)
        if at == self._first:
            self._values[at] = None
            self._first += 1
            if self._first > _SLACK and self._first * 2 > len(self._numbers):
                del self._numbers[: self._first], self._values[: self._first]
                self._first = 0
        else:
            del self._numbers[at], self._values[at]

    def place(self, number: int, *, newest_first: bool) -> int:
        """Return how many values stand before that number in the order; raise KeyError if it is not here."""
        at = self._find(number)
        return len(self._numbers) - 1 - at if newest_first else at - self._first

    def cut(self, start: int, count: int, *, newest_first: bool) -> list[T]:
        """Return ``count`` values from place ``start`` on, in the order."""
        if newest_first:
            end = max(self._first, len(self._values) - start)
            found = self._values[max(self._first, end - count) : end][::-1]
        else:
            begin = self._first + start
            found = self._values[begin : begin + count]
        return [value for value in found if value is not None]

    def _find(self, number: int) -> int:
        at = bisect_left(self._numbers, number, lo=self._first)
        if at == len(self._numbers) or self._numbers[at] != number:
            raise KeyError(number)
        return at
