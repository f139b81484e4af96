"""Which operation of a dialect a request is for."""

import re
from urllib.parse import parse_qs

from starlette.types import Scope

from vidspec.contract.model import Dialect, Operation
from vidspec_server._runtime.segments import segmented_path

_HOLE = re.compile(r"\{[^/{}]+\}")


class Routes:
    """Which operation of a dialect a request is for; literal segments win over templates.

    As in the stubs, an encoded slash belongs to the value it stands in.
    """

    def __init__(self, dialect: Dialect, prefix: str) -> None:
        ordered = sorted(
            dialect.operations, key=lambda o: (len(_HOLE.findall(o.path)), -len(o.fixed))
        )
        self._routes = [
            (re.compile("[^/]+".join(map(re.escape, _HOLE.split(prefix + o.path)))), o)
            for o in ordered
        ]

    def find(self, scope: Scope) -> Operation | None:
        """Return the operation that an HTTP request means, None if there is none; HEAD counts as GET."""
        wanted = "GET" if scope["method"] == "HEAD" else scope["method"]
        path = segmented_path(scope)
        said = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        for pattern, operation in self._routes:
            if operation.method.upper() == wanted and pattern.fullmatch(path):
                fixed = [
                    (name, value) for place, name, value in operation.fixed if place == "query"
                ]
                if all(said.get(name) == [value] for name, value in fixed):
                    return operation
        return None

    def knows(self, scope: Scope) -> bool:
        """Say whether any operation has the path of that request."""
        path = segmented_path(scope)
        return any(pattern.fullmatch(path) for pattern, _ in self._routes)
