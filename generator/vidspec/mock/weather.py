"""Where incidents come down: before the operations of a dialect, and before keyless media."""

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from vidspec.errors import UsageError
from vidspec.mock.incidents import FAULT_HEADER, Incidents
from vidspec.mock.journal import INCIDENT, Journal
from vidspec.mock.refusals import Refuse
from vidspec.mock.routes import Routes
from vidspec.mock.trouble import suffer
from vidspec_server._runtime.headers import headers_of

_RAW = FAULT_HEADER.encode()


class Weather:
    """An ASGI layer: what is due happens to the request, or it passes."""

    def __init__(
        self,
        app: ASGIApp,
        incidents: Incidents,
        journal: Journal,
        name: str,
        *,
        routes: Routes | None = None,
        refuse: Refuse | None = None,
    ) -> None:
        """Take the operations by their routes; None: everything is keyless media."""
        self._app, self._incidents, self._routes, self._refuse = app, incidents, routes, refuse
        self._journal, self._name = journal, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with whatever happens to go wrong."""
        asked = headers_of(scope).get(_RAW, b"").decode("latin-1")
        if not asked and not self._incidents:
            await self._app(scope, receive, send)
            return
        operation = None if self._routes is None else self._routes.find(scope)
        role = operation.role if operation else "content" if self._routes is None else None
        try:
            due = self._incidents.due(role, operation.id if operation else None, asked)
        except UsageError as error:
            await self._wrong(f"{FAULT_HEADER}: {error}")(scope, receive, send)
            return
        if due:
            scope = {**scope, INCIDENT: "; ".join(incident.text for incident in due)}
        silent = next((incident for incident in due if incident.instead), None)
        if silent is not None:  # It never comes to the operation, which would write it down.
            status = int(silent.amount) if silent.kind == "status" else 0
            self._journal.add(self._name, scope, operation.id if operation else None, status)
        await suffer(due, self._incidents, self._refuse, self._app)(scope, receive, send)

    def _wrong(self, message: str) -> Response:
        if self._refuse is None:
            return PlainTextResponse(f"{message}\n", 400)
        return self._refuse(400, message, ())
