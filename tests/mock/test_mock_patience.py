"""How long the mock's own connections wait: for heads, bodies and further requests, and at the end for replies."""

import random
import time
from collections.abc import Iterator
from socket import socketpair

import pytest

from mock.wires import Caller, Echo, Reply, Running, body_of, get, post, served, until
from vidspec.mock.connection import Connection

LARGE = random.Random(1).randbytes(1_000_000)


class Hasty(Connection):
    """Waits not half as long."""

    seconds = 0.2


@pytest.fixture(scope="module", params=[False, True], ids=["task", "at_once"])
def hasty(request: pytest.FixtureRequest) -> Iterator[Running]:
    """Give a server that waits 0.2 seconds in requests, 0.4 between them."""
    with served(Echo(at_once=request.param), Hasty, timeout_keep_alive=0.4) as one:
        yield one


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        ((), []),
        ((b"\r\n",), []),
        ((get("/now"), b"\r\n"), [200]),
        ((get("/now")[:-2],), [400]),
        ((get("/now") + get("/now")[:9],), [200, 400]),
        ((get("/slow") + get("/now")[:9],), [200, 400]),
        ((post("/echo", b"abc")[:-1],), [500]),
        ((get("/now") + post("/echo", b"abc")[:-1],), [200, 500]),
        ((post("/now", b"abc")[:-1],), [200]),
        ((get("/slow"), get("/slow")), [200, 200]),
    ],
    ids=[
        "nothing", "line", "line behind", "head", "head behind", "head behind a slow one", "body",
        "body behind", "body that nobody reads", "between",
    ],
)  # fmt: skip
def test_silence_ends(hasty: Running, sent: tuple[bytes, ...], statuses: list[int]) -> None:
    """Whatever was begun and does not go on; the application that waits is told by a ServiceError."""
    with hasty.call() as caller:
        for each in sent:
            caller.say(each)
        found = list(iter(caller.hear, None))

    assert [one.status for one in found if one] == statuses


def test_silence_of_the_application_is_its_own(hasty: Running) -> None:
    """A caller that waits is not silent, whoever is behind in the queue."""
    hasty.app.go_on.clear()
    with hasty.call() as caller:
        caller.say(get("/held") + get("/now/2") + get("/now/3")[:9])
        time.sleep(0.02)
        caller.say(get("/now/3")[9:20])  # Nothing is read any more.
        time.sleep(0.5)
        hasty.app.go_on.set()
        assert body_of(caller.hear()) == b"ok"
        assert body_of(caller.hear()) == b"/now/2"
        caller.say(get("/now/3")[20:])
        assert body_of(caller.hear()) == b"/now/3"


def test_no_head_is_late_while_requests_go_on(hasty: Running) -> None:
    """Packets that end in the midst of a head each time, for longer than one head may take."""
    one = get("/now/x")
    with hasty.call() as caller:
        caller.say(one[:9])
        for _ in range(8):
            time.sleep(0.04)
            caller.say(one[9:] + one[:9])
            assert body_of(caller.hear()) == b"/now/x"


def test_head_that_trickles_is_refused(hasty: Running) -> None:
    """It has its time as a whole, not each of its bytes."""
    with hasty.call() as caller:
        for byte in get("/now"):
            caller.say(bytes([byte]))
            time.sleep(0.02)
        found = caller.hear()

    assert found is not None
    assert (found.status, b"in time" in found.body) == (400, True)


def test_unfinished_request_is_not_idle() -> None:
    """A head that began, or a body that nobody reads, has more time than there is between requests."""
    with served(Echo(), Connection, timeout_keep_alive=0.1) as one, one.call() as caller:
        caller.say(get("/slow") + get("/now/2")[:9])
        body_of(caller.hear())
        time.sleep(0.25)
        caller.say(get("/now/2")[9:] + post("/now/3", b"abc")[:-1])
        assert [body_of(caller.hear()) for _ in range(2)] == [b"/now/2", b"/now/3"]
        time.sleep(0.25)
        assert caller.say(b"c").is_open()


def test_lingering_ends(hasty: Running) -> None:
    """Who goes on sending behind the end is not listened to for ever."""
    with hasty.call() as caller:
        caller.say(post("/close", LARGE)[:-500_000])
        assert caller.hear() is not None
        until(lambda: not hasty.server.server_state.connections)


@pytest.mark.parametrize("at_once", [False, True], ids=["task", "at_once"])
def test_shutdown_waits_for_replies(at_once: bool) -> None:
    with served(Echo(at_once=at_once), Connection) as one:
        idle, busy = one.call(), one.call()
        idle.say(get("/now"))
        assert idle.hear() is not None
        busy.say(get("/held"))
        until(lambda: one.server.server_state.tasks)
        one.server.should_exit = True
        assert idle.rest() == b""
        one.app.go_on.set()
        assert body_of(busy.hear()) == b"ok"
        assert busy.rest() == b""
        for caller in (idle, busy):
            caller.socket.close()


@pytest.mark.parametrize("at_once", [False, True], ids=["task", "at_once"])
def test_stuck_application_is_cancelled(at_once: bool) -> None:
    """Also where its first step was outside of the task; its caller is not left waiting."""
    with served(Echo(at_once=at_once), Connection, timeout_graceful_shutdown=0.1) as one:
        with one.call() as caller:
            caller.say(get("/stuck"))
            until(lambda: one.app.told)
            one.server.should_exit = True
            assert caller.hear() is None
        one.thread.join(10)
        assert one.app.told == ["begun", "cancelled"]
        assert not one.server.server_state.tasks


def test_caller_reads_replies() -> None:
    """The caller of these tests notices what is not whole."""
    here, there = socketpair()
    there.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n")
    there.close()
    with Caller(here) as caller:
        found = caller.hear()

    assert found == Reply(200, {"transfer-encoding": "chunked"}, b"a", whole=False)
