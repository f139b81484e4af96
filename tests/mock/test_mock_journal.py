"""What the mock writes down of requests, and what it says of wrong ones."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx2
import pytest

from mock.talk import Talk
from vidspec.contract import Contract
from vidspec.mock import MockGateway, MockOptions, running
from vidspec.mock.incidents import FAULT_HEADER
from vidspec.source import pointer_get

GOOD = {"model": "sora-2", "prompt": "A kite"}


@pytest.fixture(scope="module")
def gateway(contract: Contract) -> Iterator[MockGateway]:
    options = MockOptions(job_seconds=0, journal_size=50)
    with running("openai", "kling", contract=contract, options=options) as gateway:
        yield gateway


@pytest.fixture
def talk(gateway: MockGateway, contract: Contract) -> Iterator[Talk]:
    gateway.reset()
    with httpx2.Client(timeout=10) as http:
        yield Talk(gateway, contract.dialects["openai"], http)


def test_requests_are_written_down(talk: Talk, gateway: MockGateway) -> None:
    """With operation and outcome; a job that there is none of is no fault of the request."""
    talk.call("create", json=GOOD)
    talk.call("retrieve", "video_none")
    talk.call("list", params={"limit": "2"})
    create, retrieve, listed = gateway.journal

    assert (create.method, create.path, create.status) == ("POST", "/v1/videos", 200)
    assert create.operation == talk.operation("create").id
    assert (create.valid, retrieve.valid, listed.path) == (True, True, "/v1/videos?limit=2")
    assert (retrieve.status, retrieve.cause) == (404, "not_found")
    assert [e.number for e in gateway.journal] == [1, 2, 3]


@pytest.mark.parametrize(
    ("field", "value", "keyword"),
    [("seconds", "5", "enum"), ("prompt", 5, "type"), ("size", "1x1", "enum")],
)
def test_broken_rule_is_named(
    talk: Talk, gateway: MockGateway, field: str, value: object, keyword: str
) -> None:
    """In a header and in the journal: the place in the document of the keyword that does not hold."""
    reply = talk.call("create", json=GOOD | {field: value})
    (entry,) = gateway.journal
    rule = reply.headers["x-vidspec-rule"]

    assert reply.status_code == 400
    assert (entry.rule, entry.param, entry.valid) == (rule, field, False)
    assert rule.endswith(f"/{keyword}")
    assert pointer_get(talk.dialect.document, rule.removeprefix("#"), None) is not None
    assert f"rule: {rule}" in entry.line()


def test_other_wrong_requests_are_blamed_too(talk: Talk, gateway: MockGateway) -> None:
    base = gateway.base_urls["openai"]
    talk.call("create", content=b"{", headers={"content-type": "application/json"})
    talk.call("create", content=b"x", headers={"content-type": "text/plain"})
    talk.http.put(f"{base}/videos", headers={"authorization": "Bearer x"})
    talk.http.get(f"{base}/nothing")
    talk.http.get(f"{base}/videos")
    talk.http.get(gateway.url + "/_media/none/0.mp4")

    assert [entry.rule for entry in gateway.journal] == [
        "invalid_request", "unsupported_media_type", "method_not_allowed", "unknown_path",
        "unauthenticated", None,
    ]  # fmt: skip
    assert sum(gateway.journal.invalid.values()) == 5


def test_journal_is_bounded(talk: Talk, gateway: MockGateway) -> None:
    for _ in range(60):
        talk.call("list")

    assert [e.number for e in gateway.journal] == list(range(11, 61))


def test_secrets_are_struck_out(talk: Talk, gateway: MockGateway) -> None:
    """Neither a key in the address nor one that a message repeats is kept."""
    url = gateway.base_urls["openai"] + "/videos?key=sk-secret-1&limit=1"
    talk.http.get(url, headers={"authorization": "Bearer sk-secret-2"})
    talk.call(
        "create",
        json=GOOD | {"seconds": "sk-secret-2"},
        headers={"authorization": "Bearer sk-secret-2"},
    )
    text = repr(list(gateway.journal))

    assert "sk-secret" not in text
    assert "key=***&limit=1" in text


def test_incidents_are_written_down(talk: Talk, gateway: MockGateway) -> None:
    talk.call("list", headers={FAULT_HEADER: "status=503"})
    talk.call("list", headers={FAULT_HEADER: "latency=1ms"})

    assert [(e.status, e.incident) for e in gateway.journal] == [
        (503, "status=503"), (200, "latency=1ms"),
    ]  # fmt: skip


def test_warn_only_lets_wrong_requests_pass(contract: Contract) -> None:
    """They are answered, blamed in a header, and told; right ones afterwards are not."""
    told: list[str] = []
    options = MockOptions(job_seconds=0, warn_only=True, on_invalid=lambda e: told.append(e.line()))
    with (
        running("openai", contract=contract, options=options) as gateway,
        httpx2.Client() as http,
    ):
        talk = Talk(gateway, contract.dialects["openai"], http)
        wrong = talk.call("create", json={"model": "sora-2", "seconds": "5"})
        right = talk.call("create", json=GOOD)

        assert (wrong.status_code, right.status_code) == (200, 200)
        assert (
            "/enum" in wrong.headers["x-vidspec-warning"]
            or "/required" in wrong.headers["x-vidspec-warning"]
        )
        assert "x-vidspec-warning" not in right.headers
        assert [e.valid for e in gateway.journal] == [False, True]
        assert len(told) == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_command_says_at_its_end_what_it_saw(how: signal.Signals) -> None:
    command = [sys.executable, "-m", "vidspec", "mock", "openai", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().split()[1]
    with httpx2.Client(headers={"authorization": "Bearer x"}) as http:
        http.get(f"{url}/videos")
        http.post(f"{url}/videos", json=GOOD | {"size": "1x\n1"})
    process.send_signal(how)
    _, errors = process.communicate(timeout=60)

    assert "openai: 1 of " in errors
    assert "2 requests, 1 invalid" in errors
    assert "invalid: POST /v1/videos -> 400" in errors
    assert "Traceback" not in errors
