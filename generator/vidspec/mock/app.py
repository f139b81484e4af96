"""The mock as one ASGI application: one dialect at its own paths, or several under their names."""

from collections.abc import Collection, Mapping

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from vidspec.contract.model import Contract, Dialect
from vidspec.errors import UsageError
from vidspec.mock.breaking import BrokenReplies
from vidspec.mock.describe import own_prefix
from vidspec.mock.keeping import SqliteKeeper
from vidspec.mock.media import MediaCache
from vidspec.mock.options import MockOptions
from vidspec.mock.service import MockService
from vidspec.mock.serving import MediaFiles
from vidspec.mock.store import JobStore
from vidspec.mock.stubs import stub_app

_MEDIA = "/_media/"


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
        self.media = MediaCache(options.max_media_bytes)
        self._files = MediaFiles(self.store, self.media, options.faults)
        #: Name → what an SDK takes as base URL, without the origin.
        self.base_paths: dict[str, str] = {}
        self.services: dict[str, MockService] = {}
        self._apps: dict[str, ASGIApp] = {}
        self._only: ASGIApp | None = None
        for name, dialect in dialects.items():
            own = own_prefix(dialect)
            mount = f"/{name}" if named else ""
            self.base_paths[name] = mount + own
            service = MockService(dialect, self.store, self.media, options, name=name, mount=mount)
            self.services[name] = service
            app = stub_app(dialect, service, options)
            if options.faults:
                app = BrokenReplies(app, dialect, options.faults, own)
            self._apps[name] = app
            self._only = None if named else app

    def reset(self, space: str | None = None) -> None:
        """Forget every job, character and count; with a ``space``, only what was made in it."""
        self.store.reset(space)
        for service in self.services.values():
            service.reset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to its dialect, or serve a result's keyless address."""
        if scope["type"] != "http":
            await _live(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith(_MEDIA):
            response = await self._files.respond(
                path[len(_MEDIA) :], scope["method"], Headers(scope=scope)
            )
            await response(scope, receive, send)
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


async def _live(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a server that tells of its start and end; there is nothing to prepare."""
    while scope["type"] == "lifespan":
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
