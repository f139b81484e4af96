"""Recording: every call goes on to a real gateway, and what was said is kept, without secrets."""

import contextlib
import functools
import json
import ssl
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx2
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from vidspec.contract.model import Dialect
from vidspec.mock.addresses import RESULTS, Addresses
from vidspec.mock.describe import describe, own_prefix
from vidspec.mock.fixtures import HOME, RESULT, Exchange, FixtureWriter, Recording
from vidspec.mock.serving import request_origin
from vidspec.mock.spaces import SPACE_HEADER
from vidspec.mock.striking import condensed, struck
from vidspec_server._runtime.auth import any_credential
from vidspec_server._runtime.bare import BareApp
from vidspec_server._runtime.calls import Call
from vidspec_server._runtime.errors import CauseName, ServiceError
from vidspec_server._runtime.limits import Limits

#: Request headers that are ours, the connection's, or would make the reply less than whole.
_NOT_FORWARDED: Final = frozenset(
    {
        "host", "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length",
        "proxy-connection", "accept-encoding", "range", "if-range", "if-none-match", "if-modified-since", SPACE_HEADER,
    }
)  # fmt: skip
#: Reply headers that are passed on and kept, beside those that the document names.
_KEPT: Final = frozenset(
    {"content-type", "content-disposition", "cache-control", "etag", "retry-after", "location"}
)
_TIMEOUT = httpx2.Timeout(30.0, read=600.0)
_RAW = "vidspec.body"


