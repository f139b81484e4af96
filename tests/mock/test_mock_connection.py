"""The mock's own connections: the same bytes are answered as uvicorn's own protocol answers them, or better."""

import logging
import random
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from socket import SHUT_WR, SO_LINGER, SO_RCVBUF, SOL_SOCKET

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mock.wires import Echo, Reply, Running, body_of, chunked, get, post, served, until
from vidspec.mock.connection import Connection

LARGE = random.Random(1).randbytes(1_000_000)
H2C = (
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk",
)
GO_ON = "Expect: 100-continue"


@pytest.fixture(scope="module")
def theirs() -> Iterator[Running]:
    """Give a server as uvicorn is."""
    with served(Echo(), HttpToolsProtocol) as one:
        yield one


@pytest.fixture(scope="module", params=[False, True], ids=["task", "at_once"])
def ours(request: pytest.FixtureRequest) -> Iterator[Running]:
    """Give a server with our connections; it must serve to the end, and have nothing left over."""
    with served(Echo(at_once=request.param), Connection) as one:
        yield one
        with one.call() as caller:
            assert caller.is_open()
        until(lambda: not one.server.server_state.tasks)
        until(lambda: not one.server.server_state.connections)


@pytest.fixture
def fresh(ours: Running) -> Running:
    """Give the same server with nothing told."""
    ours.app.told.clear()
    ours.app.go_on.clear()
    return ours


@dataclass
class Case:
    """What is sent, in so many packets, and what for."""

    sent: tuple[bytes, ...]
    methods: tuple[str, ...] = ("GET",)
    stays: bool = True


def case(*sent: bytes, methods: tuple[str, ...] = ("GET",), stays: bool = True) -> Case:
    """Return a case."""
    return Case(sent, methods, stays)


