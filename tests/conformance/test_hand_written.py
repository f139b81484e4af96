"""Gateways as people write them in an afternoon: the check comes to its end, and says what to change."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.gateway import KEY, Gateway, serving
from vidspec.cli.report import probe
from vidspec.conformance import Options, Run, Target, check, recognise
from vidspec.conformance.credentials import Keyring
from vidspec.conformance.events import Judged
from vidspec.conformance.exchange import Redactor
from vidspec.conformance.proxies import direct
from vidspec.conformance.report import render
from vidspec.conformance.report.summary import telling
from vidspec.conformance.upstream import Asked, Upstream
from vidspec.contract import Contract
from vidspec.errors import UsageError

_LATE = 0.005


class Wording:
    """An application whose answers have other words; both of one length."""

    def __init__(self, app: ASGIApp, ours: bytes, theirs: bytes) -> None:
        assert len(ours) == len(theirs)
        self._app, self._ours, self._theirs = app, ours, theirs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def reworded(message: Message) -> None:
            if message["type"] == "http.response.body":
                body = message.get("body", b"").replace(self._ours, self._theirs)
                message = {**message, "body": body}
            await send(message)

        await self._app(scope, receive, reworded)


def _check(contract: Contract, app: ASGIApp, **options: object) -> Run:
    chosen = Options(mode="smoke", poll_interval=0.02)
    with serving(app) as origin:
        target = Target(f"{origin}/v1", "openai", api_key=KEY, model="sora-2")
        return check(contract, target, replace(chosen, **options))  # type: ignore[arg-type]


def test_an_end_by_another_apis_word_is_not_waited_out(contract: Contract) -> None:
    app = Wording(Gateway(job_seconds=1.1).app(), b'"completed"', b'"succeeded"')
    run = _check(contract, app, job_timeout=20.0)

    assert run.footer.seconds < 20
    assert {"retrieve-status-known", "retrieve-reaches-end"} <= set(run.having("fail"))
    [end] = run.failures_of("retrieve-reaches-end")
    assert (end.expected, end.received) == (
        "completed",
        "'succeeded', at which no client stops asking",
    )
    # What was meant is known: the video is judged all the same.
    assert "content-available" in run.having("pass")


def test_a_word_that_nobody_knows_is_named(contract: Contract) -> None:
    app = Wording(Gateway(job_seconds=0.1).app(), b'"completed"', b'"rendereth"')
    run = _check(contract, app, job_timeout=1.0)

    [end] = run.failures_of("retrieve-reaches-end")
    assert end.received.startswith("the unknown word 'rendereth' after")
    reasons = {o.reason for o in run.outcomes if o.requirement == "content-available"}
    assert any("nobody knows whether 'rendereth'" in reason for reason in reasons)


@pytest.mark.parametrize("shows", [True, False])
def test_an_unknown_word_that_stays_is_not_waited_out(shows: bool, contract: Contract) -> None:
    """Where the job shows what only an ended one has, it takes a few looks; else a share of its time."""
    app: ASGIApp = Wording(Gateway(job_seconds=0.1).app(), b'"completed"', b'"rendereth"')
    if not shows:
        app = Wording(app, b'"progress":100', b'"progress": 40')
        app = Wording(app, b'"completed_at"', b'"completed_by"')
    run = _check(contract, app, job_timeout=8.0)

    assert "retrieve-reaches-end" in run.having("fail")
    assert run.footer.seconds < 8
    [end] = run.failures_of("retrieve-reaches-end")
    assert "the unknown word 'rendereth'" in end.received
    still = float(end.received.rpartition("unchanged for ")[2].removesuffix(" s"))
    assert (still < 2) == shows


def test_an_unknown_word_for_running_jobs_is_waited_out_while_they_move(
    contract: Contract,
) -> None:
    app = Wording(Gateway(job_seconds=3.0).app(), b'"in_progress"', b'"in-progress"')
    run = _check(contract, app, job_timeout=8.0)

    assert "retrieve-reaches-end" in run.having("pass")
    assert "content-available" in run.having("pass")


class FormsOnly:
    """An application that reads no JSON, as FastAPI's ``Form(...)`` does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = dict(scope.get("headers", ())).get(b"content-type", b"")
        if scope["type"] == "http" and scope["method"] == "POST" and said == b"application/json":
            await JSONResponse({"detail": "Field required"}, 422)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def test_a_gateway_that_takes_forms_alone_is_judged_all_the_same(contract: Contract) -> None:
    run = _check(contract, FormsOnly(Gateway(job_seconds=0.1).app()), job_timeout=5.0)

    [refused] = run.failures_of("create-accepted")
    assert refused.received.endswith("the same as multipart/form-data is accepted")
    assert {"retrieve-reaches-end", "content-available"} <= set(run.having("pass"))


def test_of_jobs_that_were_never_seen_nothing_is_told(contract: Contract) -> None:
    app = Gateway().app()

    async def no_creates(scope: Scope, receive: Receive, send: Send) -> None:
        refused = scope["type"] == "http" and scope["method"] == "POST"
        answer = JSONResponse({"error": {"message": "no"}}, 400) if refused else app
        await answer(scope, receive, send)

    run = _check(contract, no_creates, job_timeout=5.0)
    assert "create-accepted" in run.having("fail")
    assert not [o for o in run.outcomes if "no job of this gateway shows" in o.reason]