class Recorder:
    """An ASGI application that forwards the operations of one dialect and keeps the exchanges."""

    def __init__(self, dialect: Dialect, recording: Recording, name: str, mount: str) -> None:
        """Keep under ``name`` in the folder; ``mount`` is the path before ours. Raises UsageError."""
        self._recording, self._mount = recording, mount
        self._upstream = recording.upstream.rstrip("/")
        self._prefix = own_prefix(dialect)
        self._operations = {o.id: o for o in dialect.operations}
        self._addresses = Addresses(dialect, self._upstream)
        self._writer = FixtureWriter(recording.folder / name)
        schemes = describe(dialect).schemes.values()
        self._credentials = {"authorization", "cookie", *(s.name.lower() for s in schemes)}
        self._kept = _KEPT | {h.lower() for h in dialect.request_id_headers}
        self._app = BareApp(
            describe(dialect), self, authenticate=any_credential, validate=False, plain=True
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward one request."""
        if scope["path"].startswith(RESULTS):
            await (await self._result(scope))(scope, receive, send)
            return
        limit, raw = Limits().body, bytearray()
        more = True
        while more and len(raw) <= limit:
            message = await receive()
            raw += message.get("body", b"")
            more = message.get("more_body", False)

        told = False

        async def again() -> Message:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": bytes(raw), "more_body": False}

        await self._app({**scope, _RAW: bytes(raw)}, again, send)

    def reset(self, _: str | None = None) -> None:
        """Do nothing: what was said was said."""

    async def answer(self, call: Call, **_: Any) -> Response:
        """Forward the call and keep what comes back."""
        request, operation = call.request, self._operations[call.operation_id]
        path = (request.scope.get("raw_path") or request.scope["path"].encode()).decode("latin-1")
        query = request.scope.get("query_string", b"").decode("latin-1")
        url = self._upstream + path.removeprefix(self._prefix) + (f"?{query}" if query else "")
        headers = {k: v for k, v in request.headers.items() if k not in _NOT_FORWARDED}
        said = Exchange(operation.id, call.path, call.query, condensed(call.body), 0, {})
        secrets = [*self._secrets(request.headers, call.query)]
        kept = self._kept | {h.name.lower() for reply in operation.replies for h in reply.headers}
        sent = httpx2.Request(request.method, url, headers=headers, content=request.scope[_RAW])
        return await self._exchange(sent, said, call, kept, secrets)

    async def _result(self, scope: Scope) -> Response:
        name = scope["path"].removeprefix(RESULTS)
        address = self._addresses.result(name)
        if address is None or scope["method"] not in {"GET", "HEAD"}:
            return Response("not found\n", 404, media_type="text/plain")
        said = Exchange(RESULT, {"name": name}, {}, None, 0, {})
        try:
            # Without any credential: the address is its own.
            sent = httpx2.Request(scope["method"], address)
            return await self._exchange(sent, said, None, self._kept, [])
        except ServiceError as error:
            return Response(f"{error.message}\n", 502, media_type="text/plain")

    async def _exchange(
        self,
        sent: httpx2.Request,
        said: Exchange,
        call: Call | None,
        kept: Iterable[str],
        secrets: list[str],
    ) -> Response:
        """Send, keep, and return what the caller gets; raise ServiceError when there is no answer."""
        sent.headers["accept-encoding"] = "identity"
        try:
            async with httpx2.AsyncClient(verify=_trust(), timeout=_TIMEOUT) as client:
                reply = await client.send(sent, stream=True, follow_redirects=call is None)
                try:
                    return await self._kept_reply(reply, said, call, frozenset(kept), secrets)
                finally:
                    await reply.aclose()
        except httpx2.HTTPError as error:
            message = f"The upstream does not answer: {type(error).__name__}."
            cause: CauseName = "unavailable"
            raise ServiceError(cause, message) from error

    async def _kept_reply(
        self,
        reply: httpx2.Response,
        said: Exchange,
        call: Call | None,
        kept: frozenset[str],
        secrets: list[str],
    ) -> Response:
        headers = {k: v for k, v in reply.headers.items() if k.lower() in kept}
        if "location" in headers:
            headers["location"] = self._addresses.turned_result(headers["location"])
        ours = replace(
            said,
            path=struck(said.path, secrets),
            query=struck(said.query, secrets),
            body=struck(said.body, secrets),
            status=reply.status_code,
            headers={k: str(struck(v, secrets)) for k, v in headers.items()},
        )
        if call is None or not _is_text(reply):
            return await self._media(reply, ours, sent_head=reply.request.method == "HEAD")
        origin = request_origin(call.request) + self._mount
        text = (await reply.aread()).decode("utf-8", "replace")
        try:
            value = self._addresses.turned(self._operations[call.operation_id], json.loads(text))
        except ValueError:
            shown = text
            self._writer.keep(replace(ours, text=str(struck(text, secrets))))
        else:
            shown = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            self._writer.keep(replace(ours, json=struck(value, secrets)))
        headers = {name: value.replace(HOME, origin) for name, value in headers.items()}
        return Response(shown.replace(HOME, origin), reply.status_code, headers)

    async def _media(self, reply: httpx2.Response, ours: Exchange, *, sent_head: bool) -> Response:
        """Bring the whole file here, keep it, and serve it from here: whole or in part."""
        with contextlib.ExitStack() as spoilt:
            file = tempfile.NamedTemporaryFile(prefix="vidspec-", delete=False)  # noqa: SIM115
            path = Path(file.name)
            spoilt.callback(path.unlink)
            with file:
                async for chunk in reply.aiter_bytes():
                    file.write(chunk)
            spoilt.pop_all()
        if not sent_head:
            media = path if self._recording.media else None
            self._writer.keep(replace(ours, file=""), media)
        headers = dict(ours.headers)
        if sent_head and "content-length" in reply.headers:
            headers["content-length"] = reply.headers["content-length"]
        return FileResponse(
            path,
            reply.status_code,
            headers,
            headers.get("content-type"),
            BackgroundTask(path.unlink),
        )

    def _secrets(self, headers: Mapping[str, str], query: Mapping[str, Any]) -> Iterable[str]:
        for name in self._credentials:
            for value in (headers.get(name), query.get(name)):
                if isinstance(value, str):
                    yield value
                    yield from value.split(" ")[1:]


def _is_text(reply: httpx2.Response) -> bool:
    kind = str(reply.headers.get("content-type", "")).partition(";")[0].strip().lower()
    return not kind or kind.startswith("text/") or kind.endswith("json")


@functools.cache
def _trust() -> ssl.SSLContext:
    """Return what upstreams' certificates are held against; making it takes a while."""
    return httpx2.create_ssl_context()
