"""Walking through a list: which request brings the next page."""

from dataclasses import replace
from typing import Any

from .dialect import OperationInfo
from .pointers import find, is_array
from .requests import Request


class Walk:
    """One walk through the pages of a list operation; it ends where a gateway would lead it in a circle."""

    def __init__(self, operation: OperationInfo, id_pointer: str = "/id") -> None:
        """Take the list operation, and where an item's id stands in an item."""
        self._operation = operation
        self._id_pointer = id_pointer
        self._seen: set[str] = set()

    def next(self, request: Request, reply: Any) -> Request | None:
        """Return the request for the page after ``reply`` (the JSON value that ``request`` brought), or None at the end."""
        paging = self._operation.paging
        items = self._items(reply)
        if paging is None or not items or find(reply, paging.has_more) is False:
            return None
        first = str(find(items[0], self._id_pointer))
        if first in self._seen:
            return None
        self._seen.add(first)
        asked = dict(request.query)
        if paging.kind == "cursor":
            value = self._cursor(reply, items, asked.get(paging.parameter))
        else:
            value = self._page(reply, items, asked)
        if value is None:
            return None
        query = [(name, text) for name, text in request.query if name != paging.parameter]
        return replace(request, query=(*query, (paging.parameter, value)))

    def _items(self, reply: Any) -> list[Any]:
        items = find(reply, self._operation.items or "")
        return items if is_array(items) else []

    def _cursor(self, reply: Any, items: list[Any], asked: str | None) -> str | None:
        paging = self._operation.paging
        cursor = find(reply, paging.last if paging else None) or find(items[-1], self._id_pointer)
        return None if cursor is None or str(cursor) == asked else str(cursor)

    def _page(self, reply: Any, items: list[Any], asked: dict[str, str]) -> str | None:
        paging = self._operation.paging
        if paging is None:
            return None
        page, size = int(asked.get(paging.parameter, "1")), asked.get(paging.size_parameter)
        if size is not None and len(items) < int(size):
            return None
        total = find(reply, paging.total)
        if isinstance(total, int) and size is not None and page * int(size) >= total:
            return None
        return str(page + 1)
