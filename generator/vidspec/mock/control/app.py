"""The control API and its page as one ASGI application; ``guard`` decides who is heard."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from vidspec.errors import UsageError
from vidspec.mock.control.deeds import Deeds
from vidspec.mock.control.guard import refusal
from vidspec.mock.course import duration
from vidspec.mock.stage import Stage

_FILES = {
    "": ("page.html", "text/html; charset=utf-8"),
    "page.js": ("page.js", "text/javascript; charset=utf-8"),
    "page.css": ("page.css", "text/css; charset=utf-8"),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
_LONGEST_BODY = 1 << 20
_MOST = 1000


class ControlApp:
    """Answers under ``/_vidspec/``."""

    def __init__(self, app: Stage, deeds: Deeds) -> None:
        self._app, self._deeds = app, deeds
        self._shows: dict[str, Callable[[Mapping[str, str]], Any]] = {
            "state": lambda said: deeds.state(_limit(said)),
            "jobs": lambda said: deeds.jobs(_limit(said), said.get("space")),
            "journal": lambda said: deeds.journal(_limit(said), invalid="invalid" in said),
            "deliveries": lambda said: deeds.deliveries(_limit(said)),
            "clock": lambda _: deeds.clock(),
            "scripts": lambda _: app.scripts.told(),
            "faults": lambda _: app.incidents.told(),
        }
        self._does: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "jobs": self._job,
            "scripts": self._script,
            "faults": self._fault,
            "clock": self._clock,
            "snapshot": self._snapshot,
            "restore": self._restore,
            "reset": self._reset,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or say why it is not heard."""
        response = await self._answer(scope, receive)
        response.headers.update(_HEADERS)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        path = scope["path"].removeprefix("/_vidspec").removeprefix("/")
        method = scope["method"]
        refused = refusal(
            scope,
            anywhere=self._app.options.control == "anywhere",
            page=path in _FILES and not path,
        )
        if refused is not None:
            return _json({"error": refused[1]}, refused[0])
        if path in _FILES and method in {"GET", "HEAD"}:
            return _asset(path, method, scope["path"])
        return await self._api(path, method, scope, receive)

    async def _api(self, path: str, method: str, scope: Scope, receive: Receive) -> Response:
        table: Mapping[str, Any] = self._shows if method == "GET" else self._does
        known = path in self._shows or path in self._does
        if path not in table or method not in {"GET", "POST"}:
            message = f"{method} is not allowed here." if known else "There is no such thing."
            return _json({"error": message}, 405 if known else 404)
        try:
            if method == "GET":
                said = parse_qs(
                    scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True
                )
                return _json(table[path]({name: values[-1] for name, values in said.items()}))
            result = table[path](await _body(receive))
            await self._app.store.settled()
            return _json(result or {"done": True})
        except UsageError as error:
            return _json({"error": error.render()}, 400)

    def _job(self, said: Mapping[str, Any]) -> Any:
        _only(said, id=str, do=str, code=str, message=str, script=str, space=str)
        job = self._deeds.job(_needed(said, "id"), said.get("space"))
        words = {name: said[name] for name in ("code", "message", "script") if name in said}
        self._deeds.do(job, _needed(said, "do"), **words)
        return self._deeds.shown(job)

    def _script(self, said: Mapping[str, Any]) -> Any:
        _only(said, script=(str, type(None)), model=str)
        self._app.scripts.set(said.get("script"), said.get("model", "*"))
        return self._app.scripts.told()

    def _fault(self, said: Mapping[str, Any]) -> Any:
        _only(said, fault=(str, type(None)))
        if said.get("fault") is None:
            self._app.incidents.clear()
        else:
            self._app.incidents.add(said["fault"])
        return {"faults": self._app.incidents.told()}

    def _clock(self, said: Mapping[str, Any]) -> Any:
        _only(said, advance=(str, int, float), freeze=bool)
        clock = self._app.options.clock
        if "freeze" in said:
            (clock.freeze if said["freeze"] else clock.resume)()
        if "advance" in said:
            clock.advance(duration(str(said["advance"])))
        return self._deeds.clock()

    def _snapshot(self, said: Mapping[str, Any]) -> Any:
        _only(said)
        return {"snapshot": self._deeds.take_snapshot()}

    def _restore(self, said: Mapping[str, Any]) -> Any:
        _only(said, snapshot=int)
        self._deeds.restore(said.get("snapshot", 0))

    def _reset(self, said: Mapping[str, Any]) -> Any:
        _only(said, space=(str, type(None)))
        self._app.reset(said.get("space"))


async def _body(receive: Receive) -> Mapping[str, Any]:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > _LONGEST_BODY:
            text = "the body is too long"
            raise UsageError(text)
    try:
        said = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        text = f"the body is no JSON: {error}"
        raise UsageError(text) from error
    if not isinstance(said, dict):
        text = "the body is no JSON object"
        raise UsageError(text)
    return said


def _only(said: Mapping[str, Any], **known: Any) -> None:
    """Raise UsageError for a member that is not known, or not of its type."""
    for name, value in said.items():
        wrong_bool = isinstance(value, bool) and known.get(name) is not bool
        if name not in known or wrong_bool or not isinstance(value, known[name]):
            takes = ", ".join(known) or "nothing"
            message = f"{name!r} is not known here or of the wrong type (this takes: {takes})"
            raise UsageError(message)


def _needed(said: Mapping[str, Any], name: str) -> str:
    if name not in said:
        message = f"{name!r} is missing"
        raise UsageError(message)
    return str(said[name])


def _limit(said: Mapping[str, str]) -> int:
    text = said.get("limit", "100")
    return (
        min(_MOST, max(1, int(text)))
        if text.isascii() and text.isdigit() and len(text) < 7
        else 100
    )


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, media_type="application/json")


def _asset(path: str, method: str, whole: str) -> Response:
    if whole == "/_vidspec":  # What the page asks for stands below it.
        return Response(status_code=307, headers={"location": "/_vidspec/"})
    name, kind = _FILES[path]
    return Response(b"" if method == "HEAD" else _file(name), media_type=kind)


@cache
def _file(name: str) -> bytes:
    return (Path(__file__).parent / name).read_bytes()
