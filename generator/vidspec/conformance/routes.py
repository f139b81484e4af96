"""Which documented operation a request is meant for."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, unquote

from vidspec.contract import Dialect, Operation

READING = frozenset({"GET", "HEAD", "OPTIONS", "DELETE", "TRACE"})


class Routes:
    """The operations of a dialect, found by method, path and what selects them."""

    def __init__(self, dialect: Dialect) -> None:
        # A literal segment wins over a template: fewer templates first.
        self._routes = [
            (operation.method.upper(), _pattern(operation.path), operation)
            for operation in sorted(dialect.operations, key=lambda o: o.path.count("{"))
        ]

    def find(self, method: str, path: str, query: str = "") -> Operation | None:
        """Return the operation for a path below the base URL (percent-encoded), or None."""
        given = dict(parse_qsl(query))
        plain = unquote(path).rstrip("/") or "/"
        return next(
            (
                operation
                for verb, pattern, operation in self._routes
                if verb == method and pattern.fullmatch(plain) and _selected(operation, given)
            ),
            None,
        )

    def may_cost(self, method: str, path: str, query: str = "") -> bool:
        """Say whether a request could be charged for.

        A request that changes something and is no known free operation is taken for a paid one:
        a gateway may read ``/videos//`` or ``/Videos`` as a create.
        """
        if method in READING:
            return False
        operation = self.find(method, path, query)
        return operation is None or operation.paid

    def methods(self, path: str) -> frozenset[str]:
        """Return the documented methods of a path template."""
        return frozenset(verb for verb, _, operation in self._routes if operation.path == path)


def path_of(template: str, values: Mapping[str, str]) -> str:
    """Fill a path template; the values are already percent-encoded."""
    return re.sub(r"\{([^}]+)\}", lambda match: values[match[1]], template)


def _pattern(template: str) -> re.Pattern[str]:
    pieces: Iterable[str] = re.split(r"(\{[^}]+\})", template.rstrip("/") or "/")
    return re.compile("".join("[^/]+" if p.startswith("{") else re.escape(p) for p in pieces))


def _selected(operation: Operation, query: Mapping[str, str]) -> bool:
    return all(
        where != "query" or query.get(name) == value for where, name, value in operation.fixed
    )
