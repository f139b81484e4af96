"""What goes wrong on purpose between the mock and its caller: status, time, connection, bytes."""

import random
import time
from collections.abc import Iterator

import httpx2
import pytest

from mock.talk import Talk
from vidspec.contract import Contract
from vidspec.errors import UsageError
from vidspec.mock import MockApp, MockGateway, MockOptions, running
from vidspec.mock.course import SCRIPT_HEADER
from vidspec.mock.incidents import FAULT_HEADER, Incidents, read_incidents


@pytest.fixture(scope="module")
def gateway(contract: Contract) -> Iterator[MockGateway]:
    options = MockOptions(job_seconds=0)
    with running("openai", "kling", contract=contract, options=options) as gateway:
        yield gateway


@pytest.fixture
def talk(gateway: MockGateway, contract: Contract) -> Iterator[Talk]:
    gateway.reset()
    with httpx2.Client(timeout=10) as http:
        yield Talk(gateway, contract.dialects["openai"], http)


def listed(talk: Talk, fault: str) -> httpx2.Response:
    return talk.call("list", headers={FAULT_HEADER: fault})


def content(talk: Talk, fault: str | None = None) -> httpx2.Response:
    job = talk.create()
    return talk.call("content", job.id, headers={FAULT_HEADER: fault} if fault else {})


@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", "status", "status=200", "status=600", "status=x", "latency", "latency=9h", "reset=during",
        "stall=never", "truncate=101%", "corrupt=x", "length=-5", "drip=0", "expired=1", "status=500 rate=2",
        "status=500 often=1", "status=500 rate=", "status=500 times=-1", "reset retry-after=1", "status=500 jitter=1s",
        "status=500 header=a", "status=500 header=a:b\x01", "status=429; nonsense", "latency=nan",
    ],
)  # fmt: skip
def test_wrong_faults_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_incidents(text)


def test_fault_on_what_there_is_not_is_refused(talk: Talk, gateway: MockGateway) -> None:
    """A role or operation that no dialect has would never be hit: it is a mistake, wherever it is given."""
    with pytest.raises(UsageError, match="'creat', which is none of"):
        gateway.fault("status=503 on=creat")
    with pytest.raises(UsageError, match="none of"):
        MockApp({}, MockOptions(incidents=("status=503 on=creat",)), named=True)
    gateway.fault("status=503 on=createVideo")
    gateway.fault("status=503 on=artifacts")
    answer = talk.call("list", headers={FAULT_HEADER: "status=503 on=creat"})
    assert answer.status_code == 400


def test_chances_come_from_the_seed() -> None:
    """The same seed hits the same requests; another hits others; the rate is about kept."""

    def hits(seed: int) -> list[bool]:
        book = Incidents(["status=503 rate=0.3"], seed)
        return [bool(book.due("create", "x")) for _ in range(400)]

    assert hits(1) == hits(1) != hits(2)
    assert 80 < sum(hits(1)) < 160


def test_some_are_spared_and_some_hit() -> None:
    book = Incidents(["status=503 on=create after=1 times=2"])

    assert [bool(book.due("create", None)) for _ in range(5)] == [False, True, True, False, False]
    assert not book.due("list", None)
    book.reset()
    assert [bool(book.due("create", None)) for _ in range(3)] == [False, True, True]


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 418, 429, 500, 502, 503, 529])
@pytest.mark.parametrize("name", ["openai", "kling"])
def test_any_status_in_the_dialects_envelope(
    contract: Contract, gateway: MockGateway, name: str, status: int
) -> None:
    gateway.reset()
    with httpx2.Client() as http:
        talk = Talk(gateway, contract.dialects[name], http)
        fault = f"status={status} retry-after=7 header=x-ratelimit-remaining:0"
        reply = listed(talk, fault)
    message = talk.dialect.error_shape.message
    assert reply.status_code == status
    assert reply.headers["retry-after"] == "7"
    assert reply.headers["x-ratelimit-remaining"] == "0"
    value = reply.json()
    for step in (message or "").split("/")[1:]:
        value = value[step]
    assert "on purpose" in value


def test_faults_are_told_to_the_gateway(talk: Talk, gateway: MockGateway) -> None:
    """By operation, for a number of requests, until a reset."""
    gateway.fault("status=503 on=create times=1")
    body = {"model": "sora-2", "prompt": "A kite"}
    assert talk.call("list").status_code == 200
    statuses = [talk.call("create", json=body).status_code for _ in range(2)]
    assert statuses == [503, 200]
    gateway.fault("status=500")
    gateway.reset()
    assert talk.call("list").status_code == 200


