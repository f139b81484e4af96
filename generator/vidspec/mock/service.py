"""The service behind the stubs: one object for any dialect, each operation by its role.

Nothing here knows a dialect: what an operation does, where values stand and what refusals are called all
comes from the Contract.
"""

from typing import Any

from starlette.responses import Response

from vidspec.contract.model import Dialect, Operation
from vidspec.mock.artifacts import artifacts_handler
from vidspec.mock.delivery import ContentServer
from vidspec.mock.desk import JobDesk
from vidspec.mock.extras import Extras
from vidspec.mock.handlers import Handler, JobHandlers
from vidspec.mock.incidents import Incidents
from vidspec.mock.media import MediaCache
from vidspec.mock.options import MockOptions
from vidspec.mock.scripts import Scripts
from vidspec.mock.spaces import SPACE, SPACE_HEADER, space_of
from vidspec.mock.store import JobStore
from vidspec_server._runtime.calls import Call
from vidspec_server._runtime.headers import header


class MockService:
    """Answers every operation of one dialect out of one JobStore.

    The stubs call one method per operation; which one it is stands in the call, so that every public name
    answers, however the stubs spell it.
    """

    def __init__(
        self,
        dialect: Dialect,
        store: JobStore,
        media: MediaCache,
        options: MockOptions,
        *,
        name: str,
        mount: str = "",
        scripts: Scripts | None = None,
        incidents: Incidents | None = None,
    ) -> None:
        """Make ready to answer; jobs are kept under ``name``, addresses begin with the path ``mount``."""
        self.desk = JobDesk(
            dialect,
            store,
            media,
            options,
            name=name,
            mount=mount,
            scripts=scripts,
            incidents=incidents,
        )
        self._jobs, self._extras = JobHandlers(self.desk), Extras(self.desk)
        self._operations = {o.id: o for o in dialect.operations}
        #: Made when first asked for: a test asks for few, and wants its first answer at once.
        self._handlers: dict[str, Handler] = {}

    def __getattr__(self, name: str) -> Handler:
        """Return what answers any operation's call, found at once the next time; raise AttributeError for a private name."""
        if name.startswith("_"):
            raise AttributeError(name)
        found: Handler = self.answer
        setattr(self, name, found)
        return found

    def reset(self) -> None:
        """Forget what is remembered of deleted jobs (the store is reset by its owner)."""
        self.desk.deleted.clear()

    async def answer(self, call: Call, **_: Any) -> Response:
        """Answer the operation that the call names, in the caller's space, once its outcome is safe."""
        before = SPACE.set(self._space(call))
        try:
            handler = self._handlers.get(call.operation_id)
            if handler is None:
                handler = self._handler(self._operations[call.operation_id])
                self._handlers[call.operation_id] = handler
            reply = await handler(call)
        finally:
            SPACE.reset(before)
        if self.desk.store.is_kept:
            await self.desk.store.settled()
        return reply

    def _space(self, call: Call) -> str:
        if named := header(call.request, SPACE_HEADER):
            return named
        return space_of(call.principal) if self.desk.options.isolate_keys else ""

    def _handler(self, operation: Operation) -> Handler:
        if operation.role == "content":
            return ContentServer(self.desk, operation).handle
        if operation.role == "artifacts":
            return artifacts_handler(self.desk, operation)
        return self._jobs.handler(operation) or self._extras.handler(operation)
