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