class Terse:
    """An application without lists that says the same of unknown jobs as of unknown paths."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        here = scope["path"] == "/v1/videos"
        creates = here and scope["method"] == "POST"
        curt = JSONResponse({"message": "nope"}, 500 if creates else 404)
        if here and not creates:
            await curt(scope, receive, send)
            return
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self._app(scope, receive, keep)
        if kept[0]["status"] >= 400:
            await curt(scope, receive, send)
            return
        for message in kept:
            await send(message)


def test_a_gateway_that_says_the_same_everywhere_is_there(contract: Contract) -> None:
    run = _check(contract, Terse(Gateway(job_seconds=0.1).app()), job_timeout=5.0)

    assert not run.findings
    assert {"create-accepted", "retrieve-reaches-end"} <= set(run.having("pass"))


@pytest.mark.parametrize("mode", ["standard", pytest.param("deep", marks=pytest.mark.deep)])
def test_generated_requests_blame_no_path_that_many_do_without(
    mode: Any, contract: Contract
) -> None:
    app = Gateway().app()

    async def no_models(scope: Scope, receive: Receive, send: Send) -> None:
        lost = scope["type"] == "http" and scope["path"].startswith("/v1/models")
        answer = JSONResponse({"detail": "Not Found"}, 404) if lost else app
        await answer(scope, receive, send)

    run = _check(contract, no_models, mode=mode, only=("schema-",), job_timeout=5.0)
    assert "schema-generated-requests" in run.having("pass", "warn")
    blamed = {failure.operation for failure in run.failures_of("schema-status-documented")}
    assert blamed.isdisjoint({"listModels", "retrieveModel"})


def test_failures_say_what_was_asked_for_and_what_came(contract: Contract) -> None:
    said = Wording(Gateway(job_seconds=0.1).app(), b'"error":', b'"fault":')
    run = _check(contract, said, job_timeout=5.0)

    envelope = run.failures_of("errors-envelope")[0]
    assert envelope.expected.startswith('an error like {"error": {"message": ')
    assert '{"fault": {' in envelope.received
    said_so = [line for line in render(run, "text").splitlines() if line.startswith("  expected")]
    assert said_so
    assert all(line == line.rstrip() for line in said_so)


def test_wrong_words_and_types_are_named_by_value(contract: Contract) -> None:
    app = Wording(Gateway(job_seconds=0.6).app(), b'"in_progress"', b'"in-progress"')
    run = _check(contract, app, job_timeout=5.0)

    known = run.failures_of("retrieve-status-known")
    assert any(
        f.received == '"in-progress"' and f.expected.startswith('"queued" or "in_progress" or ')
        for f in known
    )


def test_reports_show_failures_that_differ() -> None:
    same = [Judged("x", False, "1", "2", n, None) for n in (1, 2, 3)]
    other = Judged("x", False, "1", "3", 4, None)

    assert telling([*same, other], 3) == [same[0], other]


def test_the_call_after_a_stumble_is_not_lost_with_the_line(contract: Contract) -> None:
    """Servers hang up behind a 500 without having said so; the next request may be a paid one."""
    lines = 0

    async def stumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal lines
        lines += 1
        await reader.readuntil(b"\r\n\r\n")
        status = b"500 Internal Server Error" if lines == 1 else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 2\r\n\r\n{}")
        await asyncio.sleep(_LATE)
        writer.close()
        await writer.wait_closed()

    async def two() -> list[int]:
        server = await asyncio.start_server(stumble, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        target = Target(f"http://127.0.0.1:{port}", "openai", api_key=KEY)
        keyring = Keyring.of(contract.dialects["openai"], target, Redactor())
        upstream = Upstream(target, keyring, "token")
        seen = []
        for _ in range(2):
            reply = await upstream.send(Asked("GET", "/", "", (), b""))
            await reply.aread()
            seen.append(reply.status_code)
        await upstream.aclose()
        server.close()
        await server.wait_closed()
        await asyncio.sleep(4 * _LATE)
        return seen

    assert asyncio.run(two()) == [500, 200]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999/v1", "http://127.0.0.1:0/v1", "http://host/v1?key=sk-secret"]
)
def test_an_address_that_cannot_be_one_is_no_verdict(url: str) -> None:
    with pytest.raises(UsageError) as error:
        Target(url, "openai")
    assert "sk-secret" not in error.value.render()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_proxy_of_the_environment_stands_before_this_machine(
    host: str, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(Gateway().app()) as origin:
        url = origin.replace("127.0.0.1", host) + "/v1"
        assert recognise(contract.dialects, url, KEY)[0].dialect == "openai"
        run = check(contract, Target(url, "openai", api_key=KEY), Options(mode="free"))
    assert run.exit_code == 0
    assert direct("https://api.example.com/v1") == {}


def test_the_end_of_the_time_is_no_defect(contract: Contract) -> None:
    run = _check(contract, Gateway().app(), max_time=0.0)

    assert run.exit_code == 4
    assert run.footer.reason == "the run's 0 s are over"


def test_a_report_that_cannot_be_written_is_refused_before_money_is_spent(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "r.html", Path("/dev/null")):
        with pytest.raises(UsageError, match="cannot be written"):
            probe(path)
    probe(tmp_path / "new" / "r.html")
    assert list((tmp_path / "new").iterdir()) == []