SAME = {
    "get": case(get("/echo?a=b&c=%20")),
    "escaped path": case(get("/echo/%C3%A4%2F%ff?x=%ff")),
    "double slash": case(get("/echo//a//b")),
    "fragment": case(get("/echo/a#b?c")),
    "fragment behind query": case(get("/echo/a?b=c#d")),
    "question marks": case(get("/echo?a?b??")),
    "empty query": case(get("/echo?")),
    "absolute": case(get("http://host:81/echo/a?b#c")),
    "absolute, no fragment": case(get("http://host:81/echo/a?b")),
    "many headers": case(get("/echo", "A: 1", "a: 2", "B:", "C:  x  ", "Cookie: a=b; c=d")),
    "head": case(get("/now", method="HEAD"), methods=("HEAD",)),
    "head of a stream": case(get("/stream", method="HEAD"), methods=("HEAD",)),
    "options": case(get("/echo", method="OPTIONS")),
    "204": case(get("/status/204")),
    "304": case(get("/status/304")),
    "299": case(get("/status/299")),
    "stream": case(get("/stream")),
    "slow stream": case(get("/stream/slow")),
    "stream, then close": case(get("/stream", "Connection: close"), stays=False),
    "close": case(get("/echo", "Connection: close"), stays=False),
    "close in other letters": case(get("/echo", "connection: Close"), stays=False),
    "closed by the application": case(get("/close"), stays=False),
    "1.0": case(get("/echo", version="1.0"), stays=False),
    "1.0 keep-alive": case(get("/echo", "Connection: keep-alive", version="1.0"), stays=False),
    "post": case(post("/echo", b"body")),
    "empty post": case(post("/echo", b"")),
    "large post": case(post("/echo", LARGE)),
    "slow post": case(post("/echo", b"a" * 9)[:-5], b"aa", b"aaa"),
    "early reply": case(post("/now", b"body")),
    "early reply, large body": case(post("/now", LARGE)),
    "chunks": case(chunked("/echo", b"a", b"bc", LARGE)),
    "no chunks": case(chunked("/echo")),
    "extension of a chunk": case(get("/echo", "Transfer-Encoding: chunked", method="POST"), b"3;a=b\r\nabc\r\n0\r\n\r\n"),
    "keep-alive": case(get("/echo/1"), post("/echo/2", b"x"), get("/now/3"), methods=("GET",) * 3),
    "one packet": case(get("/echo/1") + post("/echo/2", b"x") + chunked("/echo/3", b"y") + get("/now/4"), methods=("GET",) * 4),
    "slow one first": case(get("/slow/1") + get("/echo/2") + get("/slow/3") + get("/now/4"), methods=("GET",) * 4),
    "slow one before a head": case(get("/slow/1") + get("/echo/2")[:9], get("/echo/2")[9:], methods=("GET",) * 2),
    "head between": case(get("/now/1") + get("/now/2", method="HEAD") + get("/now/3"), methods=("GET", "HEAD", "GET")),
    "close between": case(get("/slow/1") + get("/echo", "Connection: close") + get("/now/3"), methods=("GET",) * 2, stays=False),
    "lines before": case(b"\r\n\r\n" + get("/echo")),
    "no HTTP": case(b"hello\r\n\r\n", stays=False),
    "TLS": case(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10, stays=False),
    "h2": case(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", stays=False),
    "two lengths": case(get("/echo", "Content-Length: 5", "Transfer-Encoding: chunked", method="POST"), stays=False),
    "bad length": case(get("/echo", "Content-Length: -5", method="POST"), stays=False),
    "bad header": case(get("/echo", "a b: c"), stays=False),
    "bad first chunk": case(get("/echo", "Transfer-Encoding: chunked", method="POST") + b"zz\r\n", stays=False),
    "bad chunk": case(chunked("/echo", b"abc")[:-5] + b"zz\r\n", stays=False),
    "raised": case(get("/raise"), stays=False),
    "nothing replied": case(get("/nothing"), stays=False),
    "too short": case(get("/length/5"), stays=False),
    "broken off": case(get("/late/x"), stays=False),
    "half a reply": case(get("/half"), stays=False),
    "other letters": case(get("/words")),
    "framed by the application": case(get("/framed")),
}  # fmt: skip


def heard(server: Running, one: Case) -> tuple[list[Reply | None], bool]:
    """Return the replies, and whether the connection stays open."""
    with server.call() as caller:
        for n, sent in enumerate(one.sent):
            if n:
                time.sleep(0.005)
            caller.say(sent)
        replies = [caller.hear(method) for method in one.methods]
        for each in replies:
            if each and each.status == 500:  # In other words.
                each.headers.pop("content-type")
        return replies, caller.is_open()


@pytest.mark.parametrize("name", SAME)
def test_same_as_uvicorn(ours: Running, theirs: Running, name: str) -> None:
    """Status, headers, body, and whether the connection goes on."""
    expected = heard(theirs, SAME[name])
    found = heard(ours, SAME[name])

    assert found == expected
    assert found[1] is SAME[name].stays


@pytest.mark.parametrize("body", ["length", "chunks"])
def test_split_at_every_byte(ours: Running, body: str) -> None:
    """Wherever packets end, it is the same request; a whole one stands before and behind it."""
    middle = {
        "length": post("/echo/2?a=b", b"body", "Expect: x"),
        "chunks": chunked("/echo/2?a=b", b"ab", b"c", end=b"trailer: x\r\n\r\n"),
    }[body]
    sent = get("/now/1") + middle + get("/now/3")
    with ours.call() as caller:
        seen = set()
        for at in range(1, len(sent), 1):
            caller.say(sent[:at])
            time.sleep(0.0003)
            caller.say(sent[at:])
            seen.add(tuple(body_of(caller.hear()) for _ in range(3)))

    assert len(seen) == 1


def test_every_byte_is_a_packet(ours: Running) -> None:
    with ours.call() as caller:
        for byte in post("/echo", b"body"):
            caller.say(bytes([byte]))
            time.sleep(0.0003)
        whole = body_of(caller.hear())

    assert b'"body": [4,' in whole


def test_many_small_chunks_cost_as_many_steps(ours: Running) -> None:
    """A body nobody reads yet is not counted anew with each of its pieces: that takes minutes, the caller waits ten seconds."""
    ours.app.go_on.clear()
    sent = chunked("/lazy", *[b"a"] * 100_000, b"b")

    with ours.call() as caller:
        sender = threading.Thread(target=caller.say, args=(sent,))
        sender.start()
        time.sleep(0.2)
        ours.app.go_on.set()
        body = body_of(caller.hear())
        sender.join()

    assert b'"body": [100001,' in body


def test_trailers_are_no_headers(ours: Running) -> None:
    """Nor do they become headers of the request behind."""
    trailers = b"authorization: x\r\nhost: b\r\n\r\n"
    with ours.call() as caller:
        caller.say(chunked("/slow", b"abc", end=trailers) + get("/echo"))
        bodies = body_of(caller.hear()) + body_of(caller.hear())

    assert b"authorization" not in bodies
    assert bodies.count(b'"host"') == 2


@pytest.mark.parametrize("what", ["head", "trailers", "extension"])
def test_endless_heads_are_refused(
    ours: Running, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    """And so is what stands in a body without being one; the refusal is heard though the caller is still sending."""
    begun = get("/echo", "Transfer-Encoding: chunked", method="POST")
    sent = {
        "head": begun[:-2] + b"a: ",
        "trailers": begun + b"0\r\na: ",
        "extension": begun + b"1;a=",
    }[what]
    with ours.call() as caller:
        caller.say(sent, *[b"a" * 65536] * 100)
        found = caller.hear()
        assert found is not None
        assert (found.status, b"too long" in found.body) == (400, True)
        assert caller.rest() == b""
    assert caplog.records == []


def test_flood_of_requests_in_one_packet(ours: Running) -> None:
    """As many as there are, one behind the other: none is answered inside of another."""
    with ours.call() as caller:
        caller.say(get("/now/x") * 5000)
        bodies = {body_of(caller.hear()) for _ in range(5000)}
        assert caller.is_open()

    assert bodies == {b"/now/x"}


@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_told_to_go_on(ours: Running, version: str) -> None:
    """Who asks is told once the application reads; HTTP/1.0 knows no such thing."""
    sent = post("/echo", b"body", GO_ON, version=version)
    with ours.call() as caller:
        caller.say(sent[:-4])
        if version == "1.1":
            going = caller.hear()
            assert going is not None
            assert (going.status, going.headers) == (100, {})
        caller.say(sent[-4:])
        assert b'"body": [4,' in body_of(caller.hear())


def test_not_told_to_go_on_when_refused(ours: Running) -> None:
    with ours.call() as caller:
        found = caller.say(post("/close", LARGE, GO_ON)[: -len(LARGE)]).hear()
        assert found is not None
        assert (found.status, caller.rest()) == (413, b"")


@pytest.mark.parametrize("body", [None, b"body"], ids=["alone", "body"])
def test_offer_of_http2_is_passed_over(ours: Running, body: bytes | None) -> None:
    """As Java's HttpClient makes it; HTTP/1.1 goes on, whatever is in which packet."""
    one = get("/echo", *H2C) if body is None else post("/echo", body, *H2C)
    with ours.call() as caller:
        caller.say(one + one + chunked("/echo", b"abcd", lines=H2C))
        bodies = [body_of(caller.hear()) for _ in range(3)]
        for byte in one:
            caller.say(bytes([byte]))
        bodies.append(body_of(caller.hear()))
        assert caller.is_open()

    wanted = b'"body": [%d,' % len(body or b"")
    assert [wanted in b for b in bodies] == [True, True, body is not None, True]


def test_offer_of_http2_with_an_empty_body_is_whole(ours: Running) -> None:
    """What comes behind is not taken for its body."""
    with ours.call() as caller:
        assert body_of(caller.say(post("/now/1", b"", *H2C)).hear()) == b"/now/1"
        refused = caller.say(b"nonsense\r\n\r\n").hear()

    assert refused is not None
    assert refused.status == 400


def test_strange_targets_reach_the_application(ours: Running) -> None:
    """CONNECT names no path, nor does ``*`` or a host alone; uvicorn refuses two of the three."""
    with ours.call() as caller:
        caller.say(get("host:443", method="CONNECT") + get("*", method="OPTIONS"))
        caller.say(get("http://host:81?b"))
        bodies = [body_of(caller.hear()) for _ in range(3)]
        caller.say(get("/echo/\xff"))
        strange = caller.hear()

    assert b'"raw_path": "host:443"' in bodies[0]
    assert b'"path": "*"' in bodies[1]
    assert b'"path": "/"' in bodies[2]
    assert strange is not None
    assert strange.status in {200, 400}


@pytest.mark.parametrize("first", ["/now/1", "/slow/1"])
def test_malformed_behind_good(ours: Running, first: str) -> None:
    """The good ones are answered first, in full; then comes the refusal."""
    with ours.call() as caller:
        caller.say(get(first) + get("/now/2") + b"nonsense\r\n\r\n", b"more" * 10)
        body_of(caller.hear())
        assert body_of(caller.hear()) == b"/now/2"
        third = caller.hear()
        assert third is not None
        assert (third.status, third.headers["connection"]) == (400, "close")
        assert caller.rest() == b""


@pytest.mark.parametrize("path", ["/now/1", "/late"])
def test_nothing_is_said_into_a_reply(fresh: Running, path: str) -> None:
    """Where a body turns out to be malformed behind its reply, or in the midst of it."""
    fresh.app.go_on.clear()
    begun = get(
        "/now/1" if path == "/now/1" else "/held", "Transfer-Encoding: chunked", method="POST"
    )
    with fresh.call() as caller:
        caller.say(begun + b"1\r\na\r\n")
        time.sleep(0.05)
        caller.say(b"zz\r\n")
        came = caller.rest()
    fresh.app.go_on.set()

    assert came.count(b"HTTP/1.1 ") == 1
    assert b" 400 " not in came


def test_app_hears_that_its_request_was_none(fresh: Running) -> None:
    with fresh.call() as caller:
        caller.say(chunked("/echo", b"abc")[:-5])
        time.sleep(0.05)
        caller.say(b"zz\r\n")
        found = caller.hear()
        assert found is not None
        assert found.status == 400
        until(lambda: fresh.app.told == ["gone"])


def test_upload_refused_early_hears_why(ours: Running, caplog: pytest.LogCaptureFixture) -> None:
    """Though it goes on meanwhile, more than fits into any buffer: a plain close would cut the reply off."""
    with ours.call() as caller:
        caller.say(post("/close", LARGE * 20))
        found = caller.hear()
        assert found is not None
        assert (found.status, found.body) == (413, b"refused")
        for _ in range(3):
            caller.socket.sendall(get("/now"))  # Raises where the connection was reset.
            time.sleep(0.01)
        assert caller.rest() == b""
    assert caplog.records == []


def test_upload_waits_for_a_slow_app(fresh: Running) -> None:
    """Nothing is taken from the network that nobody reads."""
    upload = post("/lazy", LARGE * 20)
    with fresh.call() as caller:
        sent = caller.flood(upload)
        connection = fresh.connection()
        assert connection._turn._size < 1_000_000
        fresh.app.go_on.set()
        caller.socket.sendall(upload[sent:])
        assert b'"body": [20000000,' in body_of(caller.hear())


def test_requests_wait_for_slow_ones(fresh: Running) -> None:
    """Who sends request upon request fills no queue, nor does each reply let in more of them."""
    with fresh.call() as caller:
        caller.say(get("/slow") * 20)
        caller.flood(get("/now/x") * 400_000)
        assert len(fresh.connection()._queue) < 40_000


def test_reply_waits_for_a_slow_reader(fresh: Running) -> None:
    """The application is held up, and goes on as it is read."""
    caller = fresh.call()
    with caller:
        caller.socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 65536)
        caller.say(get("/large") + get("/now/behind"))
        until(lambda: fresh.app.told)
        time.sleep(0.2)
        connection = fresh.connection()
        assert connection.transport.get_write_buffer_size() < 300_000
        assert fresh.app.told[-1] < 190
        assert len(body_of(caller.hear())) == 200 * 65536
        assert body_of(caller.hear()) == b"/now/behind"


def test_head_does_not_wait_for_the_body(fresh: Running) -> None:
    with fresh.call() as caller:
        caller.say(get("/held"))
        assert b"content-length: 2" in caller.socket.recv(65536)
        fresh.app.go_on.set()
        assert caller.socket.recv(65536) == b"ok"


def test_unknown_length_in_http_1_0_lasts_until_the_end(ours: Running) -> None:
    with ours.call() as caller:
        found = caller.say(get("/stream", version="1.0")).hear()

    assert found == Reply(200, {"server": "uvicorn", "connection": "close"}, b"012!")


@pytest.mark.parametrize("how", ["closed", "reset", "half"])
@pytest.mark.parametrize("path", ["/echo", "/wait", "/large"])
def test_caller_leaves(
    fresh: Running, caplog: pytest.LogCaptureFixture, path: str, how: str
) -> None:
    """The application is told where it waits; that somebody leaves is no error."""
    caller = fresh.call()
    if path == "/echo":
        caller.say(post(path, b"abc")[:-1])
    else:
        caller.say(get(path))
    if path == "/large":
        until(lambda: fresh.app.told)
    time.sleep(0.05)
    if how == "half":
        caller.socket.shutdown(SHUT_WR)
        time.sleep(0.05)
    elif how == "reset":
        caller.socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    caller.socket.close()

    until(lambda: fresh.app.told and fresh.app.told[-1] in {"gone", "ConnectionResetError"})
    until(lambda: not fresh.server.server_state.tasks)
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_half_closed_behind_what_is_answered_at_once() -> None:
    """``nc -N`` and its like hear the replies to all that was there (a task would begin too late)."""
    with served(Echo(at_once=True), Connection) as one, one.call() as caller:
        caller.say(get("/now/1") * 3)
        caller.socket.shutdown(SHUT_WR)
        assert caller.rest().count(b"/now/1") == 3


def test_raised_behind_the_reply_ends_no_connection(
    ours: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """The reply is whole: the fault is logged, and the next request is answered."""
    with ours.call() as caller:
        caller.say(get("/after") + get("/slow"))
        assert body_of(caller.hear()) == b"whole"
        body_of(caller.hear())
        assert caller.is_open()

    assert [r.message for r in caplog.records] == ["Exception in ASGI application"]


@pytest.mark.parametrize(
    "path", ["/split/cr", "/split/lf", "/split/both", "/split/name", "/length/1"]
)
def test_impossible_reply_is_a_500(
    ours: Running, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """A header with the end of a line in it never leaves; what can still be said is said."""
    with ours.call() as caller:
        found = caller.say(get(path)).hear()
        assert caller.rest() == b""

    assert found is not None
    assert (found.status, found.body) == (500, b"Internal Server Error")
    assert set(found.headers) == {"server", "content-type", "content-length", "connection"}
    assert len(caplog.records) == 1


def test_waiting_twice_at_a_time_fails_loudly(fresh: Running) -> None:
    """Else one of the two would wait for ever."""
    with fresh.call() as caller:
        assert b"twice at a time" in body_of(caller.say(get("/twice")).hear())
        until(lambda: fresh.app.told == ["http.disconnect"])


def test_context_is_each_requests_own(ours: Running) -> None:
    """Also behind a task that took over a connection's reading, and in the same packet."""
    with ours.call() as caller:
        sent = [get("/context/slow") * 3, post("/context/b", LARGE), get("/context/c") * 3]
        for each in sent:
            caller.say(each)
        caller.say(get("/context/slow"))
        bodies = {body_of(caller.hear()) for _ in range(8)}
        caller.say(get("/context/d"))
        bodies.add(body_of(caller.hear()))

    assert bodies == {b"nothing"}
