"""The mock as one ASGI application: one dialect at its own paths, or several under their names."""

from collections.abc import Callable, Collection, Mapping

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from vidspec.contract.model import Contract, Dialect
from vidspec.errors import UsageError
from vidspec.mock.breaking import BrokenReplies
from vidspec.mock.control import ControlApp, Deeds
from vidspec.mock.describe import own_prefix
from vidspec.mock.exchanges import exchange_app
from vidspec.mock.job import Job
from vidspec.mock.options import MockOptions
from vidspec.mock.refusals import refuser
from vidspec.mock.routes import Routes
from vidspec.mock.serving import MediaFiles
from vidspec.mock.stage import Stage
from vidspec.mock.stubs import stub_app
from vidspec.mock.weather import Weather
from vidspec_server._runtime.bounds import InFlight

_MEDIA = "/_media/"
_CONTROL = "/_vidspec/"


class MockApp(Stage):
    """The ASGI application over what is played; ``deeds`` are there for tests and control."""

    def __init__(
        self, dialects: Mapping[str, Dialect], options: MockOptions, *, named: bool
    ) -> None:
        super().__init__(dialects, options, named=named)
        self._files = MediaFiles(self.store, self.media, options.faults, self._has_outlived)
        self._media = Weather(self._serve_media, self.incidents, self.journal, "")
        self.deeds = Deeds(self)
        self._control = None if options.control == "off" else ControlApp(self, self.deeds)
        self._resets: list[Callable[[str | None], None]] = []
        self.in_flight = InFlight(options.limits.in_flight)
        self._apps = {name: self._dialect_app(name, dialect) for name, dialect in dialects.items()}
        self._only = None if named else next(iter(self._apps.values()), None)

    @property
    def at_once(self) -> bool:
        """Whether answering may begin outside a task; what calls others (``--record``) or reads files may not."""
        return not self._resets

    def reset(self, space: str | None = None) -> None:
        """Forget all that happened and was told since the start; with a ``space``, only what was made in it."""
        super().reset(space)
        for reset in self._resets:
            reset(space)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to its dialect, or serve a result's keyless address."""
        if scope["type"] != "http":
            await _live(scope, receive, send, self.webhooks.begin)
            return
        path: str = scope["path"]
        if self._control is not None and f"{path}/".startswith(_CONTROL):
            await self._control(scope, receive, send)
            return
        if path.startswith(_MEDIA):
            await self._media(scope, receive, send)
            return
        if self._only is not None:
            await self._only(scope, receive, send)
            return
        name, _, rest = path[1:].partition("/")
        app = self._apps.get(name)
        if app is None:
            text = "".join(f"/{known}\n" for known in self._apps)
            await PlainTextResponse(text, 404)(scope, receive, send)
            return
        raw: bytes = scope.get("raw_path") or path.encode()
        inner = {**scope, "path": f"/{rest}", "raw_path": raw[len(name) + 1 :] or b"/"}
        await app(inner, receive, send)

    def _has_outlived(self, job: Job) -> bool:
        service = self.services.get(job.dialect)
        return service is not None and service.desk.has_outlived(job)

    async def _serve_media(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"][len(_MEDIA) :]
        response = await self._files.respond(path, scope["method"], Headers(scope=scope))
        self.journal.add("", scope, None, response.status_code)
        await response(scope, receive, send)

    def _dialect_app(self, name: str, dialect: Dialect) -> ASGIApp:
        options, own = self.options, own_prefix(dialect)
        app = stub_app(
            dialect, self.services[name], options, self.journal.observer(name), self.in_flight
        )
        if options.faults:
            app = BrokenReplies(app, dialect, options.faults, own, options.api_key or "anyone")
        exchanges = exchange_app(dialect, options, self.media, name, self.mounts[name])
        if exchanges is not None:
            app = exchanges
            self._resets.append(exchanges.reset)
        return Weather(
            app,
            self.incidents,
            self.journal,
            name,
            routes=Routes(dialect, own),
            refuse=refuser(dialect),
        )


def build_app(
    contract: Contract,
    dialects: Collection[str] | None = None,
    options: MockOptions | None = None,
) -> MockApp:
    """Return the mock of these dialects of the contract (all by default) as one ASGI application.

    Raises UsageError for a dialect that the contract does not have. For gateways see ``speakers``.
    """
    names = list(dialects if dialects is not None else contract.dialects)
    unknown = [name for name in names if name not in contract.dialects]
    if unknown or not names:
        known = ", ".join(contract.dialects)
        message = f"no such dialect: {', '.join(unknown) or '(none named)'} (there are: {known})"
        raise UsageError(message)
    chosen = {name: contract.dialects[name] for name in names}
    return MockApp(chosen, options or MockOptions(), named=len(chosen) > 1)


async def _live(scope: Scope, receive: Receive, send: Send, begin: Callable[[], None]) -> None:
    """Answer a server that tells of its start and end; ``begin`` is called at its start."""
    while scope["type"] == "lifespan":
        message = await receive()
        if message["type"] == "lifespan.startup":
            begin()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
