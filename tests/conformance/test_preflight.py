from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.gateway import KEY, Gateway, serving
from vidspec.conformance import Options, Run, Target, check
from vidspec.contract import Contract
from vidspec.errors import UsageError


def _check(contract: Contract, url: str, key: str | None = KEY) -> Run:
    return check(contract, Target(url, "openai", api_key=key), Options(mode="smoke"))


@contextmanager
def _habit(name: str) -> Iterator[str]:
    with serving(Gateway(habits=frozenset({name})).app()) as origin:
        yield f"{origin}/v1"


def _finding(run: Run) -> str:
    assert (run.exit_code, run.footer.state, run.footer.paid) == (4, "truncated", 0)
    assert not run.having("pass") or run.findings
    assert len(run.findings) == 1
    return run.findings[0].code


def test_nothing_listens(contract: Contract) -> None:
    run = _check(contract, "http://127.0.0.1:9/v1")

    assert _finding(run) == "refused"
    assert set(run.counts()) == {"not_reached"}


def test_the_host_does_not_exist(contract: Contract) -> None:
    assert _finding(_check(contract, "http://gateway.invalid/v1")) == "dns"


def test_tls_on_a_plain_port(contract: Contract) -> None:
    with serving(Gateway().app()) as origin:
        run = _check(contract, origin.replace("http:", "https:") + "/v1")

    assert _finding(run) == "tls"


@pytest.mark.parametrize("path", ["", "/api", "/v1/v1"])
def test_the_prefix_is_wrong(contract: Contract, path: str) -> None:
    with serving(Gateway().app()) as origin:
        run = _check(contract, origin + path)

    assert _finding(run) == "prefix"
    assert f"{origin}/v1 answers" in run.findings[0].hint


def test_a_web_page_is_no_api(contract: Contract) -> None:
    with serving(HTMLResponse("<!doctype html><title>Welcome</title>")) as origin:
        assert _finding(_check(contract, f"{origin}/v1")) == "html"


def test_nothing_of_the_api_is_there(contract: Contract) -> None:
    async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
        await HTMLResponse("no", 404, media_type="text/plain")(scope, receive, send)

    app: ASGIApp = nothing
    with serving(app) as origin:
        assert _finding(_check(contract, f"{origin}/v1")) == "not-found"


def test_the_key_is_refused(contract: Contract) -> None:
    with serving(Gateway().app()) as origin:
        assert _finding(_check(contract, f"{origin}/v1", "sk-other-key-000")) == "key"


def test_no_key_was_given(contract: Contract) -> None:
    with serving(Gateway().app()) as origin:
        run = _check(contract, f"{origin}/v1", None)

    assert _finding(run) == "no-key"
    assert "OPENAI_API_KEY" in run.findings[0].hint


def test_the_model_is_refused(contract: Contract) -> None:
    with _habit("model_wrong") as url:
        run = _check(contract, url)

    assert [finding.code for finding in run.findings] == ["model"]
    assert run.exit_code == 4


def test_a_url_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="not an http"):
        Target("localhost:8000/v1", "openai")


@pytest.mark.parametrize("page", [False, True])
def test_a_gateway_without_a_list_is_one(contract: Contract, page: bool) -> None:
    """It asks for the key before it looks at the path, and says 404 in its own words or with a web page."""

    async def small(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        shown = dict(scope["headers"]).get(b"authorization", b"").decode()
        error = {"message": "no", "type": "invalid_request_error", "param": None, "code": None}
        if shown != f"Bearer {KEY}":
            answer: Response = JSONResponse({"error": error}, 401)
        elif page:
            answer = HTMLResponse("<!doctype html><title>Not found</title>", 404)
        else:
            answer = JSONResponse({"error": error}, 404)
        await answer(scope, receive, send)

    with serving(small) as origin:
        run = _check(contract, f"{origin}/v1")

    assert run.findings == ()
    assert (run.exit_code, run.footer.state) == (1, "complete")
    assert "auth-retrieve-refused" in run.having("pass")
