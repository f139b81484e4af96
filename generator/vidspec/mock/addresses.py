"""Addresses in an upstream's replies: those of its API and those of its results, made to lead to us."""

import hashlib
import json
from collections import OrderedDict
from typing import Any, Final

from vidspec.contract.model import Dialect, Operation
from vidspec.mock.describe import own_prefix
from vidspec.mock.examples import url_pointers
from vidspec.mock.fixtures import HOME
from vidspec.mock.routes import Routes
from vidspec.mock.striking import unsigned
from vidspec.source import pointer_all, pointer_set

#: The path under which results are found.
RESULTS: Final = "/_results/"
_MOST = 10_000


class Addresses:
    """Turns an upstream's addresses into ours, and remembers what the results' were."""

    def __init__(self, dialect: Dialect, upstream: str) -> None:
        """Take the upstream's base URL, without a slash at the end."""
        self._dialect, self._upstream = dialect, upstream
        self._prefix = own_prefix(dialect)
        self._routes = Routes(dialect, "")
        self._results: OrderedDict[str, str] = OrderedDict()

    def result(self, name: str) -> str | None:
        """Return the upstream's address of the result of that name, None if it was never told."""
        return self._results.get(name)

    def turned(self, operation: Operation, reply: Any) -> Any:
        """Return the reply with addresses that begin with HOME."""
        for pointer in self._result_pointers(operation):
            for place, value in pointer_all(reply, pointer):
                if isinstance(value, str) and value.startswith(("https://", "http://")):
                    reply = pointer_set(reply, place, self.turned_result(value))
        text = json.dumps(reply)
        # What is left of the upstream's addresses are links into its API.
        turned = text.replace(json.dumps(self._upstream)[1:-1], HOME + self._prefix)
        return json.loads(turned)

    def turned_result(self, address: str) -> str:
        """Return our address of a result: the operation's, or one under RESULTS that the upstream's signature does not change."""
        below = address.removeprefix(f"{self._upstream}/")
        if below != address:
            path, _, query = below.partition("?")
            scope = {"method": "GET", "path": f"/{path}", "query_string": query.encode()}
            if self._routes.find(scope) is not None:
                return f"{HOME}{self._prefix}/{below}"
        name = hashlib.sha256(unsigned(address).encode()).hexdigest()[:24]
        self._results[name] = address
        if len(self._results) > _MOST:
            self._results.popitem(last=False)
        return f"{HOME}{RESULTS}{name}"

    def _result_pointers(self, operation: Operation) -> list[str]:
        inner = url_pointers(self._dialect.surfaces[operation.surface])
        if operation.role == "list":
            return [f"{operation.items}/*{pointer}" for pointer in inner]
        return [] if operation.job is None else [operation.job + pointer for pointer in inner]
