"""Any HTTP status in a dialect's own envelope."""

import functools
from collections.abc import Callable, Iterable
from typing import TypeAlias, cast

from starlette.responses import Response

from vidspec.contract.model import Dialect
from vidspec.mock.describe import describe
from vidspec_server._runtime.dialect import DialectInfo
from vidspec_server._runtime.errors import CauseName, ServiceError, cause_for, error_reply
from vidspec_server._runtime.routing import new_request_id, with_request_id

#: Told a status, a message and headers: the dialect's own reply.
Refuse: TypeAlias = Callable[[int, str, Iterable[tuple[str, str]]], Response]


def refuser(dialect: Dialect) -> Refuse:
    """Return what words a failure of any status as the dialect does."""

    @functools.cache
    def described() -> tuple[DialectInfo, dict[int, str]]:
        """Work it out when something is refused for the first time: most mocks never refuse."""
        info = describe(dialect)
        return info, {cause.status: name for name, cause in reversed(list(info.causes.items()))}

    def refuse(status: int, message: str, headers: Iterable[tuple[str, str]] = ()) -> Response:
        info, by_status = described()
        # What a status usually means goes first: some dialects tell many causes by one.
        usual = cause_for(status)
        spoken = info.causes.get(usual)
        cause = usual if spoken and spoken.status == status else by_status.get(status, usual)
        error = ServiceError(cast("CauseName", cause), message)
        request_id = new_request_id()
        response = with_request_id(error_reply(info, error, request_id), info, request_id)
        response.status_code = status
        for name, text in headers:
            response.headers[name] = text
        return response

    return refuse