def test_wrong_header_is_refused(talk: Talk) -> None:
    reply = listed(talk, "nonsense")

    assert reply.status_code == 400
    assert "is no incident" in reply.json()["error"]["message"]


def test_latency_and_drip_take_their_time(talk: Talk) -> None:
    begun = time.perf_counter()
    assert listed(talk, "latency=150ms jitter=20ms").status_code == 200
    assert time.perf_counter() - begun >= 0.13
    whole = content(talk).content
    begun = time.perf_counter()
    assert content(talk, f"drip={len(whole) * 4}").content == whole
    assert time.perf_counter() - begun >= 0.15


@pytest.mark.parametrize("when", ["before", "after"])
def test_connection_is_reset(talk: Talk, when: str) -> None:
    with pytest.raises(httpx2.TransportError):
        listed(talk, f"reset={when}")
    assert talk.call("list").status_code == 200


def test_reset_after_the_headers_shows_them(talk: Talk, gateway: MockGateway) -> None:
    request = talk.http.build_request(
        "GET", gateway.base_urls["openai"] + "/videos",
        headers={"authorization": "Bearer x", FAULT_HEADER: "reset=after"},
    )  # fmt: skip
    response = talk.http.send(request, stream=True)

    assert response.status_code == 200
    with pytest.raises(httpx2.TransportError):
        response.read()


@pytest.mark.parametrize("when", ["before", "after"])
def test_stalled_reply_ends_in_the_callers_timeout(talk: Talk, when: str) -> None:
    talk.http.timeout = httpx2.Timeout(5, read=0.3)
    with pytest.raises(httpx2.ReadTimeout):
        listed(talk, f"stall={when}")


def test_media_are_spoilt(talk: Talk) -> None:
    """Cut, changed at the same places every time, announced too long, gone; lists are left alone."""
    whole = content(talk).content
    assert content(talk, "truncate=30%").content == whole[: int(len(whole) * 0.3)]
    changed = content(talk, "corrupt=5%").content
    assert len(changed) == len(whole)
    assert changed != whole
    with pytest.raises(httpx2.RemoteProtocolError):
        content(talk, "length=10")
    gone = content(talk, "expired")
    assert (gone.status_code, "expired" in gone.json()["error"]["message"]) == (410, True)
    assert listed(talk, "truncate=30%").json()["object"] == "list"


def test_keyless_media_are_spoilt_too(gateway: MockGateway, contract: Contract) -> None:
    gateway.reset()
    with httpx2.Client() as http:
        talk = Talk(gateway, contract.dialects["kling"], http)
        url = talk.retrieve(talk.create().id).output_urls[0]
        whole = http.get(url).content

        assert (
            http.get(url, headers={FAULT_HEADER: "truncate=50%"}).content
            == whole[: len(whole) // 2]
        )
        assert http.get(url, headers={FAULT_HEADER: "expired"}).status_code == 410
        assert http.get(url, headers={FAULT_HEADER: "?"}).status_code == 400


def test_malformed_json(talk: Talk) -> None:
    reply = listed(talk, "malformed")

    assert reply.status_code == 200
    with pytest.raises(ValueError, match=r".*"):
        reply.json()


def test_script_may_hold_an_incident(talk: Talk) -> None:
    """One retrieval among the others meets it; the job goes on."""
    body = {"model": "sora-2", "prompt": "A kite"}
    script = "queued, !status=503 retry-after=3, 50%, !reset, completed"
    job = talk.call("create", json=body, headers={SCRIPT_HEADER: script}).json()["id"]
    assert talk.retrieve(job).state == "queued"
    failed = talk.call("retrieve", job)
    assert (failed.status_code, failed.headers["retry-after"]) == (503, "3")
    assert talk.retrieve(job).progress == 50
    with pytest.raises(httpx2.TransportError):
        talk.call("retrieve", job)
    assert talk.retrieve(job).state == "completed"


def test_dice_do_not_touch_the_worlds(talk: Talk) -> None:
    """Nobody else's random numbers are used up or set."""
    random.seed(5)
    expected = random.random()
    random.seed(5)
    Incidents(["status=503 rate=0.5"]).due(None, None)

    assert random.random() == expected
