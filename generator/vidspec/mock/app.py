"""The mock as one ASGI application: one dialect at its own paths, or several under their names."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import get_args

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from vidspec.contract.model import Contract, Dialect, Role
from vidspec.errors import UsageError
from vidspec.mock.breaking import BrokenReplies
from vidspec.mock.control import ControlApp, Deeds
from vidspec.mock.describe import own_prefix
from vidspec.mock.exchanges import exchange_app
from vidspec.mock.holdings import Snapshot
from vidspec.mock.incidents import Incidents
from vidspec.mock.job import Job
from vidspec.mock.journal import Journal
from vidspec.mock.keeping import SqliteKeeper
from vidspec.mock.media import MediaCache
from vidspec.mock.options import MockOptions
from vidspec.mock.patience import Patient
from vidspec.mock.refusals import refuser
from vidspec.mock.routes import Routes
from vidspec.mock.scripts import Scripts
from vidspec.mock.service import MockService
from vidspec.mock.serving import MediaFiles
from vidspec.mock.store import JobStore
from vidspec.mock.stubs import stub_app
from vidspec.mock.weather import Weather
from vidspec.mock.webhooks import Webhooks
from vidspec_server._runtime.bounds import InFlight

_MEDIA = "/_media/"
_CONTROL = "/_vidspec/"


class MockApp:
    """The ASGI application; ``store`` and ``services`` are there for tests and control.

    A single dialect stands at its own prefix (``/v1/…``), several each under ``/<name>``;
    the names are the dialects' own or those of gateways that speak them.
    """

    def __init__(
        self, dialects: Mapping[str, Dialect], options: MockOptions, *, named: bool
    ) -> None:
        self.options = options
        self.store = JobStore(
            options.clock,
            options.max_jobs,
            max_bytes=options.max_job_bytes,
            max_age=options.max_age_seconds,
            keeper=SqliteKeeper(options.store) if options.store is not None else None,
        )
        self.scripts = Scripts(options.scripts)
        self.incidents = Incidents(options.incidents, options.seed, _operations(dialects.values()))
        self.journal = Journal(options.journal_size, on_invalid=options.on_invalid)
        self.media = MediaCache(options.max_media_bytes)
        self.webhooks = Webhooks(options.webhooks, options.clock, self.store)
        self._files = MediaFiles(self.store, self.media, options.faults, self._has_outlived)
        self._media = Weather(self._serve_media, self.incidents, self.journal, "")
        self.deeds = Deeds(self)
        self._control = None if options.control == "off" else ControlApp(self)
        #: Name → what an SDK takes as base URL, without the origin.
        self.base_paths: dict[str, str] = {}
        self.services: dict[str, MockService] = {}
        self._apps: dict[str, ASGIApp] = {}
        self._only: ASGIApp | None = None
        self._resets: list[Callable[[str | None], None]] = []
        self.in_flight = InFlight(options.limits.in_flight)
        for name, dialect in dialects.items():
            own = own_prefix(dialect)
            mount = f"/{name}" if named else ""
            self.base_paths[name] = mount + own
            service = MockService(
                dialect, self.store, self.media, options,
                name=name, mount=mount, scripts=self.scripts, incidents=self.incidents,
            )  # fmt: skip
            self.services[name] = service
            self.webhooks.follow(service.desk)
            app = stub_app(dialect, service, options, self.journal.observer(name), self.in_flight)
            if options.faults:
                key = options.api_key or "anyone"
                app = BrokenReplies(app, dialect, options.faults, own, key)
            if (exchanges := exchange_app(dialect, options, self.media, name, mount)) is not None:
                app = exchanges
                self._resets.append(exchanges.reset)
            routes = Routes(dialect, own)
            app = Weather(
                app, self.incidents, self.journal, name, routes=routes, refuse=refuser(dialect)
            )
            self._apps[name] = app
            self._only = None if named else app

    def reset(self, space: str | None = None) -> None:
        """Forget all that happened and was told since the start; with a ``space``, only what was made in it."""
        self.store.reset(space)
        if space is None:
            self.scripts.reset()
            self.incidents.reset()
            self.journal.reset()
            self.options.clock.reset()
            self.webhooks.reset()
        for service in self.services.values():
            service.reset()
        for reset in self._resets:
            reset(space)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to the jobs that there were, and to what is to be told of them."""
        self.store.restore(snapshot)
        self.webhooks.restored()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to its dialect, or serve a result's keyless address."""
        if scope["type"] != "http":
            await _live(scope, receive, send, self.webhooks.begin)
            return
        if scope["method"] not in {"GET", "HEAD"}:
            receive = Patient(receive)
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

    def summary(self) -> str:
        """Return, for a person, which operations were covered, and what was wrong with requests."""
        operations = {
            name: [o.id for o in service.desk.dialect.operations]
            for name, service in self.services.items()
        }
        return self.journal.summary(operations)


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


def _operations(dialects: Iterable[Dialect]) -> frozenset[str]:
    """Return the roles that there are anywhere, and the operations of these dialects."""
    ids = {operation.id for dialect in dialects for operation in dialect.operations}
    return frozenset({*get_args(Role), *ids})


async def _live(scope: Scope, receive: Receive, send: Send, begin: Callable[[], None]) -> None:
    """Answer a server that tells of its start and end; ``begin`` is called at its start."""
    while scope["type"] == "lifespan":
        message = await receive()
        if message["type"] == "lifespan.startup":
            begin()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
