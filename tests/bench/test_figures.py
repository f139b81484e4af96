"""The figures of the benchmark, and its own load generator."""

import asyncio
import json

import pytest

from bench.figures import Figure, as_json, table
from bench.load import _own
from bench.servers import request_bytes


@pytest.mark.parametrize(
    ("value", "ratio", "goal", "met"),
    [
        (3, None, "", None),
        (3, None, ">= 3", True),
        (3, 0.5, ">= 0.6", False),
        (3, 0.5, "<= 0.6", True),
        (1, None, "<= 0", False),
    ],
)
def test_goal_is_of_the_ratio_where_there_is_one(
    value: float, ratio: float | None, goal: str, met: bool | None
) -> None:
    figure = Figure("mock", "GET rate", value, "1/s", ratio, "Starlette", goal)

    assert figure.met is met
    assert ("MISSED" in table([figure])) is (met is False)
    assert json.loads(as_json([figure]))[0]["met"] is met


def test_what_could_not_be_measured_is_shown_and_meets_no_goal() -> None:
    figure = Figure("mock", "Prism: not measured, it ended with 3", None, "", None, "", "<= 1")

    assert figure.met is False
    assert "it ended with 3" in table([figure])
    assert json.loads(as_json([figure]))[0]["value"] is None


@pytest.mark.parametrize(("status", "wrong"), [("200 OK", False), ("500 Oh", True)])
def test_own_load_counts_replies_and_errors(status: str, wrong: bool) -> None:
    """Where wrk is not installed: every reply is counted, and every one that is no success."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok".encode())
        except asyncio.IncompleteReadError:
            writer.close()

    async def measured() -> tuple[int, int]:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            seen = await _own(port, request_bytes("GET", "/"), 0.2)
            return seen.requests, seen.errors

    requests, errors = asyncio.run(measured())
    assert requests > 16
    assert errors == (requests if wrong else 0)


def test_own_load_takes_replies_in_chunks() -> None:
    """Node's servers send them so; a reply is one, however many pieces it comes in."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for piece in (b"2\r\nok\r\n", b"0\r\n\r\n"):
                    await writer.drain()
                    await asyncio.sleep(0.01)
                    writer.write(piece)
        except asyncio.IncompleteReadError:
            writer.close()

    async def measured() -> tuple[int, int, float]:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            seen = await _own(port, request_bytes("GET", "/"), 0.2)
            return seen.requests, seen.errors, seen.p50

    requests, errors, p50 = asyncio.run(measured())
    assert requests >= 16
    assert errors == 0
    assert p50 >= 20
