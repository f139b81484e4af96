"""Free questions at once give the run that they give one after the other."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.gateway import KEY, serving
from conformance.stub_openai import Studio
from vidspec.conformance import Mode, Options, Run, Target, check
from vidspec.conformance.events import Ended, Event, Judged, Sent, Started, Unjudged
from vidspec.contract import Contract, load_contract
from vidspec.mock import faults_of, running


def _told(run: Run) -> list[object]:
    """Return the run without what differs from one to the next: times, ids and random names."""
    plain: list[object] = []
    for event in run.events:
        if isinstance(event, Started | Unjudged):
            plain.append(event)
        elif isinstance(event, Ended):
            plain.append(replace(event, seconds=0.0))
        elif isinstance(event, Judged):
            plain.append((event.requirement, event.ok, event.exchange, event.operation))
        elif isinstance(event, Sent):
            e = event.exchange
            plain.append((e.number, e.operation, e.method, e.status))
    return [*plain, run.footer.counts, run.footer.state]


def _both(dialect: str, mode: Mode, broken: str | None) -> list[Run]:
    contract = load_contract(None, [dialect])
    faults = faults_of(contract.requirements, [broken] if broken else [])
    with running(dialect, contract=contract, faults=faults, job_seconds=0.3) as mock:
        keys = {"access_key": "vidspec", "secret_key": "0123456789"}
        target = Target(mock.base_url, dialect, api_key="sk-0123456789", secrets=keys)
        return [
            check(contract, target, Options(mode, concurrency=n, poll_interval=0.03))
            for n in (1, 6)
        ]


@pytest.mark.parametrize(
    ("dialect", "broken"),
    [
        ("openai", None),
        ("kling", None),
        ("openai", "errors-json"),
        ("kling", "auth-retrieve-refused"),
    ],
)
def test_the_run_is_the_same(dialect: str, broken: str | None) -> None:
    serial, beside = _both(dialect, "free", broken)

    assert _told(serial) == _told(beside)
    assert list(beside.exchanges) == list(range(1, len(beside.exchanges) + 1))
    assert bool(broken) == (broken in beside.having("fail"))


@pytest.mark.parametrize("dialect", ["openai", "kling"])
def test_the_verdicts_are_the_same_with_jobs(dialect: str) -> None:
    serial, beside = _both(dialect, "smoke", None)

    assert serial.outcomes
    assert [(o.requirement, o.verdict) for o in serial.outcomes] == [
        (o.requirement, o.verdict) for o in beside.outcomes
    ]
    assert serial.footer.paid == beside.footer.paid <= 3


@contextmanager
def _counted(app: ASGIApp) -> Iterator[tuple[str, list[int]]]:
    """Serve an application; give its origin and how many requests were inside at each entry."""
    inside, seen, lock = 0, list[int](), threading.Lock()

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal inside
        with lock:
            inside += 1
            seen.append(inside)
        try:
            await asyncio.sleep(0.02)
            await app(scope, receive, send)
        finally:
            with lock:
                inside -= 1

    with serving(counting) as origin:
        yield origin, seen


@pytest.mark.parametrize("at_once", [1, 4])
def test_no_more_than_that_are_under_way(contract: Contract, at_once: int) -> None:
    with _counted(Studio().app()) as (origin, seen):
        target = Target(f"{origin}/v1", "openai", api_key=KEY)
        only = ("errors-", "input-", "create-", "transport-")
        run = check(contract, target, Options("free", only=only, concurrency=at_once))

    assert run.footer.state == "complete"
    assert max(seen) <= at_once
    assert (max(seen) > 1) == (at_once > 1)


def test_an_interruption_leaves_what_was_reached(contract: Contract) -> None:
    def stop_at(event: Event) -> None:
        if isinstance(event, Ended) and event.scenario == "unknown ids":
            raise KeyboardInterrupt

    with serving(Studio().app()) as origin:
        target = Target(f"{origin}/v1", "openai", api_key=KEY)
        run = check(contract, target, Options("free", concurrency=4), stop_at)

    assert run.footer.state == "truncated"
    assert "errors-unknown-id-refused" in run.having("pass")
    assert {o.requirement for o in run.outcomes} == {rule.id for rule in run.header.rules}
